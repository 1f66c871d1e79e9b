"""Both servers together, and the lock of a place."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import psycopg
import pytest
import redis

from integration_hub.local import CannotStartError, servers
from integration_hub.local.environment import read
from integration_hub.local.place import CLONE, Place
from integration_hub.local.watchdog import marked, wait_until_gone


def test_a_second_launcher_is_refused_and_told_where_the_first_one_is(tmp_path: Path) -> None:
    with servers.alone(tmp_path), pytest.raises(CannotStartError) as refusal, servers.alone(tmp_path):
        pass
    assert str(refusal.value) == (
        f"Customer 360 already runs from {tmp_path} (process {os.getpid()}): stop it with Ctrl-C where it was started."
    )
    with servers.alone(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_of_a_killed_launcher_is_waited_for_while_its_watchdog_clears_up(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        clearing = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import fcntl, time; fcntl.flock(0, fcntl.LOCK_EX); print(1, flush=True); time.sleep(1)",
            ],
            stdin=lock,
            stdout=subprocess.PIPE,
        )
    assert clearing.stdout
    clearing.stdout.readline()
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "lock").write_text(f"{ended.pid}\n")
    with servers.alone(tmp_path):
        assert clearing.wait(1) == 0
    clearing.stdout.close()


def test_temporary_servers_are_empty_and_leave_nothing() -> None:
    with servers.temporary() as addresses:
        with psycopg.connect(addresses["DATABASE_URL"]) as connection:
            assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
            assert connection.info.server_version >= 180000
            directory = Path(connection.info.host).parents[1]
        with redis.from_url(addresses["REDIS_URL"]) as client:
            assert client.dbsize() == 0
        assert marked(str(directory))
    assert not directory.exists()
    assert not marked(str(directory))


@pytest.mark.chaos
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_development_servers_stop_with_their_launcher_and_keep_their_data(
    place: Place, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "integration_hub.local.servers", "--state", str(place.state)]
    for expected in (None, "kept"):
        launcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CLONE)
        assert launcher.stdout
        assert "addresses in" in launcher.stdout.readline()
        addresses = read(place.state / "env")
        with psycopg.connect(addresses["DATABASE_URL"]) as connection:
            found = connection.execute("select obj_description(to_regclass('public.kept'))").fetchone()
            connection.execute("create table if not exists kept (); comment on table kept is 'kept'")
        assert found == (expected,)
        assert len(marked(str(place.state))) >= 2
        launcher.send_signal(number)
        launcher.wait(20)
        launcher.stdout.close()
        assert wait_until_gone(partial(marked, str(place.state)), 20)
