"""Compares all ids of a source with the mirror: what was deleted for good leaves it, what never arrived is read."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import DatabaseError
from django.utils import timezone
from psycopg import sql

from integration_hub.config import StreamConfig, hub
from integration_hub.models import Run, StreamState
from integration_hub.publish import SWEPT, Prepared, Publication, publish
from integration_hub.runs import Outcome
from integration_hub.shapes import shape_of
from integration_hub.sources import DocumentSource, Extract, RecordSource, SourceProblem, opened_source
from integration_hub.staging import SWEEP, Staged, extract_columns
from integration_hub.streams import Target, full_name, target
from integration_hub.sweep_documents import sweep_documents
from integration_hub.sync import no_sync_beside
from integration_hub.warehouse import Stage, drop_stage, fetch, purge_stages
from integration_hub.warehouse_compare import prepare
from integration_hub.warehouse_delta import drop_tables
from integration_hub.warehouse_gone import find_swept
from integration_hub.warehouse_portions import fill_portions

MOST_LATE = 5_000
"""So many records are read one by one; of more the next sync reads the whole stream."""


def run_sweep(run: Run) -> Outcome:
    """Compare the ids of every stream that was loaded before, and publish. Raises SourceProblem."""
    with no_sync_beside(run.subject), opened_source(run.subject) as source:
        if isinstance(source, DocumentSource):
            source.check()
            return _sweep_documents(run, source)
        if not isinstance(source, RecordSource):
            raise SourceProblem(
                f"{run.subject} has no ids to compare.",
                "Nothing was read.",
                "Every whole read of it shows what has left.",
            )
        source.check()
        return _sweep(run, source)


def _sweep_documents(run: Run, source: DocumentSource) -> Outcome:
    purge_stages()
    prepared: list[Prepared] = []
    try:
        for found in sweep_documents(run, source):
            prepared += found
        known = {each.staged.name for each in prepared}
        passed = [name for name in (full_name(source.name, each) for each in source.streams) if name not in known]
        today = datetime.now(ZoneInfo(hub().company.time_zone)).date()
        outcome = publish(Publication(run, source.name, today, full=False), prepared, passed, {})
        for each in prepared:
            drop_tables(each.delta)
        return outcome
    finally:
        with suppress(DatabaseError):
            for each in prepared:
                drop_stage(each.staged.stage)


def _sweep(run: Run, source: RecordSource) -> Outcome:
    prepared: list[Prepared] = []
    passed: list[str] = []
    try:
        for stream in source.streams:
            state = StreamState.objects.filter(pk=full_name(source.name, stream)).exclude(as_of=None).first()
            if state is None:
                passed.append(full_name(source.name, stream))
                continue
            prepared.append(_compared(run, source, stream, state, len(prepared)))
        today = datetime.now(ZoneInfo(hub().company.time_zone)).date()
        outcome = publish(Publication(run, source.name, today, full=False), prepared, passed, {})
        for each in prepared:
            drop_tables(each.delta)
        return outcome
    finally:
        with suppress(DatabaseError):
            for each in prepared:
                drop_stage(each.staged.stage)


def _compared(run: Run, source: RecordSource, stream: StreamConfig, state: StreamState, number: int) -> Prepared:
    began = timezone.now()
    with source.some_fields(stream, ()) as extract:
        ids = fill_portions(run.pk, f"{stream.name}_ids", extract, None)
        _check_whole(stream, extract, ids)
        calls, notes = extract.api_calls(), tuple(extract.told())
    try:
        late, too_many = _late(ids, target(stream.target))
        staged = _read_late(run, source, stream, state, late)
        delta = prepare(number, staged.stage, staged.columns, direct=False, every_value=False)
        guard = find_swept(delta, ids, began, source.max_deleted_share)
    finally:
        drop_stage(ids)
    if too_many:
        StreamState.objects.filter(pk=state.pk).update(full_as_of=None)
        notes += (f"More than {MOST_LATE:,} records are missing here: the next sync reads the whole stream.",)
    elif late:
        notes += (f"{len(late):,} records were missing here and have been read.",)
    staged = replace(
        staged,
        notes=(f"{ids.rows:,} ids were compared.", *notes),
        api_calls=staged.api_calls + calls,
        seconds=(timezone.now() - began).total_seconds(),
    )
    return Prepared(staged, delta, replace(guard, code=f"{SWEPT}{guard.code}") if guard else None)


def _check_whole(stream: StreamConfig, extract: Extract, ids: Stage) -> None:
    if extract.complete() and extract.expected_rows() == ids.rows:
        return
    raise SourceProblem(
        f"Not all ids of {stream.name} arrived.",
        "Without them nobody can say what is missing, so nothing was removed.",
        "Nothing to do if it happens once: the ids are compared again.",
        transient=True,
    )


def _late(ids: Stage, table: Target) -> tuple[list[str], bool]:
    """Ids that are not live in the mirror; none, and True, when there are too many to ask for each."""
    found = fetch(
        sql.SQL(
            "select s.c1 from {} as s where not exists (select 1 from {} as m where m.key = s.c1"
            " and m.deleted_at is null) limit {}"
        ).format(ids.table, sql.Identifier(table.table), sql.Literal(MOST_LATE + 1))
    )
    return ([], True) if len(found) > MOST_LATE else ([str(key) for (key,) in found], False)


def _read_late(run: Run, source: RecordSource, stream: StreamConfig, state: StreamState, late: list[str]) -> Staged:
    shape = shape_of(source, stream, state)
    with source.some_records(stream, late) as extract:
        columns = extract_columns(source.name, stream, extract, shape.missing & frozenset(extract.hidden))
        stage = fill_portions(run.pk, stream.name, extract, None)
        return Staged(
            stream=stream,
            name=state.stream,
            state=state,
            mode=SWEEP,
            stage=stage,
            delivered=extract.columns,
            columns=columns,
            complete=False,
            as_of=extract.as_of,
            fingerprint=state.fingerprint,
            cursor=state.cursor,
            api_calls=extract.api_calls(),
            seconds=0,
            every_value=False,
            notes=(),
        )
