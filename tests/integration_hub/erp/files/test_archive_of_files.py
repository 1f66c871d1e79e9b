"""Every accepted file is kept, every refused one with its reason; the ERP's folder never changes."""

import errno
import os
import shutil
import time
from pathlib import Path

import pytest

from integration_hub.erp.files.archive import refusals
from integration_hub.sources import NothingNew, SourceProblem

GOOD = "no,net\n1,10\n2,20\n"


def test_an_accepted_file_is_kept_once_under_its_day_and_content(drop):
    path = drop.put(GOOD)
    os.utime(path, (1_770_000_000, 1_770_000_000))
    before = drop.listing()
    read = drop.read()
    drop.read()
    assert drop.kept() == [f"us/orders/2026-02-02/orders_1--{read.fingerprint[:12]}.csv"]
    assert (drop.archive / drop.kept()[0]).read_text() == GOOD
    assert drop.listing() == before


def test_the_archive_is_for_this_account_only(drop):
    drop.put(GOOD)
    drop.read()
    assert (drop.archive / "us").stat().st_mode & 0o077 == 0


def test_what_is_loaded_is_what_was_kept_even_when_the_file_changes_meanwhile(drop):
    path = drop.put(GOOD)
    with drop.source().extract(drop.stream(), None) as extract:
        path.write_text("no,net\n7,70\n", encoding="utf-8")
        assert b"".join(extract.chunks) == b"1,10\n2,20\n"
        assert not extract.complete()
    assert (drop.archive / drop.kept()[0]).read_text() == GOOD


def test_a_file_that_changes_before_it_is_kept_counts_as_arriving(drop, monkeypatch):
    path = drop.put(GOOD)
    copied = shutil.copyfileobj

    def overtaken(source, to, length):
        path.write_text(GOOD + "3,30\n", encoding="utf-8")
        copied(source, to, length)

    monkeypatch.setattr(shutil, "copyfileobj", overtaken)
    with pytest.raises(NothingNew, match="changed while it was read"):
        drop.read()
    assert drop.kept() == []


def test_a_refused_file_is_kept_once_with_time_and_reason(drop):
    drop.put("no,net\n1\n")
    before = drop.listing()
    for _ in range(2):
        with pytest.raises(SourceProblem, match="Line 2 has 1 values") as caught:
            drop.read()
    kept, reason = drop.kept()
    assert kept.startswith("us/orders/refused/orders_1--")
    assert reason == f"{kept}.reason.txt"
    assert str(drop.archive / kept) in caught.value.meaning
    when, name, why = (drop.archive / reason).read_text().splitlines()
    assert when.startswith("20")
    assert name == str(drop.folder / "orders_1.csv")
    assert why == "Line 2 has 1 values, the header has 2."
    assert drop.listing() == before


def test_the_check_tells_what_was_refused_lately(drop):
    drop.put("no,net\n1\n")
    with pytest.raises(SourceProblem):
        drop.read()
    (told,) = drop.source().check().warnings
    assert told.startswith("orders_1.csv was refused on 20")
    assert told.endswith(": Line 2 has 1 values, the header has 2.")
    for number in range(8):
        drop.put("", f"orders_{number}.csv", minutes_ago=30 - number)
        with pytest.raises(SourceProblem):
            drop.read()
    assert drop.source().check().warnings[-1] == "And 4 more."


def test_what_was_refused_long_ago_is_not_told_any_more(drop):
    drop.put("")
    with pytest.raises(SourceProblem):
        drop.read()
    old = time.time() - 8 * 86_400
    for name in drop.kept():
        os.utime(drop.archive / name, (old, old))
    assert drop.source().check().warnings == ()


def test_kept_files_are_removed_after_their_time_but_never_those_in_use(drop):
    drop.put(GOOD)
    first = drop.read()
    old = time.time() - 31 * 86_400
    for name in drop.kept():
        os.utime(drop.archive / name, (old, old))
    drop.read(source={"archive_days": 0})
    assert len(drop.kept()) == 1
    drop.read(source={"archive_days": 30})
    assert len(drop.kept()) == 1
    drop.put(GOOD + "3,30\n", "orders_2.csv", minutes_ago=5)
    second = drop.read(source={"archive_days": 30})
    assert [name[-16:-4] for name in drop.kept()] == [second.fingerprint[:12]]
    assert first.fingerprint != second.fingerprint


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("content", [GOOD, "no,net\n1\n"])
def test_a_full_disk_is_told_and_leaves_nothing_half_written(drop, content, monkeypatch):
    drop.put(content)
    monkeypatch.setattr(shutil, "copyfileobj", full_disk)
    with pytest.raises(SourceProblem, match="There is no room left") as caught:
        drop.read()
    assert "nothing is lost" in caught.value.meaning
    assert "archive_days" in caught.value.remedy
    assert drop.kept() == []
    monkeypatch.undo()
    if content == GOOD:
        assert drop.read().complete


def test_an_archive_that_may_not_be_written_is_told(drop, monkeypatch):
    drop.put(GOOD)

    def forbidden(self: Path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", forbidden)
    with pytest.raises(SourceProblem, match="cannot be written to: Permission denied"):
        drop.read()


def test_a_leftover_of_a_killed_run_does_no_harm_and_is_removed_later(drop):
    drop.put(GOOD)
    drop.read()
    (kept,) = drop.kept()
    whole = drop.archive / kept
    leftover = whole.with_name(".0123456789abcdef.part")
    leftover.write_text("half")
    whole.unlink()
    assert drop.read().content == "1,10\n2,20\n"
    assert whole.read_text() == GOOD
    assert leftover.exists()
    old = time.time() - 2 * 86_400
    os.utime(leftover, (old, old))
    drop.read(source={"archive_days": 0})
    assert drop.kept() == [kept]


def test_a_very_long_name_is_kept_as_far_as_there_is_room(drop):
    name = "orders_" + "ö" * 118 + ".csv"
    drop.put(GOOD, name)
    read = drop.read()
    assert read.complete
    assert drop.kept()[0].endswith(f"ö--{read.fingerprint[:12]}.csv")


def test_a_link_that_leads_out_of_the_folder_is_refused(drop, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(GOOD, encoding="utf-8")
    (drop.folder / "orders_1.csv").symlink_to(secret)
    with pytest.raises(SourceProblem, match="is a link, or lies behind one, to a file outside"):
        drop.read()
    assert not drop.archive.exists()


def test_a_folder_that_is_a_link_out_is_refused_too(drop, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "orders_1.csv").write_text(GOOD, encoding="utf-8")
    (drop.folder / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceProblem, match="is a link, or lies behind one, to a file outside"):
        drop.read(path="out/orders_*.csv")


def test_a_link_within_the_folder_is_a_file_like_any_other(drop):
    drop.put(GOOD, "data.csv")
    (drop.folder / "orders_1.csv").symlink_to(drop.folder / "data.csv")
    assert drop.read().expected == 2


def test_the_totals_for_a_comparison_keep_nothing(drop):
    drop.put(GOOD)
    assert drop.source().totals(drop.stream()).rows == 2
    assert not drop.archive.exists()


def test_without_a_folder_of_its_own_the_archive_lies_below_the_state(drop, settings):
    drop.put(GOOD)
    drop.read(source={"archive_directory": ""})
    assert len(list(Path(settings.STATE_DIR).glob("archive/us/orders/*/orders_1--*.csv"))) == 1
    assert refusals(drop.source()._config) == ()
