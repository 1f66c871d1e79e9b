"""Spares a snapshot the way from its source when the source itself can say that it holds what the mirror does."""

from collections.abc import Sequence
from dataclasses import replace

from integration_hub.columns import ColumnMap
from integration_hub.config import StreamConfig
from integration_hub.models import RejectedRow, StreamRun
from integration_hub.sources import Extract, no_digest
from integration_hub.streams import GONE
from integration_hub.warehouse import Stage, fill_stage
from integration_hub.warehouse_fingerprint import mirror_digest, seed_of


def unread_stage(
    run: int, name: str, stream: StreamConfig, siblings: Sequence[StreamConfig], extract: Extract, columns: ColumnMap
) -> Stage | None:
    """An empty stage that stands for the mirror's own rows; None where the rows must be read.

    The source hashes every row of its snapshot and sends count and sum. Of two different contents, count and sum agree
    by chance once in 2^64. `siblings` are all streams of the source.
    """
    if extract.digest is no_digest or not _comparable(stream, siblings, columns) or not _likely(name):
        return None
    mirrored = mirror_digest(columns)
    if mirrored is None or extract.digest(tuple(columns.used), seed_of(columns)) != mirrored:
        return None
    empty = fill_stage(run, stream.name, replace(extract, chunks=iter(())))
    return replace(empty, rows=mirrored.rows, unread=True)


def _comparable(stream: StreamConfig, siblings: Sequence[StreamConfig], columns: ColumnMap) -> bool:
    """Only where all rows that the stream delivers are all live rows of its table."""
    alone = sum(each.target == stream.target for each in siblings) == 1
    return alone and not stream.filters and GONE not in columns.names


def _likely(name: str) -> bool:
    """Not worth the source's time where the last read found changes, nor right while a row waits to load at last."""
    last = StreamRun.objects.filter(stream=name).order_by("-pk").first()
    quiet = last is not None and not (last.updated or last.deleted or (last.inserted and last.unchanged))
    return quiet and not RejectedRow.objects.filter(stream=name, resolved_at=None).exists()
