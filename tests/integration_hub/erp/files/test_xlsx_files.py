"""XLSX deliveries: cells become exact text, and what cannot be read surely is refused as a whole."""

import datetime
import io
import tracemalloc
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration_hub.config import SourceConfig
from integration_hub.erp.files import packed as packing
from integration_hub.erp.files.records import delimited
from integration_hub.erp.files.sheets import cell_text, write_csv
from integration_hub.sources import NothingNew, SourceProblem

XLSX = {"format": "xlsx"}


def test_cells_become_exact_text(drop):
    drop.sheet(
        ["no", "net", "rate", "day", "moment", "ok", "text", "none"],
        ["0007", 12.5, 1234.1, datetime.date(2026, 2, 1), datetime.datetime(2026, 2, 1, 8, 30), True, "Möller", None],
        [8, 1e15, 0.1 + 0.2, datetime.datetime(2026, 2, 2), None, False, 'say "a, b"', None],
        ["9", -3, 1e-7, None, None, None, "12.50", None],
    )
    read = drop.read(source=XLSX)
    assert read.extract.columns == ("no", "net", "rate", "day", "moment", "ok", "text", "none")
    assert read.content.splitlines() == [
        "0007,12.5,1234.1,2026-02-01,2026-02-01T08:30:00,true,Möller,",
        '8,1000000000000000,0.3,2026-02-02,,false,"say ""a, b""",',
        "9,-3,0.0000001,,,,12.50,",
    ]
    assert (read.expected, read.complete) == (3, True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (12.0, "12"),
        (-0.5, "-0.5"),
        (1234567.89, "1234567.89"),
        (1e21, "1" + "0" * 21),
        (99999999999999.99, "100000000000000"),
    ],
)
def test_numbers_are_plain_digits_of_at_most_the_fifteen_that_excel_keeps(value, text):
    assert cell_text(value) == text


def test_a_line_break_in_a_cell_survives(drop):
    drop.sheet(["no", "text"], ["1", "two\nlines"], ["2", "tab\tand \\ and \r end"])
    read = drop.read(source=XLSX)
    assert read.expected == 2
    assert read.complete
    assert "two\\nlines" in read.content or '"two\nlines"' in read.content


TEXT = st.text(alphabet='ab",;\\. \n\r\t_x005FD\u00e9', min_size=1, max_size=6)


@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_in_a_cell_arrives_as_it_stands_there(tmp_path, rows):
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["first", "second"])
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    content = io.BytesIO()
    write_csv(path, "", content)
    source = SourceConfig(name="t", label="T", kind="files", directory=".", streams=())
    assert list(delimited(io.StringIO(content.getvalue().decode(), newline=""), source))[1:] == [
        list(row) for row in rows
    ]


def test_the_named_sheet_is_read_and_a_missing_one_is_refused(drop):
    drop.sheet(["a"], ["1"], title="Cover", Data=[["no", "net"], ["7", 1]])
    assert drop.read(source=XLSX, sheet="Data").rows == [["7", "1"]]
    assert drop.read(source=XLSX).rows == [["1"]]
    with pytest.raises(SourceProblem, match='no sheet "Date"; it has: "Cover", "Data"'):
        drop.read(source=XLSX, sheet="Date")


def test_empty_rows_and_short_rows_are_no_trouble(drop):
    drop.sheet(["no", "net"], [], ["1"], [None, None], ["2", 5])
    assert drop.read(source=XLSX).rows == [["1", ""], ["2", "5"]]


def test_the_same_cells_are_nothing_new_even_when_the_file_was_saved_again(drop):
    drop.sheet(["no", "net"], ["1", 5])
    first = drop.read(source=XLSX)
    drop.sheet(["no", "net"], ["1", 5], name="orders_2.xlsx")
    drop.put((drop.folder / "orders_2.xlsx").read_bytes(), "orders_2.xlsx", minutes_ago=5)
    with pytest.raises(NothingNew, match=r"orders_2.xlsx has the same content"):
        drop.read(first.fingerprint, source=XLSX)
    drop.put("no,net\n1,5\n", "orders_3.csv", minutes_ago=2)
    assert drop.read(path="*.csv").fingerprint == first.fingerprint


