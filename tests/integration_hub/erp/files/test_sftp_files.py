"""Files on an SFTP server: only a known server, only reading, every file once, and clear words when it fails."""

import gzip
import os
import socket
import time
from pathlib import Path

import pytest

from integration_hub.erp.files.sftp import fingerprint_of
from integration_hub.sources import AnswerTooSlow, NothingNew, SourceProblem
from tests.integration_hub.erp.files.sftp_server import READING, age, serving

GOOD = "no,net\n1,10\n2,20\n"
LONG = "no,net\n" + "".join(f"{number},{number}0\n" for number in range(30_000))


@pytest.fixture
def server(drop):
    with serving(drop.folder) as running:
        drop.options = {
            "url": f"sftp://reader@127.0.0.1:{running.port}/",
            "directory": "",
            "password": running.password,
            "host_key": fingerprint_of(running.host_key),
            "timeout_seconds": 5,
        }
        yield running


def spooled(settings):
    return sorted(path.name for path in Path(settings.STATE_DIR).glob("spool/us/orders/*") if path.name != "seen.json")


def test_the_newest_file_is_read_kept_and_not_fetched_again(drop, server, settings):
    drop.put(LONG)
    drop.put("no,net\n9,9\n", "orders_0.csv", minutes_ago=90)
    read = drop.read()
    assert (read.expected, read.complete, read.extract.format) == (30_000, True, "csv")
    assert read.content == LONG.partition("\n")[2]
    assert [name.rpartition("--")[0].rpartition("/")[2] for name in drop.kept()] == ["orders_1"]
    assert server.requests.count("open:r") == 1
    with pytest.raises(NothingNew, match=r"orders_1.csv has the same content"):
        drop.read(read.fingerprint)
    assert server.requests.count("open:r") == 1
    assert len(spooled(settings)) == 1


def test_nothing_but_reading_ever_reaches_the_server(drop, server):
    drop.put(gzip.compress(GOOD.encode()), "orders_1.csv.gz")
    drop.put("no,net\n1\n", "orders_2.csv", minutes_ago=30)
    drop.put("rows=2", "orders_1.csv.gz.ctl")
    before = drop.listing()
    drop.source().check()
    drop.read(path="orders_1*", control="{name}.ctl", control_totals="rows={rows}")
    with pytest.raises(SourceProblem, match="Line 2 has 1 values"):
        drop.read()
    assert drop.source().totals(drop.stream(path="orders_1.csv.gz")).rows == 2
    assert drop.read(path="orders_1.csv.gz", delivery="delta").expected == 2
    assert set(server.requests) == READING
    assert drop.listing() == before


def test_the_connection_has_no_way_to_write(drop, server):
    source = drop.source()
    connection = source._connected()
    public = {name for name in dir(connection) if not name.startswith("_")}
    assert public == {"about", "alive", "close", "content", "listed", "where"}
    source.close()
    assert not connection.alive


def test_the_check_says_where_it_looks_and_that_it_only_reads(drop, server):
    drop.put(GOOD)
    check = drop.source().check()
    assert check.version == f"CSV files, 1 in sftp://127.0.0.1:{server.port}"
    assert "only listing" in check.read_only_proof


def test_an_unknown_server_is_refused_with_its_fingerprint_before_anything_secret_is_sent(drop, server):
    with pytest.raises(SourceProblem, match="is not known yet") as caught:
        drop.source(host_key="").check()
    assert f'host_key = "{fingerprint_of(server.host_key)}"' in caught.value.remedy
    assert server.sign_ins == []


def test_a_server_with_another_key_is_refused_before_anything_secret_is_sent(drop, server):
    with pytest.raises(SourceProblem, match="has another key than it should") as caught:
        drop.source(host_key="SHA256:" + "A" * 43).check()
    assert "pretend" in caught.value.meaning
    assert server.sign_ins == []


def test_one_of_several_known_keys_is_enough(drop, server):
    known = f"SHA256:{'A' * 43} {fingerprint_of(server.host_key)}"
    assert drop.source(host_key=known).check().version


def test_a_wrong_password_is_a_problem_that_does_not_show_it(drop, server):
    with pytest.raises(SourceProblem, match='did not let "reader" sign in') as caught:
        drop.source(password="wrong-secret").check()
    assert "wrong-secret" not in str(caught.value)
    assert not caught.value.transient


@pytest.mark.parametrize("secret", ["", "of-the-key"])
def test_a_private_key_signs_in(drop, server, tmp_path, secret):
    path = tmp_path / "reader.key"
    server.client_key.write_private_key_file(str(path), password=secret or None)
    drop.put(GOOD)
    assert drop.read(source={"private_key_file": str(path), "password": secret}).expected == 2
    assert server.sign_ins == ["key"]


@pytest.mark.parametrize("content", [None, "no key", "locked"])
def test_a_private_key_that_cannot_be_used_is_a_problem(drop, server, tmp_path, content):
    path = tmp_path / "reader.key"
    if content == "locked":
        server.client_key.write_private_key_file(str(path), password="other")
    elif content:
        path.write_text(content)
    with pytest.raises(SourceProblem, match=r"private key .* cannot be used"):
        drop.source(private_key_file=str(path), password="").check()


