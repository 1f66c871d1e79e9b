"""Exports that are made again: when they are due, where they go, and what stops them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from customers.models import RollupDay
from reports.export_jobs import execute, request_export
from reports.export_schedule import is_due, last_wanted, make_due, tick
from reports.models import ExportJob, ExportSchedule
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 8, 0, tzinfo=UTC)
FORM = {"report": "orders", "format": "csv", "frequency": "daily", "delivery": "app", "weekday": "0", "month_day": "1"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    """A configuration with a folder for scheduled exports."""
    settings.STATE_DIR = str(tmp_path / "state")
    (tmp_path / "scheduled").mkdir()
    path = tmp_path / "hub.toml"
    text = (ROOT / "hub.toml").read_text(encoding="utf-8").replace('folder = "" ', 'folder = "scheduled" ')
    path.write_text(text, encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    return tmp_path / "scheduled"


def scheduled(cast: Cast, **changes: str) -> ExportSchedule:
    answer = cast.analyst.post(reverse("reports:schedules"), FORM | changes)
    assert answer.status_code == 302, answer.text
    return ExportSchedule.objects.latest("id")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"month_day": "0001999999"}, "The day of the month must be between 1 and 31"),
        ({"month_day": "00015"}, "The day of the month must be between 1 and 31"),
        ({"month_day": "٣"}, "The day of the month must be between 1 and 31"),
        ({"weekday": "7"}, "The day of the week must be between 0 and 6"),
        ({"report": "abc", "query": "a=90&b=50"}, "A must end below B"),
        ({"report": "receivables", "query": f"day={AS_OF}"}, f"“Figures of” is held to {AS_OF}"),
        ({"report": "movement", "query": f"to={AS_OF}"}, f"“To” is held to {AS_OF}"),
    ],
)
def test_what_could_never_work_or_would_stand_still_is_refused_in_words(
    world: World, cast: Cast, form: dict[str, str], words: str
) -> None:
    answer = cast.analyst.post(reverse("reports:schedules"), FORM | form)
    assert (answer.status_code, words in answer.context["problem"]) == (400, True), answer.context["problem"]
    assert not ExportSchedule.objects.exists()


@pytest.mark.parametrize(
    ("frequency", "weekday", "month_day", "today", "expected"),
    [
        ("daily", 0, 1, date(2026, 11, 23), date(2026, 11, 23)),
        ("weekly", 0, 1, date(2026, 11, 23), date(2026, 11, 23)),
        ("weekly", 4, 1, date(2026, 11, 23), date(2026, 11, 20)),
        ("monthly", 0, 31, date(2026, 2, 28), date(2026, 2, 28)),
        ("monthly", 0, 31, date(2028, 2, 28), date(2028, 1, 31)),
        ("monthly", 0, 15, date(2026, 1, 3), date(2025, 12, 15)),
    ],
)
def test_the_day_on_which_it_was_last_wanted(frequency, weekday, month_day, today, expected) -> None:
    schedule = ExportSchedule(frequency=frequency, weekday=weekday, month_day=month_day)
    assert last_wanted(schedule, today) == expected
    schedule.last_day = expected
    assert not is_due(schedule, today)
    schedule.last_day = expected - timedelta(days=1)
    assert is_due(schedule, today)


def test_it_is_made_once_a_day_after_the_figures_of_that_day(world: World, cast: Cast, place: Path) -> None:
    scheduled(cast, delivery="folder", query="sort=name&order=asc")
    ExportSchedule.objects.update(created_at=NOW - timedelta(days=3))
    assert make_due(NOW + timedelta(days=1)) == [], "there are no figures of tomorrow"
    assert tick(NOW) == ["export orders"]
    assert tick(NOW) == []
    job = ExportJob.objects.get()
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    (file,) = place.iterdir()
    assert file.name == job.file_name
    assert file.read_text(encoding="utf-8-sig").count("\n") == job.rows_done + 2
    RollupDay.objects.filter(current=True).update(current=False)
    RollupDay.objects.create(as_of=AS_OF + timedelta(days=1), current=True, completed_at=NOW)
    assert make_due(NOW + timedelta(days=1)) == ["export orders"]


def test_a_folder_that_cannot_be_written_leaves_the_file_in_the_app(world: World, cast: Cast, place: Path) -> None:
    schedule = scheduled(cast, delivery="folder")
    place.rmdir()
    place.write_text("no folder", encoding="utf-8")
    cast.analyst.post(reverse("reports:change_schedule", args=[schedule.pk]), {"do": "run"})
    job = ExportJob.objects.get()
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, "could not be written" in job.error) == ("done", True)


def test_it_is_mailed_with_the_file(world: World, cast: Cast, settings: Any) -> None:
    settings.MAIL_CONFIGURED = True
    User.objects.filter(username=cast.analyst.get("/").wsgi_request.user.username).update(
        email="iris@northgate.example"
    )
    schedule = scheduled(cast, delivery="mail", format="xlsx")
    cast.analyst.post(reverse("reports:change_schedule", args=[schedule.pk]), {"do": "run"})
    job = ExportJob.objects.get()
    execute(job.pk)
    (message,) = mail.outbox
    name, content, _kind = message.attachments[0]
    assert (name, bytes(content)[:2]) == (job.file_name, b"PK")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda user: User.objects.filter(pk=user.pk).update(is_active=False), "iris was deactivated"),
        (lambda user: user.groups.clear(), "iris may not export"),
        (lambda user: user.delete(), "owner was deleted"),
    ],
)
def test_whoever_left_gets_nothing_and_the_schedule_says_why(
    world: World, cast: Cast, change: Any, reason: str
) -> None:
    schedule = scheduled(cast)
    ExportSchedule.objects.update(created_at=NOW - timedelta(days=3))
    change(User.objects.get(username="iris"))
    assert make_due(NOW) == []
    schedule.refresh_from_db()
    assert (schedule.active, reason in schedule.paused_because) == (False, True)
    assert reason in cast.administrator.get(reverse("reports:schedules")).text
    assert not ExportJob.objects.exists()


def test_it_is_paused_resumed_run_and_deleted_by_its_owner_alone(world: World, cast: Cast) -> None:
    schedule = scheduled(cast)
    url = reverse("reports:change_schedule", args=[schedule.pk])
    ExportSchedule.objects.update(created_at=NOW - timedelta(days=3))
    cast.analyst.post(url, {"do": "pause"})
    assert make_due(NOW) == []
    assert "Paused by iris" in cast.analyst.get(reverse("reports:schedules")).text
    cast.analyst.post(url, {"do": "resume"})
    assert make_due(NOW) == ["export orders"]
    other = User.objects.create_user("other")
    other.groups.add(User.objects.get(username="iris").groups.get())
    cast.anonymous.force_login(other)
    assert cast.anonymous.post(url, {"do": "delete"}).status_code == 404
    assert cast.owner.post(url, {"do": "delete"}).status_code == 403
    cast.analyst.post(url, {"do": "delete"})
    assert not ExportSchedule.objects.exists()
    assert ExportJob.objects.get().schedule is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"report": "nonsense"}, "Choose one of the reports"),
        ({"format": "exe"}, "Choose a format"),
        ({"delivery": "mail"}, "Choose a delivery"),
        ({"month_day": "99999999999999999999"}, "between 1 and 31"),
        ({"report": "segmentation", "query": "large=abc"}, "is no number"),
    ],
)
def test_what_cannot_be_scheduled_is_said(world: World, cast: Cast, changes: dict[str, str], words: str) -> None:
    answer = cast.analyst.post(reverse("reports:schedules"), FORM | changes)
    assert (answer.status_code, words in answer.text) == (400, True)
    assert not ExportSchedule.objects.exists()


@pytest.mark.parametrize("name", ["all", "exports"])
def test_a_pause_of_everything_or_of_exports_holds_scheduled_ones_only(
    world: World, cast: Cast, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule = scheduled(cast)
    ExportSchedule.objects.update(created_at=NOW - timedelta(days=3))
    # Asked for before the pause, so that it waits.
    cast.analyst.post(reverse("reports:change_schedule", args=[schedule.pk]), {"do": "run"})
    ExportSchedule.objects.update(last_day=None)
    call_command("schedule", pause=name, reason="Stocktaking")
    assert "Stocktaking" in cast.administrator.get(reverse("schedule")).text
    assert make_due(NOW) == []
    waiting = ExportJob.objects.get()
    execute(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    for page in (reverse("reports:schedules"), reverse("reports:export_job", args=[waiting.pk])):
        assert "Stocktaking" in cast.analyst.get(page).text
    own = request_export(User.objects.get(username="iris"), report="orders", question={}, as_of=AS_OF, form="csv")
    execute(own.pk)
    own.refresh_from_db()
    assert own.state == "done", "what somebody asks for is made all the same"
    call_command("schedule")
    assert "Paused" in next(line for line in capsys.readouterr().out.splitlines() if line.startswith("exports"))
    answer = cast.administrator.post(reverse("schedule_resume"), {"name": name})
    assert answer.status_code == 302
    assert make_due(NOW) == ["export orders"], "what came due is made once"
    assert make_due(NOW) == []
    execute(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == "done"
