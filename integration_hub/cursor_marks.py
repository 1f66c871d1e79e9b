"""Where the next incremental read begins: the highest change mark of a stage, compared as what it is."""

import re
from datetime import datetime, timedelta

from django.db import DataError, transaction
from psycopg import sql

from integration_hub.config import StreamConfig
from integration_hub.warehouse import Stage, fetch

A_DAY = timedelta(days=1)
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
CODE = "cursor_doubted"
REMEDY = (
    "Nothing to do here. Find out whether the source was put back from a backup, its clock was wrong, "
    "or somebody changed where the stream stands."
)


def next_cursor(stream: StreamConfig, stage: Stage, before: str, until: datetime) -> str:
    """The highest change mark up to an instant, as the source writes it; the old one where nothing higher came.

    A mark more than a day ahead of the read is somebody's typing error: it must not hide everything until that day.
    Where rows were read one after the other, one read early may have changed since: marks after the start do not count.
    """
    if not stream.cursor or not stage.rows:
        return before
    mark = stage.column(stream.cursor)
    latest = sql.Literal(until)
    orders = (
        (sql.SQL("{}::numeric").format(mark), sql.SQL("true")),
        (sql.SQL("{}::timestamptz").format(mark), sql.SQL("{}::timestamptz <= {}").format(mark, latest)),
        (sql.SQL('{} collate "C"').format(mark), sql.SQL("true")),
    )
    for order, allowed in orders:
        try:
            with transaction.atomic():
                found = fetch(
                    sql.SQL(
                        "select {mark} from {stage} as s where {mark} <> '' and {allowed} order by {order} desc limit 1"
                    ).format(mark=mark, stage=stage.table, allowed=allowed, order=order)
                )
        except DataError:
            continue  # not every mark is of this kind: the next kind is tried, and text always works
        return _later(str(found[0][0]), before) if found else before
    return before


def _later(found: str, before: str) -> str:
    """The later of two marks; an incremental read that only reread its overlap must not move the cursor back."""
    if not before:
        return found
    for kind in ("numeric", "timestamptz"):
        try:
            with transaction.atomic():
                cast = sql.SQL("::" + kind)
                later = fetch(sql.SQL("select {}{cast} >= {}{cast}").format(found, before, cast=cast))
        except DataError:
            continue  # one of the two is not of this kind; as text they can always be compared
        return found if later[0][0] else before
    return max(found, before)


def doubt_of(stream: StreamConfig, cursor: str, now: datetime) -> str:
    """Why a stored mark is not believed before a read; empty where it is.

    An instant that no read can have come to yet would pass all that changes until then. A day is let pass, as it is
    when a mark is stored: clocks of sources that do not say their zone are hours ahead.
    """
    if not stream.cursor or not _is_after(cursor, now + A_DAY):
        return ""
    return f'The stored change mark "{cursor}" of "{stream.name}" lies in the future, so everything was read instead.'


def doubt_of_nothing(stream: StreamConfig, cursor: str, until: datetime) -> str:
    """Why a stored mark is not believed when a read of all that is not older brought no row; empty where it is.

    The row that the mark came from should at least have come once more. Where the mark is a past instant, that row may
    well be deleted. A number, or an instant that is still to come, may as well lie beyond everything that will come.
    """
    if _is_after(cursor, until) is False:
        return ""
    return (
        f'Nothing of "{stream.name}" is as new as its stored change mark "{cursor}", not even the row it came from. '
        "The next run reads everything."
    )


def _is_after(mark: str, instant: datetime) -> bool | None:
    """Whether a mark is an instant later than another; None for what is no instant."""
    if not mark or NUMBER.fullmatch(mark):
        # To PostgreSQL 2030.123 is a day of that year as well.
        return None
    try:
        with transaction.atomic():
            return bool(fetch(sql.SQL("select {}::timestamptz > {}").format(mark, instant))[0][0])
    except DataError:
        return None
