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
    """The rows of a number; None when no table belongs to the stream any more.

    A row may be new, or changed, and gone at once: the source delivered it as deleted.
    """
    table = target_of(stream.stream)
    if table is None:
        return None
    model, number = target(table).model, counted(stream, kind)
    listed = RunRow.objects.filter(run_ref=run, stream=stream.stream)
    marked = model.objects.filter(run=run.pk)
    is_listed = listed.filter(change=kind).exists()
    if not number or (kind == "duplicate" and not is_listed):
        # What was left out bears no mark.
        return RowsBehind(table, marked.none(), number, listed=False, standing=0)
    if not is_listed:
        rows = marked.exclude(deleted_at=None) if kind == "deleted" else marked
        others = {"inserted", "updated", "deleted"} - ({"inserted", "updated"} if kind == "written" else {kind})
        rows = rows.exclude(pk__in=listed.filter(change__in=others).values("key"))
        if kind != "deleted" and stream.deleted and not listed.filter(change="deleted").exists():
            rows = rows.filter(deleted_at=None)
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
