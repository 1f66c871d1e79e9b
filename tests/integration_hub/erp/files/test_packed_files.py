"""Zip and gzip deliveries: one file inside, whole, and not made to harm."""

import gzip
import io
import zipfile

import pytest

from integration_hub.erp.files import packed as packing
from integration_hub.sources import NothingNew, SourceProblem

GOOD = "no,net\n1,10\n2,20\n"


def zipped(method=zipfile.ZIP_DEFLATED, /, **members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as packed:
        for name, text in members.items():
            packed.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_the_one_file_in_a_zip_is_read(drop, method):
    drop.put(zipped(method, **{"out/": "", "out/orders.csv": GOOD, "__MACOSX/._orders.csv": "x"}), "orders_1.zip")
    read = drop.read()
    assert (read.content, read.complete) == ("1,10\n2,20\n", True)


def test_the_same_content_is_nothing_new_however_it_is_packed(drop):
    drop.put(GOOD)
    first = drop.read()
    drop.put(zipped(**{"a.csv": GOOD}), "orders_2.zip", minutes_ago=10)
    with pytest.raises(NothingNew, match=r"orders_2.zip has the same content"):
        drop.read(first.fingerprint)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": GOOD, "b.csv": GOOD}, 'exactly one file, but it holds 2: "a.csv", "b.csv"'),
        ({}, "it holds 0: none"),
        ({"../../etc/orders.csv": GOOD}, "leads out of its folder"),
        ({"/etc/orders.csv": GOOD}, "leads out of its folder"),
        ({"..\\orders.csv": GOOD}, "leads out of its folder"),
        ({"C:orders.csv": GOOD}, "leads out of its folder"),
        ({"inner.zip": "PK"}, "packed itself"),
    ],
)
def test_any_other_zip_is_refused_in_words(drop, members, words):
    drop.put(zipped(**members), "orders_1.zip")
    before = set(drop.folder.parent.rglob("*"))
    with pytest.raises(SourceProblem, match=r"orders_1.zip cannot be read") as caught:
        drop.read()
    assert words in caught.value.problem
    written = {path for path in drop.folder.parent.rglob("*") if path.is_file()} - before
    assert all(path.is_relative_to(drop.archive) for path in written)


def test_a_zip_with_a_password_is_refused(drop):
    content = bytearray(zipped(**{"a.csv": GOOD}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    drop.put(bytes(content), "orders_1.zip")
    with pytest.raises(SourceProblem, match="protected with a password"):
        drop.read()


def test_a_zip_whose_content_was_damaged_is_refused(drop):
    content = zipped(zipfile.ZIP_STORED, **{"a.csv": GOOD}).replace(b"1,10", b"1,90")
    drop.put(content, "orders_1.zip")
    with pytest.raises(SourceProblem, match="The zip file is damaged: Bad CRC"):
        drop.read()


@pytest.mark.parametrize("lost", [1, 30, 100])
def test_a_cut_zip_is_refused(drop, lost):
    drop.put(zipped(**{"a.csv": GOOD})[:-lost], "orders_1.zip")
    with pytest.raises(SourceProblem, match="The zip file is damaged"):
        drop.read()


@pytest.mark.parametrize("name", ["orders_1.csv.gz", "orders_1.zip"])
def test_a_file_made_to_fill_the_disk_is_refused(drop, name, monkeypatch):
    monkeypatch.setattr(packing, "SUSPECT_FROM", 1_000_000)
    swollen = "no\n" + "0" * 5_000_000 + "\n"
    drop.put(gzip.compress(swollen.encode()) if name.endswith("gz") else zipped(**{"a.csv": swollen}), name)
    with pytest.raises(SourceProblem, match="more than 200 times its size"):
        drop.read()


def test_a_header_that_comes_again_is_refused(drop):
    drop.put(GOOD + GOOD)
    with pytest.raises(SourceProblem, match="Line 4 is the header again"):
        drop.read()


def test_a_value_of_more_than_a_million_characters_is_read_and_one_without_end_is_refused(drop):
    drop.put("no,text\n1," + "x" * 1_200_000 + "\n")
    assert drop.read().expected == 1
    drop.put("no,text\n1," + "x" * 17_000_000 + "\n", minutes_ago=5)
    with pytest.raises(SourceProblem, match="field larger than field limit"):
        drop.read()
