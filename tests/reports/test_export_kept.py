"""What is kept with an export: a control sum over all of it, what its maker saw, and a sheet name that Excel takes."""

import hashlib
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Segment
from reports import export_jobs
from reports.export_jobs import execute, request_export
from reports.export_xlsx import sheet_names
from reports.models import ExportJob
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF
from tests.customers.test_hidden_columns import ROOT

RULES = {"all": [{"field": "revenue_12m", "is": "at_least", "values": ["0"]}]}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.STATE_DIR = str(tmp_path)


@pytest.fixture
def configure(tmp_path: Path, settings: Any) -> Any:
    """Account managers may export too; `more` stands at the end of hub.toml."""

    def write(more: str = "") -> None:
        text = (ROOT / "hub.toml").read_text(encoding="utf-8")
        path = tmp_path / f"hub{len(more)}.toml"
        path.write_text(text.replace("export = [", 'export = ["account_manager", ') + f"\n{more}\n", encoding="utf-8")
        settings.HUB_CONFIG = str(path)

    return write


def taken(client: Client, report: str, kind: str) -> tuple[str, bytes]:
    answer: Any = client.get(reverse("reports:export", args=[report, kind]))
    return answer["Content-Disposition"].split('"')[1], b"".join(answer)


def checked(client: Client, name: str, content: bytes) -> Any:
    return client.post(reverse("reports:check"), {"file": SimpleUploadedFile(name, content)})


def made(user: User, report: str = "receivables", form: str = "csv") -> ExportJob:
    job = request_export(user, report=report, question={}, as_of=AS_OF, form=form)
    execute(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"Open amount (EUR)", b"Paid amount (USD)", ("Headings", "Open amount (EUR)")),
        (b"Total of 4 rows", b"Total of 5 rows", ("Totals", "Customer")),
    ],
)
def test_a_forged_line_around_the_rows_of_a_csv_is_named(world: World, cast: Cast, old, new, place) -> None:
    name, content = taken(cast.analyst, "receivables", "csv")
    assert content.count(old) == 1
    answer = checked(cast.analyst, name, content.replace(old, new))
    result = answer.context["checked"]
    assert (result.intact, "The file was altered" in answer.text) == (False, True)
    (change,) = result.comparisons[0].changes
    assert (change.name, change.column, change.then, change.now) == (*place, new.decode(), old.decode())
    assert change.then in answer.text


def test_a_forged_total_of_a_csv_is_named_and_one_of_an_earlier_version_says_what_was_compared(
    world: World, cast: Cast
) -> None:
    name, content = taken(cast.analyst, "receivables", "csv")
    *lines, foot, end = content.split(b"\n")
    cells = foot.split(b",")
    cells[3] = b"9999999.99"
    forged = b"\n".join([*lines, b",".join(cells), end])
    result = checked(cast.analyst, name, forged).context["checked"]
    changes = [(each.name, each.column, each.then) for each in result.comparisons[0].changes]
    assert changes == [("Totals", "Open amount (EUR)", "9999999.99")]
    rows = b"".join(line + b"\n" for line in content.split(b"\n")[1:-2])
    ExportJob.objects.update(frame={}, control_sum=hashlib.sha256(rows).hexdigest())
    answer = checked(cast.analyst, name, forged)
    assert answer.context["checked"].intact
    assert "The file is as it was made" not in answer.text
    assert "covers the rows alone" in answer.text


@pytest.mark.parametrize(
    ("sheet", "cell", "names"),
    [
        (0, "E6", ("Totals", "Revenue, 12 months (EUR)")),
        (1, "C2", ("Classes", "Revenue, 12 months (EUR)")),
        ("About", "Figures as of", ("About", "Figures as of")),
        ("Classes", "", ("Sheet1", "The whole sheet")),
    ],
)
def test_whatever_was_altered_in_a_workbook_is_named(world: World, cast: Cast, sheet, cell, names) -> None:
    name, content = taken(cast.analyst, "abc", "xlsx")
    assert checked(cast.analyst, name, content).context["checked"].intact
    book = openpyxl.load_workbook(io.BytesIO(content))
    if not cell:
        book[sheet].title = "Sheet1"
    elif sheet == "About":
        row = next(row for row in book["About"].iter_rows() if row[0].value == cell)
        row[1].value = "2020-01-01"
    else:
        assert book.worksheets[sheet][cell].value is not None
        book.worksheets[sheet][cell].value = 5
    altered = io.BytesIO()
    book.save(altered)
    result = checked(cast.analyst, name, altered.getvalue()).context["checked"]
    assert not result.intact
    assert names in [(change.name, change.column) for change in result.comparisons[0].changes]


