"""A file that comes back is told apart from one that was altered, and compared with the figures of today."""

import io
import subprocess
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from customers.history.days import pack
from customers.measures import get_measure
from customers.models import CustomerRollup
from customers.publishing import recompute_all
from reports import export_uploads
from reports.catalogue import get_report
from reports.export_jobs import execute
from reports.models import ExportJob
from reports.workbook_limits import Limits
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF

CREDITS = f"{get_measure('credits_amount').label} (EUR)"
LIMITS, TYPES, TEXTS = Limits(), "[Content_Types].xml", "xl/sharedStrings.xml"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.STATE_DIR = str(tmp_path)


def taken(cast: Cast, kind: str, report: str = "receivables") -> tuple[str, bytes]:
    """Name and content of a download."""
    answer: Any = cast.analyst.get(reverse("reports:export", args=[report, kind]))
    return answer["Content-Disposition"].split('"')[1], b"".join(answer)


def checked(cast: Cast, name: str, content: bytes, who: str = "analyst", **form: str) -> Any:
    upload = SimpleUploadedFile(name, content)
    return getattr(cast, who).post(reverse("reports:check"), {"file": upload, **form})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("report", ["receivables", "invoices", "open-items", "overdue-trend", "segmentation"])
def test_a_file_is_unchanged_as_long_as_nobody_changed_it(world: World, cast: Cast, kind: str, report: str) -> None:
    name, content = taken(cast, kind, report)
    answer = checked(cast, name, content)
    assert answer.status_code == 200, answer.context["problem"]
    result = answer.context["checked"]
    assert result.intact
    assert [each.count for each in result.comparisons] == [0]
    assert "The file is as it was made" in answer.text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_figures_that_are_others_today_are_named_with_then_and_now(world: World, cast: Cast, kind: str) -> None:
    name, content = taken(cast, kind)
    CustomerRollup.objects.filter(customer=world.kestrel).update(credits_amount=Decimal("-77.50"))
    CustomerRollup.objects.filter(customer=world.keston).delete()
    result = checked(cast, name, content).context["checked"]
    assert result.intact
    changes = {(each.name, each.column): (each.then, each.now) for each in result.comparisons[-1].changes}
    then, now = changes["Kestrel Marine Engineering B.V.", CREDITS]
    assert (Decimal(then), Decimal(now)) == (Decimal("-297.5"), Decimal("-77.5"))
    assert changes["Keston Agri Ltd", "The whole row"] == ("in the file", "not there")


def test_a_file_of_a_day_that_was_packed_since_is_held_to_that_day(world: World, cast: Cast) -> None:
    name, content = taken(cast, "csv")
    recompute_all(AS_OF + timedelta(days=1), current=True)
    before, today = checked(cast, name, content).context["checked"].comparisons
    assert (before.day, before.count, today.day) == (AS_OF, 0, AS_OF + timedelta(days=1))
    pack(AS_OF, timezone.now())
    again = checked(cast, name, content).context["checked"].comparisons[0]
    assert (again.day, again.changes) == (AS_OF, ())


