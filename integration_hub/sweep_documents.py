"""Compares all keys of an ERP with the mirror. What was deleted for good leaves it; a document that never arrived, or
that lost a line without moving its change mark, is read again whole.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from psycopg import sql

from integration_hub.config import StreamConfig
from integration_hub.models import Run, StreamState
from integration_hub.publish import SWEPT, Prepared
from integration_hub.shapes import Shape
from integration_hub.sources import DocumentSource, SourceProblem
from integration_hub.staging import SWEEP, Reading, Staged, stage_beside, stage_stream
from integration_hub.streams import full_name, target
from integration_hub.warehouse import Stage, drop_stage, execute, fetch
from integration_hub.warehouse_compare import prepare
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_gone import find_dropped_children, find_swept
from integration_hub.warehouse_portions import fill_portions

MOST_READ = 5_000
"""So many documents are read one by one; of more the next sync reads the whole stream."""


@dataclass(frozen=True)
class _Keys:
    """All keys of a stream in the ERP, as the mirror writes them, and what asking for them took."""

    stage: Stage
    began: datetime
    calls: int


def sweep_documents(run: Run, source: DocumentSource) -> Iterator[list[Prepared]]:
    """For each stream with documents: what its sweep found, and that of all streams that come with it, to be published.

    Raises SourceProblem where not all keys arrived. Streams that were never loaded are passed.
    """
    number = 0
    for stream in (each for each in source.streams if not each.within):
        state = StreamState.objects.filter(pk=full_name(source.name, stream)).exclude(as_of=None).first()
        if state is None:
            continue
        beside = [each for each in source.streams if each.within == stream.name]
        found = _swept(run, source, stream, beside, state, number)
        number += len(found)
        yield found


def _swept(
    run: Run,
    source: DocumentSource,
    stream: StreamConfig,
    beside: Sequence[StreamConfig],
    state: StreamState,
    number: int,
) -> list[Prepared]:
    with ExitStack() as stages:
        own = stages.enter_context(_keys(run, source, stream))
        others = [
            stages.enter_context(_keys(run, source, each)).stage
            for each in source.streams
            if each.target == stream.target and each.name != stream.name and not each.within
        ]
        lines = {each.name: stages.enter_context(_keys(run, source, each)) for each in beside}
        wanted = _unknown(source, stream, own) | _with_lost_lines(source, beside, own, lines)
        too_many = len(wanted) > MOST_READ
        staged = _read_again(run, source, stream, beside, state, [] if too_many else sorted(wanted))
        deltas = [
            prepare(number + place, each.stage, each.columns, direct=False, every_value=False)
            for place, each in enumerate(staged)
        ]
        guard = find_swept(
            deltas[0], own.stage, own.began, source.max_deleted_share, prefix=f"{source.name}:", others=others
        )
    for each, delta in zip(staged[1:], deltas[1:], strict=True):
        if each.stream.parent:
            find_dropped_children(each.stream, delta, _documents_of(each.stream, delta, deltas))
    if too_many:
        StreamState.objects.filter(pk=state.pk).update(full_as_of=None)
        state.full_as_of = None
    notes = _notes(own, lines, len(wanted), too_many=too_many)
    calls = own.calls + sum(each.calls for each in lines.values())
    staged[0] = replace(staged[0], notes=notes, api_calls=staged[0].api_calls + calls)
    guards = [replace(guard, code=f"{SWEPT}{guard.code}") if guard else None, *(None for _ in staged[1:])]
    return [Prepared(*parts) for parts in zip(staged, deltas, guards, strict=True)]


def _documents_of(stream: StreamConfig, delta: Delta, deltas: Sequence[Delta]) -> list[Delta]:
    table = delta.columns.target.parent_table(stream.parent)
    return [other for other in deltas if other.columns.target.table == table]


@contextmanager
def _keys(run: Run, source: DocumentSource, stream: StreamConfig) -> Iterator[_Keys]:
    """The keys for the length of a block."""
    began = timezone.now()
    with source.all_keys(stream) as extract:
        stage = fill_portions(run.pk, f"{stream.name}_ids", extract, None)
        try:
            if not extract.complete():
                raise SourceProblem(
                    f"Not all keys of {stream.name} arrived.",
                    "Without them nobody can say what is missing, so nothing was removed.",
                    "Nothing to do if it happens once: the keys are compared again.",
                    transient=True,
                )
            execute(sql.SQL("create index on {} (c1)").format(stage.table))
            execute(sql.SQL("analyze {}").format(stage.table))
            yield _Keys(stage, began, extract.api_calls())
        finally:
            drop_stage(stage)


def _unknown(source: DocumentSource, stream: StreamConfig, keys: _Keys) -> set[str]:
    """Keys of documents that are not live here, and neither left out by a filter nor waiting as rejected rows."""
    if stream.filters:
        return set()
    found = fetch(
        sql.SQL(
            "select s.c1 from {keys} as s where not exists (select 1 from {mirror} as m"
            " where m.key = {prefix} || s.c1 and m.deleted_at is null) and not exists (select 1 from hub_rejected_row"
            " as r where r.stream = {stream} and r.key = {prefix} || s.c1 and r.resolved_at is null) limit {most}"
        ).format(
            keys=keys.stage.table,
            mirror=sql.Identifier(target(stream.target).table),
            prefix=sql.Literal(f"{source.name}:"),
            stream=sql.Literal(full_name(source.name, stream)),
            most=sql.Literal(MOST_READ + 1),
        )
    )
    return {str(key) for (key,) in found}


def _with_lost_lines(
    source: DocumentSource, beside: Sequence[StreamConfig], own: _Keys, lines: dict[str, _Keys]
) -> set[str]:
    """Keys of documents that are still there, but not with a line that is here."""
    found: set[str] = set()
    for each in (stream for stream in beside if stream.parent):
        table = target(each.target)
        rows = fetch(
            sql.SQL(
                "select distinct substr(m.{document}, {start}) from {mirror} as m where m.source = {source}"
                " and m.deleted_at is null and m.{document} is not null and m.synced_at < {began}"
                " and not exists (select 1 from {keys} as s where {prefix} || s.c1 = m.key)"
                " and exists (select 1 from {documents} as d where {prefix} || d.c1 = m.{document}) limit {most}"
            ).format(
                document=sql.Identifier(str(table.fields[each.parent].column)),
                start=sql.Literal(len(source.name) + 2),
                mirror=sql.Identifier(table.table),
                source=sql.Literal(source.name),
                began=sql.Literal(lines[each.name].began),
                keys=lines[each.name].stage.table,
                documents=own.stage.table,
                prefix=sql.Literal(f"{source.name}:"),
                most=sql.Literal(MOST_READ + 1),
            )
        )
        found |= {str(key) for (key,) in rows}
    return found


def _read_again(
    run: Run,
    source: DocumentSource,
    stream: StreamConfig,
    beside: Sequence[StreamConfig],
    state: StreamState,
    keys: Sequence[str],
) -> list[Staged]:
    """The documents with these keys as they are now, and what comes with them; nothing but their rows counts."""
    reading = Reading(state, SWEEP, None, shape=Shape(fields=state.shape))
    documents = stage_stream(source, stream, reading, run.pk, asked=source.documents(stream, keys))
    return [documents, *(stage_beside(source, each, documents, asked=False) for each in beside)]


def _notes(own: _Keys, lines: dict[str, _Keys], read: int, *, too_many: bool) -> tuple[str, ...]:
    compared = own.stage.rows + sum(each.stage.rows for each in lines.values())
    notes = (f"{compared:,} keys were compared.",)
    if too_many:
        return (*notes, f"More than {MOST_READ:,} documents differ: the next sync reads the whole stream.")
    return (*notes, f"{read:,} documents differed and have been read again.") if read else notes
