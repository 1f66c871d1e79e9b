"""Exports in the background: asked for, made once whatever dies, told, downloaded by whom they belong to, expired."""

import csv
import io
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import CustomerView
from reports import export_schedule, export_views
from reports.export_files import PART, folder
from reports.export_jobs import execute, request_export
from reports.models import ExportJob, ExportState
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.reports.world import DAY, add_customer, open_day

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import django, sys
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from reports.export_jobs import execute
execute(int(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, settings: Any) -> Path:
    """A folder of files for this test alone."""
    settings.STATE_DIR = str(tmp_path)
    return folder()


@pytest.fixture
def small(tmp_path: Path, settings: Any) -> None:
    """Whatever has more than one row is large."""
    text = (ROOT / "hub.toml").read_text(encoding="utf-8").replace("csv_rows = 200_000", "csv_rows = 1")
    path = tmp_path / "hub.toml"
    path.write_text(text.replace("xlsx_rows = 20_000", "xlsx_rows = 1"), encoding="utf-8")
    settings.HUB_CONFIG = str(path)


def asked(cast: Cast, kind: str = "csv", query: str = "sort=name&order=asc") -> ExportJob:
    answer = cast.analyst.post(f"{reverse('reports:export', args=['orders', kind])}?{query}")
    assert answer.status_code == 302
    return ExportJob.objects.latest("id")


def content_of(client: Client, job: ExportJob) -> bytes:
    answer: Any = client.get(reverse("reports:export_file", args=[job.pk]))
    assert answer.status_code == 200
    return b"".join(answer)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_large_export_is_made_by_the_worker_and_is_the_file_of_the_page(
    world: World, cast: Cast, small: None, kind: str
) -> None:
    url = f"{reverse('reports:export', args=['orders', kind])}?sort=name&order=asc"
    refused = cast.analyst.get(url)
    assert (refused.status_code, "made in the background" in refused.text) == (409, True)
    page = cast.analyst.get("/reports/orders/?sort=name&order=asc")
    assert f'action="{reverse("reports:export", args=["orders", kind])}?sort=name' in page.text
    job = asked(cast, kind)
    assert asked(cast, kind).pk == job.pk, "fifty clicks make one export"
    waiting = cast.analyst.get(reverse("reports:export_job", args=[job.pk])).text
    assert "Waiting" in waiting
    assert cast.analyst.get(reverse("reports:export_file", args=[job.pk])).status_code == 410
    execute(job.pk)
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.rows_done, job.rows_total) == ("done", 1, 4, 4)
    assert "1 export ready" in cast.analyst.get("/").text.replace("\u00a0", " ")
    assert "The file is ready" in cast.analyst.get(reverse("reports:export_job", args=[job.pk])).text
    assert "export ready" not in cast.analyst.get("/").text
    content = content_of(cast.analyst, job)
    if kind == "csv":
        names = [line[0] for line in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        names = [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
        about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
        assert (about["Export"], about["Control sum"]) == (str(job.pk), job.control_sum)
    rows = [row.name for row in page.context["page"].listing.rows]
    assert names == ["Customer", *rows, "Total of 4 rows"]
    assert not list(folder().glob(f"*{PART}"))
    assert CustomerView.objects.filter(page="export").count() == 4


def test_a_file_belongs_to_its_maker_and_administrators_and_expires(world: World, cast: Cast) -> None:
    job = asked(cast)
    execute(job.pk)
    other = User.objects.create_user("nosy")
    other.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    nosy = Client()
    nosy.force_login(other)
    names = ("export_job", "export_state", "export_file", "export_about")
    for name in names:
        url = reverse(f"reports:{name}", args=[job.pk])
        missing = nosy.get(reverse(f"reports:{name}", args=[987654]))
        found = nosy.get(url)
        assert (found.status_code, found.content) == (404, missing.content), name
        assert cast.owner.get(url).status_code == 404, name
        assert cast.administrator.get(url).status_code == 200, name
    assert "Exports of everybody" in cast.administrator.get("/reports/exports/?who=all").text
    assert job.control_sum[:12] in cast.administrator.get("/reports/exports/?who=all").text
    assert "iris" not in nosy.get("/reports/exports/?who=all").text
    about = cast.analyst.get(reverse("reports:export_about", args=[job.pk])).content.decode("utf-8-sig")
    job.refresh_from_db()
    assert dict(csv.reader(io.StringIO(about)))["Control sum"] == job.control_sum
    User.objects.get(username="iris").groups.clear()
    assert cast.analyst.get(reverse("reports:export_file", args=[job.pk])).status_code == 404, "a right that was lost"
    User.objects.get(username="iris").groups.add(Group.objects.get(name="Analysts"))
    export_schedule.forget(timezone.now() + timedelta(hours=73))
    gone = cast.analyst.get(reverse("reports:export_file", args=[job.pk]))
    assert (gone.status_code, "This link has expired" in gone.text) == (410, True)
    assert list(folder().iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda user: User.objects.filter(pk=user.pk).update(is_active=False), "not active any more"),
        (lambda user: user.groups.clear(), "may not export any more"),
        (lambda user: user.delete(), "not active any more"),
    ],
)
def test_the_worker_looks_at_the_right_when_it_starts(world: World, cast: Cast, change: Any, words: str) -> None:
    job = asked(cast)
    change(User.objects.get(username="iris"))
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, words in job.error) == ("refused", True)
    assert list(folder().iterdir()) == []


