"""Tries rejected rows again: the stored record goes through stage, comparison and publish like a delivery of now.

Nothing is asked of the source, and no cursor moves. A document in quarantine is tried whole. A record that is older
than what the mirror has by now never overwrites it: it is resolved as overtaken.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from integration_hub.columns import ColumnMap, column_map
from integration_hub.config import StreamConfig, hub
from integration_hub.models import RejectedRow, Run, RunKind, RunStatus, StreamRun, StreamState
from integration_hub.publish import Prepared, Publication, publish
from integration_hub.replayed import documents_of, left_behind, note_overtaken, overtaken, stage_records, without
from integration_hub.runs import Outcome, request_run
from integration_hub.sources import Source, SourceProblem, opened_source
from integration_hub.staging import REPLAY, Staged
from integration_hub.streams import full_name, parents_first, target
from integration_hub.sync import delivered_fields, no_sync_beside, parents_of, reads_of
from integration_hub.warehouse import Stage, drop_stage
from integration_hub.warehouse_compare import prepare
from integration_hub.warehouse_delta import drop_tables
from integration_hub.warehouse_documents import hold_back
from integration_hub.warehouse_gone import find_dropped_children

MOST_AT_ONCE = 10_000
"""So many rows are tried by one run; the rest waits for the next request."""


def open_rows(source: str = "", stream: str = "", run: int | None = None) -> QuerySet[RejectedRow]:
    """Rejected rows that may be tried, of a source, of one of its streams, or of a run; `stream` without the source."""
    rows = RejectedRow.objects.filter(resolved_at=None)
    if stream:
        rows = rows.filter(stream=f"{source}.{stream}")
    elif source:
        rows = rows.filter(stream__startswith=f"{source}.")
    return rows if run is None else rows.filter(run_ref=run)


def by_source(rows: QuerySet[RejectedRow]) -> dict[str, list[int]]:
    """The ids of the rows, at most MOST_AT_ONCE of each source."""
    found: dict[str, list[int]] = {}
    for stream, pk in rows.order_by("id").values_list("stream", "pk"):
        ids = found.setdefault(stream.partition(".")[0], [])
        if len(ids) < MOST_AT_ONCE:
            ids.append(pk)
    return found


def request_replay(rows: QuerySet[RejectedRow], *, by: str) -> list[Run]:
    """Ask for the rows to be tried: one run for each source. One that waits already tries these as well."""
    with transaction.atomic():
        requested = []
        for source, ids in by_source(rows).items():
            waiting = Run.objects.select_for_update().filter(
                kind=RunKind.REPLAY, subject=source, status=RunStatus.QUEUED
            )
            before = [pk for run in waiting for pk in run.options.get("rows", [])]
            options = {"rows": sorted({*before, *ids})}
            requested.append(request_run(RunKind.REPLAY, source, by=by, options=options))
        return requested


@dataclass(frozen=True)
class _Records:
    """The records of one stream that are tried, in their stage."""

    stream: StreamConfig
    name: str
    stage: Stage
    columns: ColumnMap
    overtaken: int


def run_replay(run: Run) -> Outcome:
    """Try the rows that the run's options name. Raises SourceProblem; then nothing was published."""
    with no_sync_beside(run.subject), opened_source(run.subject) as source:
        wanted = RejectedRow.objects.filter(pk__in=run.options.get("rows", []), resolved_at=None)
        rows = list(_with_their_documents(source.name, wanted))
        records: list[_Records] = []
        try:
            _stage_all(run, source, rows, records)
            return _published(run, source, [each for each in records if each.stage.rows])
        finally:
            with suppress(DatabaseError):
                for each in records:
                    drop_stage(each.stage)


def _with_their_documents(source: str, wanted: QuerySet[RejectedRow]) -> Iterable[RejectedRow]:
    """The rows, and every other row that waits with one of their documents."""
    documents = set(wanted.exclude(document="").values_list("document", flat=True))
    of_source = RejectedRow.objects.filter(stream__startswith=f"{source}.", resolved_at=None)
    return (wanted | of_source.filter(document__in=documents)).distinct().order_by("id")


