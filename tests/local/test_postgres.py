"""The embedded PostgreSQL: rights, restarts, and what a kill leaves."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from integration_hub.local import CannotStartError, postgres
from integration_hub.local.place import Place
from integration_hub.local.tether import Tether
from integration_hub.local.watchdog import alive


def start(place: Place, tether: Tether, *, durable: bool = False) -> subprocess.Popen[bytes]:
    return postgres.start(place, tether, durable=durable)


def stop(server: subprocess.Popen[bytes], number: signal.Signals = signal.SIGINT) -> None:
    server.send_signal(number)
    server.wait(20)


def connect(place: Place, database: str = "customer360", user: str = "hub") -> psycopg.Connection:
    return psycopg.connect(postgres.url(place, database, user), autocommit=True)


def test_data_survive_a_restart(place: Place, tether: Tether) -> None:
    server = start(place, tether)
    with connect(place) as connection:
        connection.execute("create table kept as select 42 as answer")
    stop(server)
    start(place, tether)
    with connect(place) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


@pytest.mark.chaos
def test_committed_data_survive_a_kill_of_the_server(place: Place, tether: Tether) -> None:
    server = start(place, tether, durable=True)
    with connect(place) as connection:
        connection.execute("create table kept as select 42 as answer")
    stop(server, signal.SIGKILL)
    start(place, tether)
    with connect(place) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


def test_it_listens_on_no_port_and_lets_only_its_user_in(place: Place, tether: Tether) -> None:
    start(place, tether)
    with connect(place) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert connection.execute("show timezone").fetchone() == ("UTC",)
    assert (place.sockets / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0


def test_the_reader_of_the_demo_erp_reads_what_its_owner_makes_and_can_write_nothing(
    place: Place, tether: Tether
) -> None:
    start(place, tether)
    with connect(place, "erp_demo") as owner:
        owner.execute("create table debtor (number text); insert into debtor values ('0001')")
    with connect(place, "erp_demo", "erp_reader") as reader:
        assert reader.execute("select number from debtor").fetchall() == [("0001",)]
        for writing in ("insert into debtor values ('2')", "create table own ()", "create temp table own ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(writing)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connect(place, "customer360", "erp_reader")


def test_a_lock_that_names_somebody_elses_process_does_not_keep_it_from_starting(place: Place, tether: Tether) -> None:
    stop(start(place, tether))
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        lock = place.servers / "postgres" / "postmaster.pid"
        lock.write_text(f"{stranger.pid}\n{place.servers / 'postgres'}\n0\n5432\n{place.sockets}\n\n\nready\n")
        if place.owner:
            place.owner.give(lock)
        assert start(place, tether).poll() is None
        assert stranger.poll() is None
    finally:
        stop(stranger, signal.SIGKILL)


def test_a_server_that_outlived_its_launcher_is_stopped_before_another_starts(place: Place, tether: Tether) -> None:
    orphan = start(place, tether)
    server = start(place, tether)
    assert orphan.wait(5) == 0
    assert server.poll() is None


def test_an_interrupted_creation_is_begun_again(place: Place, tether: Tether) -> None:
    half = place.servers / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    assert start(place, tether).poll() is None
    assert not half.exists()


def test_data_of_another_version_are_refused_and_left_alone(place: Place, tether: Tether) -> None:
    version = place.servers / "postgres" / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(CannotStartError, match="written by PostgreSQL 15, this is 18"):
        start(place, tether)
    assert version.read_text() == "15\n"


def test_a_server_that_ends_while_starting_is_reported_with_its_last_words(place: Place, tether: Tether) -> None:
    stop(start(place, tether))
    settings = place.servers / "postgres" / "postgresql.conf"
    settings.write_text("nonsense = 1\n")
    with pytest.raises(CannotStartError, match=r"PostgreSQL ended while starting: .*postgresql\.conf"):
        start(place, tether)


def test_a_process_is_alive_until_it_ends() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert alive(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, and not yet reaped
    assert not alive(process.pid)
    process.wait()
    assert process.stdin
    process.stdin.close()
    assert not alive(process.pid)