def test_an_unreachable_server_is_tried_again(drop, server):
    with pytest.raises(SourceProblem, match="cannot be reached") as caught:
        drop.source(url="sftp://reader@127.0.0.1:1/").check()
    assert caught.value.transient


def test_a_machine_that_answers_but_does_not_speak_is_given_up(drop, server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"sftp://reader@127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(SourceProblem, match="cannot be reached") as caught:
            drop.source(url=address, timeout_seconds=1).check()
    assert caught.value.transient


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_falls_silent_in_the_middle_of_a_file_is_asked_again(drop, server):
    drop.put(LONG)
    server.faults.stall = 1
    assert drop.read(source={"timeout_seconds": 1}).expected == 30_000
    assert server.requests.count("open:r") == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_p21_a_file_that_trickles_in_costs_no_more_than_configured_and_is_asked_for_once(drop, server):
    drop.put(LONG)
    server.faults.trickle = 0.3
    with pytest.raises(AnswerTooSlow, match="not here whole after 1 seconds"):
        drop.read(source={"answer_seconds": 1})
    assert server.requests.count("open:r") == 1


def test_a_folder_that_is_missing_or_forbidden_is_a_problem(drop, server):
    with pytest.raises(SourceProblem, match="does not exist on the server"):
        drop.source(url=f"sftp://reader@127.0.0.1:{server.port}/gone").check()
    server.faults.forbid = True
    with pytest.raises(SourceProblem, match="may not be read"):
        drop.source().check()


# The thread with which paramiko asks ahead ends with the connection, loudly.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("fault", ["break_off", "cut"])
def test_a_download_that_breaks_off_is_read_again(drop, server, fault):
    drop.put(LONG)
    setattr(server.faults, fault, 2)
    assert drop.read().content == LONG.partition("\n")[2]
    assert server.requests.count("open:r") == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("fault", "words"), [("break_off", "broke off"), ("cut", "the server sent fewer, 3 times")])
def test_a_download_that_never_ends_well_is_a_problem_that_is_tried_again(drop, server, fault, words, settings):
    drop.put(LONG)
    setattr(server.faults, fault, 99)
    with pytest.raises(SourceProblem, match=words) as caught:
        drop.read()
    assert caught.value.transient
    assert spooled(settings) == []


def test_a_file_that_changes_while_it_is_fetched_counts_as_arriving(drop, server, settings):
    drop.put(LONG)
    server.faults.change = 1
    with pytest.raises(NothingNew, match="changed while it was read"):
        drop.read()
    assert spooled(settings) == []


def test_a_fresh_file_must_be_seen_unchanged_for_a_while_whatever_the_servers_clock_says(drop, server, monkeypatch):
    server.clock_behind = 600
    drop.put(GOOD, minutes_ago=0)
    with pytest.raises(NothingNew, match="still arriving"):
        drop.read()
    later = time.time() + 31
    monkeypatch.setattr("integration_hub.erp.files.sftp_folder.time.time", lambda: later)
    assert drop.read().expected == 2
    drop.put(GOOD + "3,30\n", minutes_ago=0)
    with pytest.raises(NothingNew, match="still arriving"):
        drop.read()


def test_a_done_mark_makes_a_fresh_file_complete(drop, server):
    drop.put(GOOD, minutes_ago=0)
    drop.put("", "orders_1.csv.done", minutes_ago=0)
    assert drop.read().expected == 2


def test_links_and_unfinished_files_are_left_out(drop, server, tmp_path):
    (tmp_path / "secret.csv").write_text(GOOD)
    age(tmp_path / "secret.csv", 60)
    (drop.folder / "orders_9.csv").symlink_to(tmp_path / "secret.csv")
    drop.put(GOOD, "orders_8.csv.part")
    drop.put("no,net\n7,70\n", "orders_1.csv", minutes_ago=90)
    assert drop.read().rows == [["7", "70"]]


def test_deltas_and_sheets_come_from_a_folder_below(drop, server, settings):
    (drop.folder / "out").mkdir()
    drop.sheet(["no", "net"], ["1", 10], name="out/orders_1.xlsx")
    drop.sheet(["no", "net"], ["2", 20], name="out/orders_2.xlsx")
    options = {"path": "out/orders_*.xlsx", "delivery": "delta", "sequence": True}
    first = drop.read(source={"format": "xlsx"}, **options)
    assert first.rows == [["1", "10"], ["2", "20"]]
    drop.sheet(["no", "net"], ["3", 30], name="out/orders_3.xlsx")
    os.utime(drop.folder / "out/orders_3.xlsx", (drop.now - 2000, drop.now - 2000))
    second = drop.read(first.fingerprint, source={"format": "xlsx"}, **options)
    assert second.rows == [["3", "30"]]
    assert server.requests.count("open:r") == 3
    assert len(spooled(settings)) == 2


def test_a_password_in_a_problem_or_in_the_configuration_shown_is_never_there(drop, server):
    source = drop.source()
    assert server.password not in repr(source._config)
    with pytest.raises(SourceProblem) as caught:
        source.extract(drop.stream(), None).__enter__()
    assert server.password not in str(caught.value)
