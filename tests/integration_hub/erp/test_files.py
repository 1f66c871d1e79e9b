"""Reading file deliveries: only complete files, refused whole with the line, never taken for a deletion."""

import gzip
import os
import time
from pathlib import Path

import pytest

from integration_hub.config import Filter, SourceConfig, StreamConfig
from integration_hub.erp.files.source import FilesSource
from integration_hub.sources import NothingNew, SourceProblem

GOOD = "no,kunde,wert\n0001,Möller,10.50\n0002,Ångström,-3\n"


@pytest.fixture
def drop(tmp_path):
    return Drop(tmp_path)


class Drop:
    """A folder with deliveries, all of them untouched for an hour unless said otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = time.time()

    def put(self, content: str | bytes, name: str = "orders_1.csv", *, minutes_ago: float = 60, done: bool = False):
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        then = self.now - minutes_ago * 60
        os.utime(path, (then, then))
        if done:
            path.with_name(f"{name}.done").touch()
        return path

    def source(self, **options) -> FilesSource:
        values = {"name": "us", "label": "Test files", "kind": "files", "directory": str(self.folder), **options}
        return FilesSource(SourceConfig(streams=(), **values))

    def read(self, known=None, path="orders_*", filters=(), **options):
        """(extract, rows) with rows as lists of text, None for NULL; read the way PostgreSQL would for plain text."""
        stream = StreamConfig(name="orders", target="erp_order", path=path, filters=filters)
        with self.source(**options).extract(stream, known) as extract:
            content = b"".join(extract.chunks).decode()
        return extract, content

    def rows(self, **options):
        extract, content = self.read(**options)
        assert extract.format == "text"
        return [line.split("\t") for line in content.splitlines()]


def test_utf8_with_commas_goes_through_as_it_is_without_its_header(drop):
    drop.put(GOOD)
    extract, content = drop.read()
    assert extract.format == "csv"
    assert extract.columns == ("no", "kunde", "wert")
    assert content == "0001,Möller,10.50\n0002,Ångström,-3\n"
    assert extract.expected_rows() == 2
    assert extract.complete()


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", "no;kunde;wert\n0001;Möller;10,50\n".encode("cp1252"), {"encoding": "cp1252", "delimiter": ";"}),
        ("a.tsv", "no\tkunde\twert\n0001\tMöller\t10,50\n".encode(), {"format": "tsv"}),
        ("a.csv", "no|kunde|wert\n0001|Möller|10,50\n".encode("utf-16"), {"encoding": "utf-16", "delimiter": "|"}),
        ("a.csv", '\ufeffno,kunde,wert\r\n"0001",Möller,"10,50"\n'.encode(), {}),
        ("a.csv.gz", gzip.compress("no;kunde;wert\n0001;Möller;10,50\n".encode()), {"delimiter": ";"}),
        ("a.jsonl", b'{"no": "0001", "kunde": "M\\u00f6ller", "wert": "10,50"}\n', {"format": "jsonl"}),
    ],
    ids=["windows", "tabs", "utf-16", "byte-order-mark", "gzip", "json-lines"],
)
def test_every_format_delivers_the_same_text(drop, name, content, options):
    drop.put(content, name)
    extract, _ = drop.read(path="a.*", **options)
    assert extract.columns == ("no", "kunde", "wert")
    assert drop.rows(path="a.*", **options) == [["0001", "Möller", "10,50"]]


def test_codes_stay_the_text_they_are(drop):
    drop.put("no;code\n007;1E5\n08;NULL\nnan; x \n")
    assert drop.rows(delimiter=";") == [["007", "1E5"], ["08", "NULL"], ["nan", " x "]]


def test_numbers_and_nested_values_of_json_lines_stay_as_written(drop):
    drop.put(
        '{"no": 12345678901234567890, "wert": 12.50, "ok": true}\n{"no": 1, "extra": [1, "a"], "wert": null}\n',
        "a.jsonl",
    )
    extract, _ = drop.read(path="*.jsonl", format="jsonl")
    assert extract.columns == ("no", "wert", "ok", "extra")
    assert drop.rows(path="*.jsonl", format="jsonl") == [
        ["12345678901234567890", "12.50", "true", "\\N"],
        ["1", "\\N", "\\N", '["1", "a"]'],
    ]


def test_tabs_line_ends_and_backslashes_inside_values_survive(drop):
    drop.put('no;text\n1;"a\tb\nc\\d"\n')
    _, content = drop.read(delimiter=";")
    assert content == "1\ta\\tb\\nc\\\\d\n"


@pytest.mark.parametrize(
    "content",
    [
        'no,text\n1,5" pipe\n2,x\n',
        'no,text\n1, "a"\n',
        "no,text\n1,a\n\n2,b\n",
        "no,text\r\n1,a\r\n2,b\n",
        "no,text\n1,\\.\n\\.,x\n",
    ],
    ids=["quote inside", "blank before quote", "blank line", "mixed line ends", "end-of-data mark"],
)
def test_what_postgres_would_read_otherwise_is_converted(drop, content):
    drop.put(content)
    extract, _ = drop.read()
    assert extract.format == "text"


def test_consistent_windows_line_ends_and_ordinary_quotes_go_through(drop):
    drop.put('no,text\r\n1,"a, b"\r\n2,"say ""x"""\r\n')
    extract, content = drop.read()
    assert (extract.format, extract.expected_rows()) == ("csv", 2)
    assert content.startswith("1,")


