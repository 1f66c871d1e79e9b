"""The mirrored rows behind a number of a run: what it wrote, what it marked as gone."""

from dataclasses import dataclass

from django.db.models import QuerySet

from integration_hub.models import Run, StreamRun
from integration_hub.models.common import Mirrored
from integration_hub.streams import target, target_of

KINDS = {"written": "Written", "deleted": "Marked as gone"}


@dataclass(frozen=True)
class MirrorTable:
    """The mirror table of a stream, and its rows that the run was the last to touch."""

    table: str
    rows: QuerySet[Mirrored]


def touched_rows(run: Run, stream: StreamRun, kind: str) -> MirrorTable | None:
    """Rows of the stream's table that this run was the last to write; None when no table belongs to the stream."""
    table = target_of(stream.stream)
    if table is None:
        return None
    rows = target(table).model.objects.filter(run=run.pk, deleted_at__isnull=kind != "deleted").order_by("pk")
    return MirrorTable(table, rows)
