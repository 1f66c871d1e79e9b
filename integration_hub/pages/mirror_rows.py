"""The rows behind a number of a run, and how each stands by now: as the run left it, or written again since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from integration_hub.models import RowChange, Run, RunRow, StreamRun
from integration_hub.models.common import Mirrored
from integration_hub.streams import target, target_of

KINDS: Mapping[str, str] = {
    **{change.value: change.label for change in RowChange},
    # The mark alone, as numbers without a list know their rows by.
    "written": "Written",
}


@dataclass(frozen=True)
class RowLine:
    """One row; `run` is the one that wrote it last, None where the mirror does not have it (any more)."""

    key: str
    modified_at: datetime | None
    written_at: datetime | None
    gone: str
    run: int | None
    stands: bool


@dataclass(frozen=True)
class RowsBehind:
    """The rows that a number counts. `listed`: there is a list of them, of which so many `standing` still are as the
    run left them; otherwise those are found that still bear its mark.
    """

    table: str
    rows: QuerySet[Any]
    counted: int
    listed: bool
    standing: int

    @property
    def written_again(self) -> int:
        """How many of the counted rows a later run wrote again."""
        return self.counted - self.standing


def counted(stream: StreamRun, kind: str) -> int:
    """The number that the run page shows."""
    counts = {
        "inserted": stream.inserted,
        "updated": stream.updated,
        "deleted": stream.deleted,
        "duplicate": stream.duplicates,
        "written": stream.inserted + stream.updated,
    }
    return counts[kind]


def rows_behind(run: Run, stream: StreamRun, kind: str) -> RowsBehind | None:
    """The rows of a number; None when no table belongs to the stream any more."""
    table = target_of(stream.stream)
    if table is None:
        return None
    model, number = target(table).model, counted(stream, kind)
    listed = RunRow.objects.filter(run_ref=run, stream=stream.stream)
    marked = model.objects.filter(run=run.pk)
    if kind == "written" or not listed.filter(change=kind).exists():
        others = listed.filter(change__in=[each for each in ("inserted", "updated") if each != kind])
        rows = marked.filter(deleted_at__isnull=kind != "deleted")
        if kind != "written":
            rows = rows.exclude(pk__in=others.values("key"))
        return RowsBehind(table, rows.order_by("pk"), number, listed=False, standing=rows.count())
    of_kind = listed.filter(change=kind).order_by("key")
    if kind == "duplicate":
        return RowsBehind(table, of_kind, number, listed=True, standing=number)
    standing = of_kind.filter(Exists(marked.filter(pk=OuterRef("key")))).count()
    return RowsBehind(table, of_kind, number, listed=True, standing=standing)


def row_lines(run: Run, behind: RowsBehind, rows: Sequence[RunRow | Mirrored]) -> list[RowLine]:
    """One page of the rows."""
    keys = [row.key for row in rows]
    found = target(behind.table).model.objects.in_bulk(keys)
    return [_line(run, key, found.get(key)) for key in keys]


def _line(run: Run, key: str, row: Mirrored | None) -> RowLine:
    if row is None:
        return RowLine(key, None, None, "", None, stands=False)
    gone = row.gone_reason if row.deleted_at else ""
    return RowLine(key, row.source_modified_at, row.synced_at, gone, row.run, stands=row.run == run.pk)