def test_nul_characters_are_left_out_and_reported(drop):
    drop.put("no,text\n1,a\0b\n")
    extract, content = drop.read()
    assert content == "1\tab\n"
    assert "NUL" in extract.notes[0]


def test_the_newest_file_wins(drop):
    drop.put("no\nold\n", "orders_2.csv", minutes_ago=90)
    drop.put("no\nnew\n", "orders_1.csv", minutes_ago=30)
    _, content = drop.read()
    assert content == "new\n"


def test_of_files_with_the_same_time_the_last_by_name_wins(drop):
    for day in ("20260102", "20260103", "20260101"):
        drop.put(f"no\n{day}\n", f"orders_{day}.csv", minutes_ago=30)
    _extract, content = drop.read()
    assert content == "20260103\n"


def test_a_file_that_is_still_being_written_is_left_alone_and_the_one_before_is_read(drop):
    drop.put("no\nwhole\n", "orders_1.csv")
    drop.put("no\nhal", "orders_2.csv", minutes_ago=0)
    _, content = drop.read(settle_seconds=60)
    assert content == "whole\n"


def test_while_the_only_file_arrives_there_is_nothing_new(drop):
    drop.put("no\n1\n", minutes_ago=0)
    with pytest.raises(NothingNew, match="still arriving"):
        drop.read(settle_seconds=60)


def test_a_done_mark_makes_a_fresh_file_complete(drop):
    drop.put("no\n1\n", minutes_ago=0, done=True)
    extract, _ = drop.read(settle_seconds=3600)
    assert extract.complete()


@pytest.mark.parametrize("name", ["orders_9.csv.part", "orders_9.csv.tmp", ".orders_9.csv", "orders_9.csv.done"])
def test_names_of_unfinished_transfers_are_not_deliveries(drop, name):
    drop.put("no\nwhole\n", "orders_1.csv", minutes_ago=99)
    drop.put("no\nother\n", name)
    _, content = drop.read(path="*orders_*")
    assert content == "whole\n"


def test_the_same_content_is_nothing_new_even_under_another_name_or_packed(drop):
    drop.put(GOOD, "orders_1.csv")
    first, _ = drop.read()
    drop.put(GOOD, "orders_2.csv", minutes_ago=10)
    with pytest.raises(NothingNew, match="same content"):
        drop.read(first.fingerprint)
    drop.put(gzip.compress(GOOD.encode()), "orders_3.csv.gz", minutes_ago=5)
    with pytest.raises(NothingNew, match="same content"):
        drop.read(first.fingerprint)
    again, _ = drop.read(None)
    assert again.fingerprint == first.fingerprint