def _stage_all(run: Run, source: Source, rows: Sequence[RejectedRow], records: list[_Records]) -> None:
    """Fill `records`, without those that a newer version has overtaken; a document is overtaken as a whole."""
    for stream in parents_first(source.streams):
        name = full_name(source.name, stream)
        own = [row for row in rows if row.stream == name]
        if own:
            stage = stage_records(run, stream.name, own)
            records.append(_Records(stream, name, stage, _columns(source.name, stream, stage), 0))
    gone: set[int] = set()
    for each in records:
        fields = target(each.stream.target).fields
        gone |= overtaken(each.stage, each.columns, documents_of(each.stream.target, fields))
        if each.stream.parent or each.stream.within:
            gone |= left_behind([row for row in rows if row.stream == each.name])
    # Of a document whose header was overtaken nothing is loaded: its lines are those of the older version.
    headers = {row.key for row in rows if row.pk in gone and row.key and row.key == row.document}
    gone |= {row.pk for row in rows if row.document in headers}
    note_overtaken(run, gone)
    for number, each in enumerate(records):
        own_gone = gone & {row.pk for row in rows if row.stream == each.name}
        left = without(each.stage, own_gone)
        stage = Stage(each.stage.name, each.stage.columns, left)
        records[number] = _Records(each.stream, each.name, stage, each.columns, len(own_gone))
        if not left:
            StreamRun.objects.create(run_ref=run, stream=each.name, mode=REPLAY, note=_note(len(own_gone)))


def _columns(source: str, stream: StreamConfig, stage: Stage) -> ColumnMap:
    try:
        return column_map(source, stream, target(stream.target), stage.columns)
    except SourceProblem as problem:
        raise SourceProblem(
            f'The stored rows of "{stream.name}" do not have what hub.toml asks for now. {problem.problem}',
            "Nothing was changed; the rows stay as they are.",
            f"Read them from the source instead: manage.py sync --source {source} --stream {stream.name} --full",
        ) from problem


def _note(overtaken_rows: int) -> str:
    if not overtaken_rows:
        return ""
    what = "1 record was" if overtaken_rows == 1 else f"{overtaken_rows:,} records were"
    return f"{what} older than what is here by now, and left out."


def _published(run: Run, source: Source, records: Sequence[_Records]) -> Outcome:
    if not records:
        return Outcome()
    staged = [_staged(source, each) for each in records]
    deltas = [
        prepare(number, each.stage, each.columns, direct=False, every_value=True) for number, each in enumerate(staged)
    ]
    deltas = hold_back(reads_of(source, ()), staged, deltas)
    for each, delta in zip(staged, deltas, strict=True):
        # A document that loads replaces the lines of the version before, where its own lines are among the records.
        if each.stream.parent:
            find_dropped_children(each.stream, delta, parents_of(each.stream, delta, deltas))
    prepared = [Prepared(each, delta, None) for each, delta in zip(staged, deltas, strict=True)]
    today = datetime.now(ZoneInfo(hub().company.time_zone)).date()
    publication = Publication(run, source.name, today, full=False)
    outcome = publish(publication, prepared, (), delivered_fields(source, staged))
    for delta in deltas:
        drop_tables(delta)
    return outcome


def _staged(source: Source, records: _Records) -> Staged:
    """The records as a read; it says nothing of where the stream stands."""
    state = StreamState.objects.filter(pk=records.name).first() or StreamState(stream=records.name, source=source.name)
    note = _note(records.overtaken)
    return Staged(
        stream=records.stream,
        name=records.name,
        state=state,
        mode=REPLAY,
        stage=records.stage,
        delivered=records.stage.columns,
        columns=records.columns,
        complete=False,
        as_of=timezone.now(),
        fingerprint="",
        cursor=state.cursor,
        api_calls=0,
        seconds=0.0,
        every_value=True,
        notes=(note,) if note else (),
    )