def test_a_full_disk_is_told_and_nothing_is_offered(world: World, cast: Cast, monkeypatch: Any) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    job = asked(cast)
    (folder() / f"{job.pk}.csv{PART}").symlink_to(full)
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, "could not be written: No space left" in job.error) == ("failed", True)
    assert list(folder().iterdir()) == []
    assert "could not be written" in cast.analyst.get(reverse("reports:export_job", args=[job.pk])).text


def test_what_no_sheet_can_hold_is_refused_at_once(world: World, cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(export_views, "XLSX_MAX_ROWS", 3)
    answer = cast.analyst.post(reverse("reports:export", args=["orders", "xlsx"]))
    assert (answer.status_code, "4 rows do not fit an Excel sheet" in answer.text) == (413, True)
    assert not ExportJob.objects.exists()


def test_filters_that_cannot_be_used_any_more_are_a_sentence(world: World, cast: Cast) -> None:
    user = User.objects.get(username=cast.analyst.get("/").wsgi_request.user.username)
    job = request_export(user, report="segmentation", question={"large": "abc"}, as_of=AS_OF, form="csv")
    lost = request_export(user, report="withdrawn", question={}, as_of=AS_OF, form="csv")
    for each in (job, lost):
        execute(each.pk)
        each.refresh_from_db()
    assert (job.state, "is no number" in job.error) == ("failed", True)
    assert (lost.state, "not there any more" in lost.error) == ("refused", True)


def test_a_download_is_logged_with_its_control_sum_and_one_that_breaks_off_as_such(world: World, cast: Cast) -> None:
    url = reverse("reports:export", args=["orders", "csv"])
    whole: Any = cast.analyst.get(url)
    content = b"".join(whole)
    job = ExportJob.objects.latest("id")
    assert (job.state, job.rows_done) == (ExportState.STREAMED, content.count(b"\n") - 2)
    assert f"-{job.pk}.csv" in whole["Content-Disposition"]
    broken: Any = cast.analyst.get(url)
    next(iter(broken))
    broken._iterator.close()
    latest = ExportJob.objects.latest("id")
    assert (latest.state, latest.control_sum) == (ExportState.BROKEN, "")
    assert "did not reach its end" in cast.analyst.get(reverse("reports:export_job", args=[latest.pk])).text


def test_a_role_gets_the_right_from_the_configuration_and_then_exports_what_it_sees(
    world: World, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    path = tmp_path / "hub.toml"
    text = (ROOT / "hub.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('export = ["analyst", ', 'export = ["account_manager", '), encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    url = reverse("reports:export", args=["orders", "csv"])
    answer: Any = cast.owner.get(url)
    text = b"".join(answer).decode("utf-8-sig")
    assert ("Kestrel" in text, "Keston" in text) == (True, False)
    assert cast.analyst.get(url).status_code == 403
    assert "/export/" not in cast.analyst.get("/reports/orders/").text


def test_mail_says_that_the_file_is_ready(world: World, cast: Cast, settings: Any) -> None:
    settings.MAIL_CONFIGURED, settings.PUBLIC_URL = True, "https://hub.example.com"
    User.objects.filter(username=cast.analyst.get("/").wsgi_request.user.username).update(
        email="iris@northgate.example"
    )
    job = asked(cast)
    execute(job.pk)
    (message,) = mail.outbox
    assert f"https://hub.example.com{reverse('reports:export_job', args=[job.pk])}" in str(message.body)
    assert message.attachments == []


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("form", "failpoint"),
    [("csv", "export_rows"), ("csv", "export_written"), ("csv", "export_in_place"), ("xlsx", "export_rows")],
)
def test_a_killed_worker_is_taken_over_and_there_is_one_whole_file(failpoint: str, form: str) -> None:
    open_day()
    for number in range(501 if form == "xlsx" else 3):
        add_customer(f"Customer {number:04d}")
    user = User.objects.create_user("iris")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    job = request_export(user, report="orders", question={}, as_of=DAY, form=form)
    environment = os.environ | {"FAILPOINT": failpoint, "STATE_DIR": django_settings.STATE_DIR}
    command = [sys.executable, "-c", SCRIPT, str(job.pk), str(connection.settings_dict["NAME"])]
    died = subprocess.run(command, env=environment, cwd=ROOT, check=False, capture_output=True)
    assert died.returncode == -9, died.stderr.decode()
    job.refresh_from_db()
    assert (job.state, job.file) == (ExportState.RUNNING, "")
    until = time.monotonic() + 20
    while not export_schedule.take_over() and time.monotonic() < until:
        time.sleep(0.1)
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (ExportState.DONE, 2)
    assert [path.name for path in folder().iterdir()] == [job.file]
    assert job.rows_done == job.rows_total == (501 if form == "xlsx" else 3)
