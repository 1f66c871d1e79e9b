"""The pages of exports in a real browser: the list, a job with its progress, schedules, and the check of a file."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from reports.export_files import finished
from reports.export_jobs import execute, request_export
from reports.models import ExportJob, ExportSchedule, ExportState
from tests.browser.accessible import overflow, violations
from tests.browser.conftest import Site
from tests.customers.pages.world import AS_OF

pytestmark = pytest.mark.browser
SCREENS = ((1440, False), (1440, True), (390, False), (390, True))


@pytest.fixture
def job(site: Site, settings, tmp_path: Path) -> ExportJob:
    """An export of the orders that is made."""
    settings.STATE_DIR = tmp_path
    user = User.objects.get(username="ana")
    made = request_export(user, report="orders", question={"sort": "order_count"}, as_of=AS_OF, form="csv")
    execute(made.pk)
    return ExportJob.objects.get(pk=made.pk)


def wrongs(page: Page) -> list[str]:
    """What is wrong with the page that is open, on a desk and on a phone, light and dark."""
    found = []
    for width, dark in SCREENS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        found += violations(page)
        if overflow(page) > 0:
            found.append(f"{page.url} scrolls sideways by {overflow(page)} pixels at {width}")
    return found


def unfinished(job: ExportJob, **changes: object) -> ExportJob:
    """Another export that is not made yet."""
    other = ExportJob.objects.get(pk=job.pk)
    other.pk, other.file, other.size, other.expires_at, other.finished_at = None, "", 0, None, None
    for name, value in changes.items():
        setattr(other, name, value)
    other.save()
    return other


def test_pages_of_exports_are_accessible_quiet_and_fit_a_phone(site: Site, job: ExportJob) -> None:
    assert job.state == ExportState.DONE
    running = unfinished(job, state=ExportState.RUNNING, rows_total=200_000, rows_done=61_000)
    waiting = unfinished(job, state=ExportState.WAITING)
    failed = unfinished(job, state=ExportState.FAILED, error="The file could not be written: No space left on device.")
    user = User.objects.get(username="ana")
    for number, (report, frequency) in enumerate((("orders", "daily"), ("rfm", "weekly"), ("gone-report", "monthly"))):
        ExportSchedule.objects.create(
            owner=user,
            report=report,
            question={},
            format="xlsx",
            frequency=frequency,
            delivery="app",
            active=number < 2,
            paused_because="" if number < 2 else "There is no report gone-report any more for ana.",
        )
    page = site.open("/reports/exports/")
    wrong = wrongs(page)
    for path in (f"{job.pk}/", f"{running.pk}/", f"{waiting.pk}/", f"{failed.pk}/", "schedules/", "check/"):
        page.goto(f"{site.url}/reports/exports/{path}")
        assert page.locator("h1").count() == 1
        wrong += wrongs(page)
    assert wrong + site.complaints == []


def test_a_page_follows_the_progress_of_its_job_to_the_file(site: Site, job: ExportJob) -> None:
    running = unfinished(job, state=ExportState.RUNNING, rows_total=200, rows_done=50)
    page = site.open(f"/reports/exports/{running.pk}/")
    expect(page.locator("progress")).to_have_attribute("value", "25")
    ExportJob.objects.filter(pk=running.pk).update(rows_done=150)
    expect(page.locator("progress")).to_have_attribute("value", "75", timeout=15_000)
    ExportJob.objects.filter(pk=running.pk).update(
        state=ExportState.DONE, rows_done=200, file=job.file, size=job.size, expires_at=job.expires_at
    )
    expect(page.locator("text=Download").first).to_be_visible(timeout=15_000)
    assert site.complaints == []


def test_a_file_that_was_altered_is_told_cell_by_cell(site: Site, job: ExportJob, tmp_path: Path) -> None:
    path = finished(job)
    assert path is not None
    page = site.open("/reports/exports/check/")
    for name, altered in (("as-made.csv", False), ("altered.csv", True)):
        text = path.read_text(encoding="utf-8-sig")
        copy = tmp_path / name
        copy.write_text(text.replace("Kestrel", "Kestral", 1) if altered else text, encoding="utf-8")
        page.set_input_files("[name=file]", copy)
        page.select_option("[name=export]", str(job.pk))
        page.click("button:has-text('Check')")
        expect(page.locator("#result-h")).to_have_text(
            "The file was altered" if altered else "The file is as it was made"
        )
        assert wrongs(page) == []
    assert "Kestral" in page.locator("table").first.inner_text()
    assert site.complaints == []
