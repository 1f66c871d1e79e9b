"""Where the next incremental read begins: the highest change mark of a stage, compared as what it is."""

from datetime import datetime

from django.db import DataError, transaction
from psycopg import sql

from integration_hub.config import StreamConfig
from integration_hub.warehouse import Stage, fetch


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
