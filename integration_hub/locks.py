"""Advisory locks of PostgreSQL: the lease of a run, free the moment its process or connection is gone."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

# First half of every lock's number, so that other users of the database do not meet ours.
SPACE = 0x4333
# Held for the length of a publish or a rollup: they never overlap.
PUBLISH = "publish"


def _number(name: str) -> int:
    """A signed 32-bit number for a name, the same in every process."""
    return zlib.crc32(name.encode()) - 2**31


def run_name(kind: str, subject: str) -> str:
    """Name of the lock that a run of this kind and subject holds from start to end."""
    return f"run:{kind}:{subject}"


def try_lock(name: str) -> bool:
    """Take the lock for this database session; False when another session has it."""
    return bool(_asked("select pg_try_advisory_lock(%s, %s)", name))


def unlock(name: str) -> None:
    """Give the lock back."""
    _asked("select pg_advisory_unlock(%s, %s)", name)


def is_free(name: str) -> bool:
    """Whether no session holds the lock: a run that says "running" while its lock is free has died."""
    if not try_lock(name):
        return False
    unlock(name)
    return True


@contextmanager
def holding(name: str) -> Iterator[bool]:
    """The lock for the length of the block; yields False, without waiting, when another session has it."""
    held = try_lock(name)
    try:
        yield held
    finally:
        # A lost connection has given the lock back already.
        if held and connection.connection is not None and not connection.connection.closed:
            unlock(name)


def end_silent_holder(name: str, seconds: float) -> bool:
    """End the session that holds the lock where it has asked nothing for so long, by the database's clock: its process
    hangs, or its machine is gone without a word. Whether there was one. It has to be of the same role as this one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select pg_terminate_backend(activity.pid)
            from pg_locks lock join pg_stat_activity activity using (pid)
            where lock.locktype = 'advisory' and lock.granted
                and lock.classid = %s and lock.objid = %s and lock.objsubid = 2
                and lock.database = (select oid from pg_database where datname = current_database())
                and activity.state like 'idle%%'
                and activity.state_change < clock_timestamp() - make_interval(secs => %s)
            """,
            [SPACE, _number(name) % 2**32, seconds],
        )
        return any(ended for (ended,) in cursor.fetchall())


def wait_in_transaction(name: str) -> None:
    """Wait for the lock and keep it to the end of the transaction: publishes and rollups never overlap."""
    _asked("select pg_advisory_xact_lock(%s, %s)", name)


def try_in_transaction(name: str) -> bool:
    """Take the lock to the end of the transaction; False, without waiting, when another session has it."""
    return bool(_asked("select pg_try_advisory_xact_lock(%s, %s)", name))


def wait_on(cursor: CursorWrapper, name: str) -> None:
    """Wait for the lock on a connection of the caller's own; it is free when that connection is closed."""
    cursor.execute("select pg_advisory_lock(%s, %s)", [SPACE, _number(name)])


def _asked(statement: str, name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, [SPACE, _number(name)])
        row = cursor.fetchone()
    return row[0] if row else None
