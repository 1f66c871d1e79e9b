"""Totals that a delivery tells of itself must be those of its rows, or the whole file is refused."""

import gzip
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.config import Column
from integration_hub.config.control_line import control_line
from integration_hub.erp.files.control_totals import amount
from integration_hub.sources import NothingNew, SourceProblem

TRAILER = "T;{rows};{sum:net}"
CONTROL = {"control": "{name}.ctl", "control_totals": "rows={rows};sum={sum:net}"}
GOOD = "no,net\n1,10.10\n2,-0.30\n3,\n"


def test_a_trailer_that_agrees_is_no_row_and_the_rows_go_through_as_they_are(drop):
    drop.put(GOOD + "T;3;9.80\n")
    read = drop.read(trailer=TRAILER)
    assert read.extract.format == "csv"
    assert read.content == "1,10.10\n2,-0.30\n3,\n"
    assert (read.expected, read.complete) == (3, True)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n\n"])
def test_a_trailer_proves_the_end_of_a_file_with_or_without_a_line_end(drop, end):
    drop.put(GOOD + "T;3;9.80" + end)
    read = drop.read(trailer=TRAILER)
    assert read.expected == 3
    assert [row[0] for row in read.rows] == ["1", "2", "3"]


def test_a_trailer_in_another_encoding_with_quotes_across_lines(drop):
    text = 'no;net;text\n1;"1.234,50";"Möller\nGmbH"\n2;34,50-;ok\nEnde 2 Zeilen, 1.200,00 EUR\n'
    drop.put(gzip.compress(text.encode("cp1252")), "orders_1.csv.gz")
    options = {"delimiter": ";", "encoding": "cp1252"}
    columns = {"net_amount": Column(source=("net",), decimal_comma=True)}
    read = drop.read(source=options, columns=columns, trailer="Ende {rows} Zeilen,{sum:net}{any}")
    assert read.content == "1\t1.234,50\tMöller\\nGmbH\n2\t34,50-\tok\n"
    assert read.expected == 2


def test_json_lines_may_have_a_trailer_too(drop):
    drop.put('{"no": 1, "net": 12.50}\n{"no": 2}\n#2 12.5\n', "orders_1.jsonl")
    read = drop.read(source={"format": "jsonl"}, trailer="#{rows} {sum:net}")
    assert read.rows == [["1", "12.50"], ["2", "\\N"]]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("T;4;9.80\n", "The last line counts 4 rows, but the file holds 3"),
        ("T;3;9.81\n", 'The last line sums "net" to 9.81, but the rows add up to 9.80'),
        ("4,1.00\n", 'The last line does not read like "T;{rows};{sum:net}": the file may have been cut'),
        ("", 'does not read like "T;{rows};{sum:net}"'),
        ("T;3;9.80\nT;3;9.80\n", "Line 5 has 1 values"),
    ],
)
def test_a_trailer_that_does_not_agree_refuses_the_whole_file_with_both_figures(drop, end, words):
    drop.put(GOOD + end)
    with pytest.raises(SourceProblem, match=r"orders_1.csv cannot be read") as caught:
        drop.read(trailer=TRAILER)
    assert words in caught.value.problem
    assert "nothing was deleted" in caught.value.meaning


def test_values_that_are_no_numbers_are_counted_where_the_sums_differ(drop):
    drop.put(GOOD + "4,one\nT;4;9.81\n")
    with pytest.raises(SourceProblem, match=r"add up to 9.80 \(1 values are no numbers\)"):
        drop.read(trailer=TRAILER)


def test_a_column_to_sum_that_is_not_there_refuses_the_file(drop):
    drop.put("no,value\n1,2\nT;1;2\n")
    with pytest.raises(SourceProblem, match='sum the column "net", which the file does not have'):
        drop.read(trailer=TRAILER)


def test_a_control_file_that_agrees_is_no_delivery_itself(drop):
    drop.put(GOOD)
    drop.put("date=2026-02-01\nrows=3;sum=9.8\n", "orders_1.csv.ctl")
    read = drop.read(**CONTROL)
    assert (read.expected, read.complete) == (3, True)


def test_a_control_file_whose_file_was_removed_is_no_delivery_either(drop):
    for number in (1, 2):
        drop.put(GOOD.replace("1,", f"{number},"), f"orders_{number}.csv", minutes_ago=60 - number)
        drop.put("rows=3;sum=9.8\n", f"orders_{number}.csv.ctl")
    (drop.folder / "orders_1.csv").unlink()
    assert drop.read(delivery="delta", **CONTROL).expected == 3


def test_a_control_file_with_other_totals_refuses_the_file(drop):
    drop.put(GOOD)
    drop.put("rows=30;sum=9.8\n", "orders_1.csv.ctl")
    with pytest.raises(SourceProblem, match="The control file counts 30 rows, but the file holds 3"):
        drop.read(**CONTROL)


def test_a_control_file_that_says_something_else_refuses_the_file(drop):
    drop.put(GOOD)
    drop.put("to be done", "orders_1.csv.ctl")
    with pytest.raises(SourceProblem, match=r"The control file does not read like .*\}\"\."):
        drop.read(**CONTROL)


def test_a_file_waits_for_its_control_file_and_the_one_before_counts_meanwhile(drop):
    drop.put(GOOD, "orders_2.csv", minutes_ago=30)
    with pytest.raises(NothingNew, match=r"orders_2.csv.ctl is not there"):
        drop.read(**CONTROL)
    drop.put("no,net\n9,1\n", "orders_1.csv")
    drop.put("rows=1;sum=1\n", "orders_1.csv.ctl")
    assert drop.read(**CONTROL).rows == [["9", "1"]]


def test_a_sheet_may_have_a_control_file_named_by_its_stem(drop):
    drop.sheet(["no", "net"], ["1", 1.5], ["2", 2.25])
    drop.put("2/3.75", "orders_1.txt")
    options = {"control": "{stem}.txt", "control_totals": "{rows}/{sum:net}", "path": "orders_*.xlsx"}
    assert drop.read(source={"format": "xlsx"}, **options).expected == 2


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("1,234.50", False, "1234.50"),
        ("1.234,50", True, "1234.50"),
        (" 12.5- ", False, "-12.5"),
        ("-3", True, "-3"),
        ("1e3", False, "1000"),
        ("NaN", False, None),
        ("Infinity", False, None),
        ("", False, None),
        ("abc", True, None),
    ],
)
def test_amounts_are_read_as_the_warehouse_reads_them(text, comma, value):
    assert amount(text, comma=comma) == (None if value is None else Decimal(value))


@given(st.lists(st.decimals(places=2, min_value=-(10**9), max_value=10**9), max_size=30))
def test_a_written_line_is_read_back(values):
    line = control_line("rows {rows}, {sum:a b} EUR {any} end")
    found = line.pattern.fullmatch(f"rows {len(values)}, {sum(values)} EUR x end")
    assert line.figures == ("rows", "a b")
    assert found is not None
    assert int(found.group(1)) == len(values)
    assert amount(found.group(2), comma=False) == sum(values)