def formula(cached):
    """A sheet with a formula in B2, its result stored or not."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", ["no", "net"])
        sheet.write("A2", "1")
        sheet.write_formula("B2", "=1+2", value=cached)
    return content.getvalue()


def test_a_formula_counts_with_its_stored_result(drop):
    drop.put(formula(3), "orders_1.xlsx")
    assert drop.read(source=XLSX).rows == [["1", "3"]]


def test_a_formula_without_a_stored_result_is_refused_with_its_cell(drop):
    drop.sheet(["no", "net"], ["1", "=1+2"])
    with pytest.raises(SourceProblem, match="Cell B2 has a formula whose result is not stored"):
        drop.read(source=XLSX)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "The sheet is empty"),
        ([["Orders of May", None], ["no", "net"], ["1", 2]], "Row 2 has a value in column B, which has no header"),
        ([[None, "Amounts"], ["no", "net"], ["1", 2]], "names nothing in column A"),
        ([["no", "net"], ["1", 2], ["no", "net"]], "Row 3 is the header again"),
        ([["no", "no"], ["1", 2]], 'column "no" stands twice'),
        ([["no"], ["1", 2]], "Row 2 has a value in column B"),
    ],
)
def test_a_sheet_that_is_no_plain_table_is_refused(drop, rows, words):
    drop.sheet(*rows)
    with pytest.raises(SourceProblem, match=words):
        drop.read(source=XLSX)


def test_a_file_with_a_password_is_refused_in_words(drop):
    drop.put(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000, "orders_1.xlsx")
    with pytest.raises(SourceProblem, match="protected with a password"):
        drop.read(source=XLSX)


@pytest.mark.parametrize("lost", [1, 200, 3000])
def test_a_cut_file_is_refused(drop, lost):
    path = drop.sheet(["no", "net"], *([str(number), number] for number in range(500)))
    drop.put(path.read_bytes()[:-lost], "orders_1.xlsx")
    with pytest.raises(SourceProblem, match="damaged or was cut off"):
        drop.read(source=XLSX)


def test_a_damaged_sheet_is_refused(drop):
    path = drop.sheet(["no", "net"], *([str(number), number] for number in range(500)))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as book:
        at = book.getinfo("xl/worksheets/sheet1.xml").header_offset + 200
    content[at : at + 20] = b"x" * 20
    drop.put(bytes(content), "orders_1.xlsx")
    with pytest.raises(SourceProblem, match="damaged"):
        drop.read(source=XLSX)


def test_another_kind_of_file_is_refused(drop):
    drop.put("no,net\n1,2\n", "orders_1.xlsx")
    with pytest.raises(SourceProblem, match="no XLSX file"):
        drop.read(source=XLSX)


def rebuilt(path, **parts):
    """The same file with some parts replaced or added."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            new.writestr(each.filename, parts.get(each.filename, old.read(each)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return content.getvalue()


def test_a_file_made_to_fill_the_memory_is_refused(drop, monkeypatch):
    monkeypatch.setattr(packing, "SUSPECT_FROM", 1_000_000)
    path = drop.sheet(["no"], ["1"])
    drop.put(rebuilt(path, **{"xl/media/a.bin": b"\0" * 9_000_000}), "orders_1.xlsx")
    with pytest.raises(SourceProblem, match="times its size"):
        drop.read(source=XLSX)


def test_xml_definitions_are_refused(drop):
    path = drop.sheet(["no"], ["1"])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>'
    drop.put(rebuilt(path, **{"xl/sharedStrings.xml": bomb}), "orders_1.xlsx")
    with pytest.raises(SourceProblem, match="XML definitions"):
        drop.read(source=XLSX)


def test_memory_stays_flat_however_many_rows_there_are(tmp_path):
    path = tmp_path / "many.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["no", "net", "day"])
    for number in range(3_000):
        sheet.append([number, number / 4, datetime.date(2026, 1, 1)])
    book.save(path)
    tracemalloc.start()
    try:
        with (tmp_path / "many.csv").open("wb") as to:
            write_csv(path, "", to)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "many.csv").read_text().count("\n") == 3_001
    assert peak < 4_000_000
