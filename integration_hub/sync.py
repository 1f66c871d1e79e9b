"""Brings one source up to date: read every stream into a stage, compare, publish all of them at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import DatabaseError
from django.utils import timezone

from integration_hub import locks, progress
from integration_hub.attempts import note_failed, note_tried
from integration_hub.broken_deliveries import stop_if_broken, stop_if_misfitting
from integration_hub.by_key.reading import stage_documents
from integration_hub.checkpoints import drop_checkpoints, release
from integration_hub.config import StreamConfig, hub
from integration_hub.failpoints import reached
from integration_hub.models import Run, RunKind, StreamState
from integration_hub.narrowing import named_streams
from integration_hub.proofs import checked
from integration_hub.publish import Prepared, Publication, notes, publish
from integration_hub.reconcile_load import reconcile_load
from integration_hub.runs import Outcome, request_run
from integration_hub.sources import SALESFORCE, NothingNew, Source, SourceProblem, opened_source
from integration_hub.staging import BY_KEY, FULL, INCREMENTAL, Staged, plan_reading, stage_beside, stage_stream
from integration_hub.streams import full_name, parents_first
from integration_hub.timing.pauses import paused_streams
from integration_hub.warehouse import purge_stages
from integration_hub.warehouse_compare import prepare
from integration_hub.warehouse_delta import Delta, drop_tables
from integration_hub.warehouse_direct import may_load_whole
from integration_hub.warehouse_documents import Reads, hold_back
from integration_hub.warehouse_gone import CLOSED, Guard, find_dropped_children, find_filtered, find_missing, find_named
from integration_hub.warehouse_merge import DirectLoadError

Report = Callable[[str, str], None]


@dataclass(frozen=True)
class Options:
    """What a sync was asked for, as kept in Run.options: some streams only, or single documents, keys by stream (none:
    everything there is), everything read again.
    """

    streams: frozenset[str] = frozenset()
    full: bool = False
    documents: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> "Options":
        """Read the options of a run."""
        documents = run.options.get("documents", {})
        return cls(frozenset(named_streams(run.options)), bool(run.options.get("full")), documents)

    @property
    def only_documents(self) -> bool:
        """Whether no stream is read, just documents of some."""
        return bool(self.documents) and not self.streams


def _silent(stream: str, state: str) -> None:
    """No report wanted."""


def run_sync(run: Run, report: Report = _silent) -> Outcome:
    """Bring the run's source up to date and publish. `report` is told each stream and what happens to it.

    Raises SourceProblem for everything a person must know of; then nothing was published.
    """
    with opened_source(run.subject) as source:
        return _sync(run, source, report)


@contextmanager
def no_sync_beside(source: str) -> Iterator[None]:
    """Keep a sync of this source from starting. Raises a transient SourceProblem when one is at work."""
    with locks.holding(locks.run_name(RunKind.SYNC, source)) as free:
        if not free:
            raise SourceProblem(
                f"A sync of {source} is at work.",
                "Nothing was read.",
                "Nothing to do: it is tried again.",
                transient=True,
            )
        yield


def _sync(run: Run, source: Source, report: Report) -> Outcome:
    options, now = Options.of(run), timezone.now()
    purge_stages()
    staged: list[Staged] = []
    try:
        if source.name != SALESFORCE or not options.only_documents:
            # Of Salesforce the check asks for every object: more requests than a record is worth.
            checked(source)
        unread = _stage_all(run, source, options, now, staged, report)
        return _publish(run, source, options, staged, unread, report)
    except Exception as error:
        with suppress(DatabaseError):
            text = error.problem if isinstance(error, SourceProblem) else str(error)
            note_tried((full_name(source.name, stream) for stream in _wanted(source, options)), text)
            if isinstance(error, SourceProblem) and not _may_go_on(error) and not options.only_documents:
                # What was staged led to this; the next run must see what was corrected meanwhile.
                drop_checkpoints(full_name(source.name, stream) for stream in source.streams)
        raise
    finally:
        # A lost connection leaves stages behind; the next run purges them.
        with suppress(DatabaseError):
            for each in staged:
                release(each.stage)


def _may_go_on(problem: SourceProblem) -> bool:
    """Whether a read may go on where it stopped: after a disturbance, or once the day's requests are free again."""
    return problem.transient or problem.may_go_on


