"""Reading uploads: compared with the standard library's reader on random tables."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.practice.org.jobs.upload import BadUpload, read

CELLS = st.text(st.sampled_from("ab \",;'\tüé\u2028\n#N/A0"), max_size=8)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
)


@given(table=TABLES, delimiter=st.sampled_from(",;\t"), line_end=st.sampled_from(["\n", "\r\n"]))
def test_any_well_formed_table_is_read_as_the_standard_reader_reads_it(table, delimiter, line_end):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(table)
    text = out.getvalue()
    header, rows = read(text, delimiter, "LF" if line_end == "\n" else "CRLF")
    assert [header.values, *(row.values for row in rows)] == list(
        csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    )
    assert line_end.join([header.raw, *(row.raw for row in rows), ""]) == text
    assert not any(row.error for row in rows)


def test_a_missing_last_line_end_and_an_empty_last_value_are_read():
    header, rows = read("Id,Phone\n1,\n2,x", ",", "LF")
    assert header.values == ["Id", "Phone"]
    assert [row.values for row in rows] == [["1", ""], ["2", "x"]]


def test_an_open_quote_makes_only_its_row_unreadable():
    _, rows = read('Id,Phone\n1,"open\n2,x\n', ",", "LF")
    assert [bool(row.error) for row in rows] == [True, False]


def test_an_empty_upload_has_no_header():
    with pytest.raises(BadUpload, match="no header"):
        read("", ",", "LF")
