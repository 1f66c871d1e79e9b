"""Transactions of a real Tryton that commit after younger ones: none of them may be missed."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_django import Settings

from tests.conftest import WORKER
from tests.erp.tryton_real import environment, late, mirror, server
from tests.erp.tryton_real.conftest import configured

pytestmark = [pytest.mark.external, pytest.mark.slow, pytest.mark.timeout(2400)]
SECONDS, PAUSE = 25, 0.3
DATABASE = f"tryton_late_{WORKER or 'alone'}"


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[environment.Installed, late.Server, str]]:
    """A Tryton on PostgreSQL, and the address of its database."""
    try:
        tryton = environment.installed(environment.VERSIONS[-1])
    except environment.Unavailable as reason:
        pytest.skip(str(reason))
    postgres = late.Server(os.environ["DATABASE_URL"])
    file = late.dump(tryton, postgres, DATABASE)
    with postgres.database(DATABASE) as made:
        late.restore(file, made)
        yield tryton, postgres, made


class Naive:
    """Reads what is stamped later than all it has seen, as one would at first: shows that there is a race."""

    def __init__(self, database: str) -> None:
        self.seen: dict[int, str] = {}
        self._database, self._ended = database, threading.Event()
        self._thread = threading.Thread(target=self._poll)

    def __enter__(self) -> "Naive":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _poll(self) -> None:
        last = None
        with psycopg.connect(self._database, autocommit=True) as connection:
            while not self._ended.wait(PAUSE) or last is None:
                rows = connection.execute(
                    "select id, reference, coalesce(write_date, create_date) as stamp from sale_sale"
                    " where coalesce(write_date, create_date) > coalesce(%s, timestamp '1970-01-01') order by stamp",
                    (last,),
                ).fetchall()
                self.seen.update((number, reference) for number, reference, _ in rows)
                last = rows[-1][2] if rows else last

    def stale(self) -> list[int]:
        """What it holds otherwise than the database does."""
        with psycopg.connect(self._database) as connection:
            rows = connection.execute("select id, reference from sale_sale").fetchall()
        return [number for number, reference in rows if self.seen.get(number) != reference]


def test_what_commits_after_something_younger_is_still_found(
    address: tuple[environment.Installed, late.Server, str],
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    db: None,
) -> None:
    tryton, postgres, database = address
    with server.running(tryton, tmp_path, uri=postgres.uri, database=DATABASE) as erp:
        made = configured(erp, tmp_path, settings, monkeypatch)
        made.sync()
        cycles = 0
        with Naive(database) as naive, writers(tryton, tmp_path) as process:
            while process.poll() is None:
                made.sync(stream="orders")
                cycles += 1
            late_ones = process.communicate(timeout=60)[0]
        made.sync(stream="orders")
        truth: dict[str, Any] = json.loads(tryton.inside("truth", tmp_path, database=DATABASE))
    assert process.returncode == 0
    assert int(late_ones) > 10, "hardly anything committed late, so nothing was shown"
    assert cycles > 3
    assert naive.stale(), "a reader without overlap missed nothing, so nothing was shown"
    assert mirror.orders() == truth["orders"]


def writers(tryton: environment.Installed, folder: Path) -> "subprocess.Popen[str]":
    """The writers of inside/race.py at work; they print how many of their transactions were late."""
    command = [str(tryton.venv / "bin" / "python"), "-m", "tests.erp.tryton_real.inside.race"]
    paths = {"PATH": os.environ["PATH"], "PYTHONPATH": str(environment.ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [*command, str(folder / "trytond.conf"), DATABASE, "write", str(SECONDS)],
        cwd=environment.ROOT, env=paths, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