def _chosen(source: Source, options: Options) -> list[StreamConfig]:
    unknown = (options.streams | set(options.documents)) - {stream.name for stream in source.streams}
    if unknown:
        raise SourceProblem(
            f'{source.name} has no stream named "{min(unknown)}".',
            "Nothing was read.",
            f"It has: {', '.join(stream.name for stream in source.streams)}.",
        )
    return _wanted(source, options)


def _wanted(source: Source, options: Options) -> list[StreamConfig]:
    """The streams to read; none for single documents, which say nothing of a stream."""
    if options.only_documents:
        return []
    wanted = options.streams or {stream.name for stream in source.streams} - paused_streams(source.name)
    chosen = [stream for stream in source.streams if stream.name in wanted]
    # Lines are never read without their documents, nor documents without all that comes with them.
    documents = {stream.within or stream.name for stream in chosen}
    return parents_first(stream for stream in source.streams if (stream.within or stream.name) in documents)


def _full_every_hours(name: str) -> int:
    configuration = hub()
    if name != SALESFORCE:
        return configuration.source(name).full_every_hours
    return configuration.salesforce.full_every_hours if configuration.salesforce else 24


def _stage_all(
    run: Run, source: Source, options: Options, now: datetime, staged: list[Staged], report: Report
) -> list[str]:
    """Fill `staged`; returns the streams that had nothing new."""
    unread = []
    hours, chosen = _full_every_hours(source.name), _chosen(source, options)
    for position, stream in enumerate(chosen, 1):
        if stream.within:
            documents = next((each for each in staged if each.stream.name == stream.within), None)
            if documents is not None:
                staged.append(stage_beside(source, stream, documents, asked=options.full))
                report(stream.name, f"{staged[-1].stage.rows:,} rows read")
            continue
        reading = plan_reading(source, stream, full=options.full, full_every_hours=hours, now=now)
        report(stream.name, f"reading ({reading.mode})")
        progress.reading(full_name(source.name, stream), reading.mode, position, len(chosen))
        try:
            staged.append(stage_stream(source, stream, reading, run.pk))
        except NothingNew as nothing:
            report(stream.name, nothing.reason or "nothing new")
            unread.append(full_name(source.name, stream))
            continue
        except SourceProblem as problem:
            note_failed(full_name(source.name, stream), source.name, problem.problem)
            raise
        rows = f"{staged[-1].stage.rows:,} rows "
        report(stream.name, rows + ("are as they were" if staged[-1].stage.unread else "read"))
        reached(f"after_stage:{stream.name}")
    stage_documents(run, source, options.documents, staged, report)
    return unread


def _publish(
    run: Run, source: Source, options: Options, staged: Sequence[Staged], unread: Sequence[str], report: Report
) -> Outcome:
    today = datetime.now(ZoneInfo(hub().company.time_zone)).date()
    publication = Publication(run, source.name, today, full=options.full)
    compared_only: set[str] = set()
    while True:
        progress.at_phase(progress.COMPARING)
        prepared = _prepare(run, source, staged, unread, compared_only, report)
        report("", "publishing")
        progress.at_phase(progress.PUBLISHING)
        try:
            outcome = publish(publication, prepared, unread, delivered_fields(source, staged))
            if any(each.deleted is None for each in staged):
                # The source's log of deletions does not reach back to the last read.
                request_run(RunKind.SWEEP, source.name, by="sync")
            # Of single documents there is nothing that the source's totals could be compared with.
            loads = [(each.staged, each.delta) for each in prepared if each.staged.mode != BY_KEY]
            reconcile_load(run, source, loads)
            for each in prepared:
                drop_tables(each.delta)
            return outcome
        except DirectLoadError as failed:
            # A row of a first load does not fit: once more, looking at each value.
            compared_only.add(failed.delta.stage.name)