def test_a_changed_file_is_read_again(drop):
    drop.put(GOOD)
    first, _ = drop.read()
    drop.put(GOOD + "0003,X,1\n", minutes_ago=50)
    second, _ = drop.read(first.fingerprint)
    assert second.expected_rows() == 3


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"", {}, "empty"),
        (GOOD[:-3], {}, "cut off"),
        ('no,text\n1,"never closed\n', {}, "not valid CSV"),
        ("no,kunde\n1,a\n2,b,c\n", {}, "Line 3 has 3 values, the header has 2"),
        ("no,kunde\n1,a\n2\n", {}, "Line 3 has 1 values"),
        ("no,no\n1,a\n", {}, 'column "no" stands twice'),
        ("no,kunde\n1,a\n2,Möller\n".encode("cp1252"), {}, "Line 3 is not valid utf-8"),
        ("no,kunde\n1,a\n".encode("utf-16"), {}, 'encoding = "utf-16"'),
        ('{"no": 1}\n{"no": \n', {"format": "jsonl"}, "Line 2 is not valid JSON"),
        ('{"no": 1}\n[2]\n', {"format": "jsonl"}, "Line 2 is not a JSON object"),
    ],
)
def test_a_file_that_is_not_whole_or_not_readable_is_refused_before_any_row(drop, content, options, words):
    path = drop.put(content)
    with pytest.raises(SourceProblem, match=words) as caught:
        drop.read(**options)
    assert str(path) in caught.value.problem
    assert "nothing was deleted" in caught.value.meaning


@pytest.mark.parametrize("lost", [1, 8, 40])
def test_a_gzip_file_that_was_cut_is_refused(drop, lost):
    drop.put(gzip.compress((GOOD * 20).encode())[:-lost], "orders_1.csv.gz")
    with pytest.raises(SourceProblem, match="gzip"):
        drop.read()


def test_a_damaged_gzip_file_is_refused(drop):
    drop.put(b"no,kunde\n1,a\n", "orders_1.csv.gz")
    with pytest.raises(SourceProblem, match="damaged"):
        drop.read()


def test_a_missing_last_line_end_is_fine_when_the_sender_marked_the_file(drop):
    drop.put(GOOD.rstrip("\n"), done=True)
    extract, _ = drop.read()
    assert extract.expected_rows() == 2


def test_a_header_without_rows_is_never_complete(drop):
    drop.put("no,kunde\n")
    extract, content = drop.read()
    assert content == ""
    assert extract.expected_rows() == 0
    assert not extract.complete()


def test_a_file_that_changes_while_it_is_read_is_not_complete(drop):
    path = drop.put(GOOD)
    stream = StreamConfig(name="orders", target="erp_order", path="orders_*")
    with drop.source().extract(stream, None) as extract:
        path.write_text(GOOD + "0003,X,1\n", encoding="utf-8")
        for _ in extract.chunks:
            pass
        assert not extract.complete()


def test_a_read_that_stopped_half_way_is_not_complete(drop):
    drop.put(GOOD)
    stream = StreamConfig(name="orders", target="erp_order", path="orders_*")
    with drop.source().extract(stream, None) as extract:
        assert not extract.complete()


def test_a_folder_or_file_that_is_not_there_is_a_problem_with_a_remedy(drop):
    with pytest.raises(SourceProblem, match='No file matches "orders_'):
        drop.read()
    with pytest.raises(SourceProblem, match="does not exist") as caught:
        drop.read(directory=str(drop.folder / "gone"))
    assert "hub.toml" in caught.value.remedy
    with pytest.raises(SourceProblem, match="does not exist"):
        drop.source(directory=str(drop.folder / "gone")).check()


def test_the_check_says_what_lies_in_the_folder(drop):
    drop.put(GOOD)
    check = drop.source().check()
    assert check.version.startswith("CSV files, 1 in ")
    assert "reading only" in check.read_only_proof


def test_totals_count_the_rows_that_the_filters_keep(drop):
    drop.put("no,mandant\n1,10\n2,20\n3,\n4,20\n")
    stream = StreamConfig(
        name="orders", target="erp_order", path="orders_*", filters=(Filter(column="mandant", include=("20",)),)
    )
    assert drop.source().totals(stream).rows == 2


def test_a_long_file_with_quotes_across_block_borders_loses_nothing(drop):
    lines = [f'{number},"text, with ""quotes"" {"x" * (number % 97)}"\n' for number in range(60_000)]
    drop.put("no,text\n" + "".join(lines))
    extract, content = drop.read()
    assert extract.format == "csv"
    assert content == "".join(lines)
    assert extract.expected_rows() == 60_000


def test_one_value_may_be_a_megabyte_long(drop):
    drop.put("no;text\n1;" + "y" * 1_000_000 + "\n")
    assert len(drop.rows(delimiter=";")[0][1]) == 1_000_000
