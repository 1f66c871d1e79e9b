"""How far a running run is, for those who wait for it: counted on the rows' way to the stage, told once a second.

It is written by a connection of its own, because a stream is read within a transaction, whose writes nobody would see
before its end. A run of less than a second opens none. What cannot be told is left untold: it never costs the run.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from integration_hub.models import Run, RunStatus

log = logging.getLogger(__name__)
SECONDS_BETWEEN = 1.0
LONGEST_WAIT = "500ms"
READING, COMPARING, PUBLISHING = "reading", "comparing", "publishing"

# Nothing is told of a run that this connection does not see, or that is no longer this process's.
TOLD = """
insert into hub_run_progress (run, phase, stream, mode, position, streams, rows, bytes, stream_began_at, at)
select r.id, %s, %s, %s, %s, %s, %s, %s, %s, %s from hub_run as r where r.id = %s and r.status = %s
on conflict (run) do update set (phase, stream, mode, position, streams, rows, bytes, stream_began_at, at) =
(excluded.phase, excluded.stream, excluded.mode, excluded.position, excluded.streams, excluded.rows, excluded.bytes,
excluded.stream_began_at, excluded.at)
"""
OVER = """
delete from hub_run_progress as p where p.run = %s
or not exists (select 1 from hub_run as r where r.id = p.run and r.status = %s)
"""


class Watch:
    """Counts what one run reads. `rows` are lines: of CSV a little more than rows, where texts have several."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._phase, self._stream, self._mode = READING, "", ""
        self._position = self._streams = 0
        self.rows = self.bytes = 0
        self._began_at: datetime | None = None
        self._last = time.monotonic()
        self._own: BaseDatabaseWrapper | None = None
        self._silent = False

    def stream(self, name: str, mode: str, position: int, streams: int) -> None:
        """The next stream is read, number `position` of `streams`."""
        self._phase, self._stream, self._mode = READING, name, mode
        self._position, self._streams = position, streams
        self.rows = self.bytes = 0
        self._began_at = timezone.now()
        self._tell_soon()

    def phase(self, phase: str) -> None:
        """What follows the reading has begun. Told at once by a run that is watched already."""
        self._phase = phase
        if self._own is not None:
            self._tell()

    def chunk(self, chunk: bytes) -> None:
        """Some rows more."""
        self.rows += chunk.count(b"\n")
        self.bytes += len(chunk)
        self._tell_soon()

    def _tell_soon(self) -> None:
        if time.monotonic() - self._last >= SECONDS_BETWEEN:
            self._tell()

    def _tell(self) -> None:
        place = (self._phase, self._stream, self._mode, self._position, self._streams)
        self._write(
            TOLD,
            [*place, self.rows, self.bytes, self._began_at, timezone.now(), self._run, RunStatus.RUNNING],
        )
        self._last = time.monotonic()

    def _write(self, statement: str, values: Sequence[str | int | datetime | None]) -> None:
        if self._silent:
            return
        try:
            if self._own is None:
                self._own = connection.copy()
                with self._own.cursor() as cursor:
                    cursor.execute("select set_config('statement_timeout', %s, false)", [LONGEST_WAIT])
            with self._own.cursor() as cursor:
                cursor.execute(statement, values)
        except DatabaseError as error:
            self._silent = True
            log.warning("the progress of run %s is no longer told (%s)", self._run, type(error).__name__)

    def close(self) -> None:
        """The run is over: what was told of it goes."""
        if self._own is not None:
            self._write(OVER, [self._run, RunStatus.RUNNING])
            self._own.close()


WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(run: Run) -> Iterator[Watch]:
    """Tell of this run while the block lasts."""
    watch = Watch(run.pk)
    token = WATCH.set(watch)
    try:
        yield watch
    finally:
        WATCH.reset(token)
        watch.close()


def reading(stream: str, mode: str, position: int, streams: int) -> None:
    """A stream, by its full name, is read next."""
    watch = WATCH.get()
    if watch is not None:
        watch.stream(stream, mode, position, streams)


def at_phase(phase: str) -> None:
    """The run has come to COMPARING or PUBLISHING."""
    watch = WATCH.get()
    if watch is not None:
        watch.phase(phase)