def delivered_fields(source: Source, staged: Sequence[Staged]) -> Mapping[str, frozenset[str]]:
    """Field names per mirror table that the source delivers; a stream not read now counts with what it had before."""
    read = {each.stream.name: each.columns.names for each in staged}
    states = {state.stream: frozenset(state.columns) for state in StreamState.objects.filter(source=source.name)}
    found: dict[str, frozenset[str]] = {}
    for stream in source.streams:
        before = states.get(full_name(source.name, stream), frozenset()) | frozenset(stream.columns)
        found[stream.target] = found.get(stream.target, frozenset()) | read.get(stream.name, before)
    return found


def _prepare(
    run: Run,
    source: Source,
    staged: Sequence[Staged],
    unread: Sequence[str],
    compared_only: set[str],
    report: Report,
) -> list[Prepared]:
    deltas: list[Delta] = []
    for number, each in enumerate(staged):
        report(each.stream.name, "comparing")
        direct = each.stage.name not in compared_only and may_load_whole(each)
        every, in_order = each.every_value, each.stream.delivery == "delta"
        delta = prepare(number, each.stage, each.columns, direct=direct, every_value=every, in_order=in_order)
        if sum(stream.target == each.stream.target for stream in source.streams) > 1:
            # Where two streams deliver one row, each would put its own fingerprint over the other's, every time.
            delta = replace(delta, renewed=0)
        deltas.append(delta)
        stop_if_broken(run, each, delta, source.max_rejected_share)
    deltas = hold_back(reads_of(source, unread), staged, deltas)
    for each, delta in zip(staged, deltas, strict=True):
        stop_if_misfitting(run, each, delta, source.max_rejected_share)
    guards = [_find_gone(source, staged, deltas, number) for number in range(len(staged))]
    return [Prepared(*parts) for parts in zip(staged, deltas, guards, strict=True)]


def reads_of(source: Source, unread: Sequence[str]) -> Reads:
    """What the source has, for the look at whole documents."""
    by_table: dict[str, list[str]] = {}
    for stream in source.streams:
        by_table.setdefault(stream.target, []).append(full_name(source.name, stream))
    tolerance = "0" if source.name == SALESFORCE else hub().source(source.name).sum_tolerance
    return Reads(source.name, by_table, unread, tolerance)


def _find_gone(source: Source, staged: Sequence[Staged], deltas: Sequence[Delta], number: int) -> Guard | None:
    """List the rows of one stream that have left, as far as this read can tell."""
    each, delta = staged[number], deltas[number]
    find_filtered(delta)
    parents = parents_of(each.stream, delta, deltas)
    if each.mode in {INCREMENTAL, BY_KEY} or (each.stream.gone_reason == CLOSED and each.stream.parent):
        # Documents of another stream that fill the same table come with lines of their own.
        own = [deltas[index] for index, other in enumerate(staged) if other.stream.name == each.stream.within]
        find_named(delta, each.deleted or ())
        return find_dropped_children(each.stream, delta, own or parents) if each.stream.parent else None
    siblings = [index for index, other in enumerate(staged) if other.stream.target == each.stream.target]
    wanted = sum(stream.target == each.stream.target for stream in source.streams)
    if len(siblings) < wanted or any(staged[index].mode != FULL for index in siblings):
        # Another stream fills the same table and was not read whole: nobody can say what is missing.
        return None
    if number != siblings[0]:
        return None
    return find_missing(
        each.stream,
        delta,
        [deltas[index] for index in siblings[1:]],
        parents,
        complete=all(staged[index].complete for index in siblings),
        max_deleted_share=source.max_deleted_share,
    )


def parents_of(stream: StreamConfig, delta: Delta, deltas: Sequence[Delta]) -> list[Delta]:
    """The deltas of the documents that a stream's lines belong to."""
    if not stream.parent:
        return []
    table = delta.columns.target.parent_table(stream.parent)
    return [other for other in deltas if other.columns.target.table == table]


__all__ = ["Options", "Report", "notes", "run_sync"]
