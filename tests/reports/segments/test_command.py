"""Saved segments on the command line: by number or by name, those shared, or a login's own; and on a schedule."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone

from customers.models import CustomerRollup, RollupDay
from integration_hub.schedule import local_day
from reports.export_jobs import execute
from reports.export_schedule import make_due
from reports.models import ExportJob, ExportSchedule, ExportState
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.segments.test_builder import saved


def exported(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    call_command("export", *arguments)
    return list(csv.reader(StringIO(capsys.readouterr().out.lstrip("\ufeff"))))


def test_a_segment_is_exported_by_number_or_name_as_its_readers_see_it(
    world: World, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = saved(cast.analyst, shared="on", name="Late payers")
    late = CustomerRollup.objects.filter(as_of=AS_OF, overdue_amount__gt=100)
    by_number = exported(capsys, f"segment:{shared.pk}")
    assert len(by_number) > late.count() > 1
    for name in ("segment:late PAYERS", f"segment-{shared.pk}"):
        assert [row for row in exported(capsys, name) if row[0] != "Made at (UTC)"] == [
            row for row in by_number if row[0] != "Made at (UTC)"
        ]
    listed = StringIO()
    call_command("export", "--list", stdout=listed)
    assert f"segment:{shared.pk}: Late payers" in listed.getvalue()
    assert "invoices: " in listed.getvalue()


def test_a_private_segment_is_there_for_its_owner_alone(
    world: World, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = saved(cast.analyst, name="Mine alone")
    with pytest.raises(CommandError, match="There is no report 'segment:Mine alone'; there are: segmentation"):
        call_command("export", "segment:Mine alone")
    assert exported(capsys, "segment:Mine alone", "--user", "iris")
    saved(cast.administrator, shared="on", name="Twice")
    saved(cast.analyst, shared="on", name="Twice")
    with pytest.raises(CommandError, match=r"2 segments are called 'Twice': name one of segment:\d+, segment:\d+"):
        call_command("export", "segment:Twice")
    _ = cast.owner
    with pytest.raises(CommandError, match="The login ana may not export"):
        call_command("export", f"segment:{mine.pk}", "--user", "ana")
    with pytest.raises(CommandError, match="There is no login zoe"):
        call_command("export", "--list", "--user", "zoe")


def test_a_segment_is_exported_on_a_schedule(world: World, cast: Cast) -> None:
    segment = saved(cast.analyst, name="Every day")
    answer = cast.analyst.get(reverse("reports:schedules"))
    assert f'value="segment-{segment.pk}"' in answer.text
    assert "Every day" in answer.text
    now = timezone.now()
    RollupDay.objects.filter(current=True).update(current=False)
    RollupDay.objects.create(as_of=local_day(now), current=True, completed_at=now)
    schedule = ExportSchedule.objects.create(
        owner=User.objects.get(username="iris"),
        report=f"segment-{segment.pk}",
        question={},
        format="csv",
        frequency="daily",
        delivery="app",
        last_day=local_day(now) - timedelta(days=1),
    )
    assert make_due(now) == [f"export segment-{segment.pk}"]
    job = ExportJob.objects.get(schedule=schedule)
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (ExportState.DONE, "")
    # Another's private segment is nothing for a schedule.
    other = ExportSchedule.objects.create(
        owner=User.objects.get(username="iris"),
        report=f"segment-{saved(cast.administrator, name='Theirs').pk}",
        question={},
        format="csv",
        frequency="daily",
        delivery="app",
        last_day=local_day(now) - timedelta(days=1),
    )
    make_due(now)
    other.refresh_from_db()
    assert not other.active
    assert "no report" in other.paused_because