def test_a_file_is_given_only_to_whoever_still_sees_all_of_it(world: World, cast: Cast, configure: Any) -> None:
    configure()
    iris, ana = _user(cast.analyst), _user(cast.owner)
    whole, own = made(iris), made(ana)
    everything = [(cast.analyst, whole), (cast.owner, own)]
    urls = ("export_file", "export_about")
    assert [client.get(_url(name, job)).status_code for client, job in everything for name in urls] == [200] * 4
    # Another owner has one of Ana's customers now.
    Customer.objects.filter(pk=world.kestrel.pk).update(owner=Customer.objects.get(pk=world.keston.pk).owner)
    iris.groups.set([Group.objects.get(name="Account managers")])
    for client, job in everything:
        for name in urls:
            refused = client.get(_url(name, job))
            assert (refused.status_code, "customers that you do not see any more" in refused.text) == (403, True)
        page = client.get(_url("export_job", job)).text
        assert "customers that you do not see any more" in page
        assert job.control_sum not in page
        assert b"Open amount" not in page.encode()
    assert cast.administrator.get(_url("export_file", whole)).status_code == 200


def test_a_figure_that_was_hidden_meanwhile_is_in_no_download(world: World, cast: Cast, configure: Any) -> None:
    configure()
    job = made(_user(cast.analyst))
    name, content = taken(cast.analyst, "receivables", "csv")
    configure('credits_amount = ["analyst"]')
    for url in ("export_file", "export_about"):
        refused = cast.analyst.get(_url(url, job))
        assert (refused.status_code, "figures that your role does not see" in refused.text) == (403, True)
    assert "figures that your role does not see" in checked(cast.analyst, name, content).context["problem"]
    assert cast.administrator.get(_url("export_file", job)).status_code == 200
    ExportJob.objects.update(seen={})
    assert cast.analyst.get(_url("export_file", job)).status_code == 403


def test_any_title_makes_sheets_that_excel_opens_and_none_is_there_twice() -> None:
    assert sheet_names(["Big [A/B]: test?", "Classes"]) == ["Big A B test", "Classes"]
    assert sheet_names(["ABOUT", "about"]) == ["ABOUT (2)", "about (3)"]
    assert sheet_names(["history", "'quoted'"]) == ["history (2)", "quoted"]
    assert sheet_names(["[]", "*"]) == ["Rows", "Rows (2)"]
    assert sheet_names(["x" * 40, "X" * 31]) == ["x" * 31, "X" * 27 + " (2)"]


@pytest.mark.parametrize("title", ["Big [A/B]: test?", "About", "'quoted'", "a*b\\c"])
def test_a_segment_of_any_name_is_exported_at_once_and_by_the_worker(world: World, cast: Cast, title: str) -> None:
    iris = _user(cast.analyst)
    segment = Segment.objects.create(
        name=title, owner=iris, owner_name="Iris", rules=RULES, created_at=(now := timezone.now()), changed_at=now
    )
    report = f"segment-{segment.pk}"
    name, content = taken(cast.analyst, report, "xlsx")
    assert checked(cast.analyst, name, content).context["checked"].intact
    job = made(iris, report, "xlsx")
    assert (job.state, job.error) == ("done", "")


def test_what_nobody_foresaw_ends_a_job_at_once_with_a_sentence(world: World, cast: Cast, monkeypatch, caplog) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(export_jobs, "csv_blocks", broken)
    job = made(_user(cast.analyst))
    assert (job.state, job.attempt) == ("failed", 1)
    assert f"the log has the reason under “Export {job.pk}”" in job.error
    assert "ZeroDivisionError" in caplog.text
    assert f"Export {job.pk}" in caplog.text


def _user(client: Client) -> User:
    user: Any = client.get("/").wsgi_request.user
    return User.objects.get(pk=user.pk)


def _url(name: str, job: ExportJob) -> str:
    return reverse(f"reports:{name}", args=[job.pk])
