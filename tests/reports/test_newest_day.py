"""A report that cannot know a past day refuses it in words, wherever it is asked for; all others give its figures."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from customers.models import CustomerRollup, RollupDay
from reports.asking import read_question
from reports.catalogue import get_report, reports
from reports.export_jobs import execute, request_export
from reports.models import ExportJob
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.conftest import EARLIER

NEWEST_ONLY = ("product-groups", "customer-years", "cohorts")


@pytest.fixture(autouse=True)
def _files(tmp_path: Any, settings: Any) -> None:
    settings.STATE_DIR = str(tmp_path)


@pytest.mark.parametrize("name", NEWEST_ONLY)
def test_the_figures_of_today_never_stand_under_the_name_of_a_past_day(world: World, cast: Cast, name: str) -> None:
    with pytest.raises(CommandError, match=r"cannot be made of .*\. Take it of .*, the newest day"):
        call_command("export", name, "--as-of", EARLIER.isoformat())
    user: Any = cast.analyst.get("/").wsgi_request.user
    job = request_export(user, report=name, question={}, as_of=EARLIER, form="csv")
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, "cannot be made of" in job.error) == ("failed", True)
    assert cast.analyst.get(f"/reports/{name}/").status_code == 200


def test_a_file_of_yesterday_is_compared_with_today_alone(world: World, cast: Cast) -> None:
    answer: Any = cast.analyst.get(reverse("reports:export", args=["product-groups", "csv"]))
    content = b"".join(answer)
    ExportJob.objects.update(as_of=EARLIER)
    file = SimpleUploadedFile(f"product-groups-{ExportJob.objects.get().pk}.csv", content)
    past, today = cast.analyst.post(reverse("reports:check"), {"file": file}).context["checked"].comparisons
    assert "cannot be made of" in past.note
    assert "filters" not in past.note
    assert (today.day, today.note, today.count) == (AS_OF, "", 0)


def test_every_other_report_answers_from_the_figures_of_the_day_that_is_asked(world: World) -> None:
    """Whatever stands in the figures of today alone may not reach a file of the earlier day."""
    before = {}
    for name in [name for name in reports() if not reports()[name].newest_only]:
        before[name] = _written(name)
    CustomerRollup.objects.filter(as_of=AS_OF).delete()
    RollupDay.objects.filter(as_of=AS_OF).update(current=False)
    RollupDay.objects.filter(as_of=EARLIER).update(current=True)
    same = [name for name in before if _written(name) == before[name]]
    assert len(before) == len(reports()) - len(NEWEST_ONLY)
    # On the newest day the list of RFM segments has a further column.
    assert set(before) - set(same) <= {"rfm"}


def _written(name: str) -> list[Any]:
    report = get_report(name)
    given = {"to": EARLIER.isoformat()} if name.startswith("movement") else {}
    return [row.cells for row in report.answer(read_question(report, given, user=None, as_of=EARLIER)).rows.stream()]