def test_a_cell_that_was_altered_is_found_in_the_kept_file(world: World, cast: Cast) -> None:
    cast.analyst.post(reverse("reports:export", args=["receivables", "xlsx"]))
    job = ExportJob.objects.latest("id")
    execute(job.pk)
    answer: Any = cast.analyst.get(reverse("reports:export_file", args=[job.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))
    cell = book.worksheets[0].cell(2, 4)
    cell.value += 1
    altered = io.BytesIO()
    book.save(altered)
    answer = checked(cast, "renamed.xlsx", altered.getvalue())
    result = answer.context["checked"]
    assert (result.intact, "The file was altered" in answer.text) == (False, True)
    (change,) = result.comparisons[0].changes
    assert (change.row, Decimal(change.then) - Decimal(change.now)) == (2, Decimal(1))


def test_a_csv_is_known_by_name_by_choice_and_by_its_control_sum_and_lines_may_end_otherwise(
    world: World, cast: Cast
) -> None:
    name, content = taken(cast, "csv")
    number = ExportJob.objects.latest("id").pk
    assert checked(cast, "other.csv", content.replace(b"\n", b"\r\n")).context["checked"].intact
    altered = content.replace(b"Kestrel", b"Kestral")
    assert "not among the exports" in checked(cast, "other.csv", altered).context["problem"]
    for found in (checked(cast, name, altered), checked(cast, "other.csv", altered, export=str(number))):
        result = found.context["checked"]
        assert not result.intact
        assert {"Kestral Marine Engineering B.V.", "Kestrel Marine Engineering B.V."} <= {
            each.name for each in result.comparisons[-1].changes
        }


def test_what_somebody_else_exported_is_as_unknown_as_what_nobody_did(world: World, cast: Cast) -> None:
    name, content = taken(cast, "csv")
    other = User.objects.create_user("other")
    other.groups.add(User.objects.get(username="iris").groups.get())
    cast.anonymous.force_login(other)
    foreign = checked(cast, name, content, who="anonymous")
    unknown = checked(cast, "orders-2026-01-01-999999.csv", content, who="anonymous")
    assert foreign.context["problem"] == unknown.context["problem"]
    assert "not among the exports" in foreign.text
    assert checked(cast, name, content, who="administrator").context["checked"].intact


def with_cell(value: object) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["Customer"])
    sheet.append([value])
    sheet.append(["Total of 1 rows"])
    book.create_sheet("About").append(["Export", "1"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return file.getvalue()


def encrypted(content: bytes) -> bytes:
    """A workbook that says of its first part that it has a password."""
    flags = content.index(b"PK\x01\x02") + 8
    return content[:flags] + b"\x01" + content[flags + 1 :]


def damaged(content: bytes) -> bytes:
    """A workbook some bytes of which were lost on the way."""
    at = content.index(b"xl/styles.xml") + len("xl/styles.xml")
    return content[:at] + b"\xff" * 8 + content[at + 8 :]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "Choose a file"),
        ("a.csv", b"\xff\xfe\x00", "neither an Excel file nor CSV"),
        ("a.csv", b"a,b\nc\nTotal of 1 rows,\n", "Row 2 has 1 cells"),
        ("a.csv", b'a,b\n"c', "is no CSV"),
        ("a.csv", b"a,b\nc,d\n", "cut, sorted"),
        ("a.xlsx", b"PK\x03\x04 nonsense", "no Excel file of ours"),
        ("a.xlsx", packed({"word.xml": b"<a/>"}), "no Excel file of ours"),
        ("a.xlsx", packed({"a.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "declarations"),
        ("a.xlsx", packed({"xl/vbaProject.bin": b"x"}), "macros"),
        ("a.xlsx", packed({f"{number}.xml": b"" for number in range(300)}), "far more"),
        ("a.xlsx", with_cell("=1+1"), "Cell A2 holds a formula"),
        ("a.xlsx", encrypted(with_cell("a")), "no Excel file of ours"),
        ("a.xlsx", damaged(with_cell("a")), "no Excel file of ours"),
    ],
)
def test_a_file_that_is_none_of_ours_is_a_sentence(world: World, cast: Cast, name, content, words) -> None:
    answer = checked(cast, name, content)
    assert (answer.status_code, words in answer.context["problem"]) == (400, True), answer.context["problem"]


def test_too_much_is_refused_before_it_is_read(world: World, cast: Cast, monkeypatch: Any) -> None:
    name, content = taken(cast, "csv")
    assert "up to 30 MB and 200,000 rows" in cast.analyst.get(reverse("reports:check")).text
    for limit, words in (("LARGEST", "bytes"), ("MOST_ROWS", "more than")):
        with monkeypatch.context() as patched:
            patched.setattr(export_uploads, limit, 0 if limit == "MOST_ROWS" else 10)
            assert words in checked(cast, name, content).context["problem"]
    bomb = packed({"xl/worksheets/sheet1.xml": b"0" * 1_000_000})
    monkeypatch.setattr(export_uploads, "LIMITS", LIMITS._replace(inside=900_000))
    assert "far more" in checked(cast, "a.xlsx", bomb).context["problem"]


def test_exports_to_choose_from_are_called_by_their_titles(world: World, cast: Cast) -> None:
    taken(cast, "csv")
    job = ExportJob.objects.latest("id")
    assert f"No. {job.pk}: {get_report(job.report).title}, " in cast.analyst.get(reverse("reports:check")).text


def repacked(content: bytes, part: str, changed: bytes) -> bytes:
    """A workbook with other bytes in one of its parts, or in its table of texts."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()} | {part: changed}
    override = f'<Override PartName="/{TEXTS}" ContentType="'.encode() + kind + b'"/></Types>'
    if part == TEXTS:
        parts[TYPES] = parts[TYPES].replace(b"</Types>", override)
    return packed(parts)


def small_ones_that_grow() -> dict[str, tuple[bytes, Limits, str]]:
    """Workbooks of some kilobytes that would take minutes, gigabytes or millions of cells; limits; what is said."""
    plain = with_cell("a")
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    texts = b"<sst " + main + b">" + b"<si><t>a</t></si>" * 3_000_000 + b"</sst>"
    widest = (
        b"<worksheet " + main + b'><dimension ref="A1:XFD150000"/><sheetData><row r="150000"/></sheetData></worksheet>'
    )
    many, wide = repacked(plain, TEXTS, texts), repacked(plain, "xl/worksheets/sheet1.xml", widest)
    return {
        "processor": (many, LIMITS._replace(seconds=2), "more than 2 seconds"),
        "memory": (many, LIMITS._replace(megabytes=20), "or 20 MB of memory"),
        "cells": (wide, LIMITS._replace(cells=100_000), "more than 100,000 cells"),
        "told": (plain, LIMITS._replace(told=10), "the most that is spent on one"),
    }


@pytest.mark.parametrize("what", ["processor", "memory", "cells", "told"])
def test_a_small_workbook_that_unpacks_to_a_huge_one_costs_the_web_next_to_nothing(
    world: World, cast: Cast, monkeypatch: Any, what: str
) -> None:
    content, limits, words = small_ones_that_grow()[what]
    assert len(content) < 200_000
    monkeypatch.setattr(export_uploads, "LIMITS", limits)
    monkeypatch.setattr(openpyxl, "load_workbook", pytest.fail)  # here; another process reads it
    assert words in checked(cast, "a.xlsx", content).context["problem"]


def test_the_reader_of_workbooks_knows_no_secret_and_only_so_many_are_at_work(
    world: World, cast: Cast, monkeypatch: Any
) -> None:
    name, content = taken(cast, "xlsx")
    started: list[Any] = []
    run = subprocess.run

    def watched(command: list[str], **options: Any) -> Any:
        started.append(options["env"])
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", watched)
    assert checked(cast, name, content).context["checked"].intact
    assert started == [{"PYTHONUTF8": "1"}]
    monkeypatch.setattr(export_uploads, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(export_uploads, "AT_ONCE", BoundedSemaphore(1))
    with export_uploads.AT_ONCE:
        assert "Try again in a minute" in checked(cast, name, content).context["problem"]
    assert checked(cast, name, content).context["checked"].intact


def test_a_reader_that_breaks_is_logged_and_the_user_is_told_another_way(
    world: World, cast: Cast, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(export_uploads, "READER", "reports.no_such_reader")
    assert "Take it as CSV" in checked(cast, "a.xlsx", with_cell("a")).context["problem"]
    assert "no_such_reader" in caplog.text
