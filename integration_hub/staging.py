"""Reads one stream of a source into a stage, and checks that all of it arrived."""

import hashlib
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from integration_hub.checkpoints import checkpoint_of, drop_checkpoints, identity_of
from integration_hub.columns import ColumnMap, column_map
from integration_hub.config import StreamConfig
from integration_hub.cursor_marks import A_DAY, doubt_of, doubt_of_nothing, next_cursor
from integration_hub.models import StreamState
from integration_hub.shapes import Shape, refuse_drift, shape_of
from integration_hub.sources import DocumentSource, Extract, RecordSource, ResumableSource, Source, SourceProblem
from integration_hub.streams import full_name, target
from integration_hub.warehouse import Stage, fill_stage
from integration_hub.warehouse_portions import Resumable, fill_portions
from integration_hub.warehouse_rejects import document_waits
from integration_hub.warehouse_unread import unread_stage

FULL, INCREMENTAL, SWEEP, REPLAY, BY_KEY = "snapshot", "incremental", "sweep", "replay", "by key"
LONG_PAUSE = timedelta(hours=6)
"""After a longer time without a read Salesforce is also asked for its log of deletions."""
UNREAD = "The source's own checksum over all rows shows that nothing changed, so no row had to be sent."
CONFIGURATION_MARK = 12  # characters of the hash that stand before a fingerprint


@dataclass(frozen=True)
class Staged:
    """One stream as it was read: where it stood before, its stage, and what its source said of the read.

    `delivered` are the source's columns without those that it hides, `missing` those of which the last values stay.
    `deleted` are ids that the source named as deleted since the last read; None where it no longer knows them all.
    `api_calls` and `bytes_read` are what this run asked for; both are the documents' own where a stream comes `beside`.
    `doubt` says why the stored cursor was not believed, if it was not.
    """

    stream: StreamConfig
    name: str
    state: StreamState
    mode: str
    stage: Stage
    delivered: tuple[str, ...]
    columns: ColumnMap
    complete: bool
    as_of: datetime
    fingerprint: str
    cursor: str
    api_calls: int
    seconds: float
    every_value: bool
    notes: tuple[str, ...]
    shape: Shape = field(default_factory=Shape)
    missing: frozenset[str] = frozenset()
    deleted: tuple[str, ...] | None = ()
    bytes_read: int = 0
    beside: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class Reading:
    """How a stream is to be read: `start` is the cursor or fingerprint handed to the source, None for everything.

    `asked` says that a person asked for everything to be read again, `every_value` that each value is to be compared.
    `resumable`: a later run may go on with it, and it goes on with an earlier one. `doubt`: see Staged.
    """

    state: StreamState
    mode: str
    start: str | None
    asked: bool = False
    every_value: bool = False
    resumable: bool = False
    shape: Shape = field(default_factory=Shape)
    doubt: str = ""

    @property
    def missing(self) -> frozenset[str]:
        """Fields of which the last values stay; none when a person asked for what can be read now."""
        return frozenset() if self.asked else self.shape.missing


def plan_reading(source: Source, stream: StreamConfig, *, full: bool, full_every_hours: int, now: datetime) -> Reading:
    """Incremental where the stream has a cursor, an unchanged declaration and a full read recent enough."""
    name = full_name(source.name, stream)
    state = StreamState.objects.filter(pk=name).first() or StreamState(stream=name, source=source.name)
    shape = shape_of(source, stream, state)
    refuse_drift(source, stream, shape, accepted=full)
    known, _, fingerprint = state.fingerprint.partition(":")
    doubt = doubt_of(stream, state.cursor, now)
    if full or known != _configuration_mark(stream) or not _all_read_as_declared(source, stream):
        return Reading(state, FULL, None, asked=full, every_value=full, resumable=True, shape=shape, doubt=doubt)
    if not stream.cursor:
        # Files of changed rows go on where they stand, whoever else fills the table.
        others = sum(each.target == stream.target for each in source.streams) > 1 or document_waits(source.name)
        again = others and stream.delivery == "full"
        goes_on = bool(stream.key_column) or isinstance(source, DocumentSource)
        return Reading(state, FULL, None if again else fingerprint or None, resumable=goes_on, shape=shape)
    recent = state.full_as_of is not None and state.full_as_of > now - timedelta(hours=full_every_hours)
    if state.cursor and recent and not shape.needs_all and not doubt:
        return Reading(state, INCREMENTAL, state.cursor, resumable=True, shape=shape)
    return Reading(state, FULL, None, resumable=True, shape=shape, doubt=doubt)


def _all_read_as_declared(source: Source, stream: StreamConfig) -> bool:
    """Whether all that comes with a stream's documents was last read by its present declaration."""
    beside = {full_name(source.name, each): each for each in source.streams if each.within == stream.name}
    states = StreamState.objects.in_bulk(list(beside))
    return all(
        name in states and states[name].fingerprint.startswith(f"{_configuration_mark(each)}:")
        for name, each in beside.items()
    )


def _configuration_mark(stream: StreamConfig) -> str:
    """Changes when the stream's declaration does: then everything is read again."""
    return hashlib.sha256(repr(stream).encode()).hexdigest()[:CONFIGURATION_MARK]


def stage_stream(
    source: Source,
    stream: StreamConfig,
    reading: Reading,
    run: int,
    *,
    asked: AbstractContextManager[Extract] | None = None,
) -> Staged:
    """Read a stream, or what was `asked` of it, into its stage. Raises SourceProblem or NothingNew.

    Nothing but the stage is written.
    """
    began, name = time.monotonic(), full_name(source.name, stream)
    resumable = _resumable(source, stream, reading, name)
    with asked or _opened(source, stream, reading, resumable) as extract:
        columns = extract_columns(source.name, stream, extract, reading.missing & frozenset(extract.hidden))
        check_vanished(stream, reading.state, extract)
        stage = _unread(source, stream, reading, run, extract, columns)
        if stage is None:
            stage = _filled(run, stream, name, extract, resumable)
        mode = INCREMENTAL if extract.partial else reading.mode
        complete = mode == FULL and (stage.unread or extract.complete())
        deleted = _deleted(source, stream, reading, extract)
        calls, received, notes = extract.api_calls(), extract.received(), _notes(stage, extract)
    as_of = resumable.left.as_of if resumable and resumable.left else extract.as_of
    cursor, doubt = _next(stream, reading, stage, as_of, A_DAY if extract.at_one_instant else timedelta(0))
    return Staged(
        stream=stream,
        name=name,
        state=reading.state,
        mode=mode,
        stage=stage,
        delivered=tuple(name for name in extract.columns if name not in extract.hidden),
        columns=columns,
        complete=complete,
        as_of=as_of,
        fingerprint=f"{_configuration_mark(stream)}:{extract.fingerprint}",
        cursor=cursor,
        api_calls=calls,
        seconds=time.monotonic() - began,
        every_value=reading.every_value,
        notes=(*notes, *((doubt,) if doubt else ())),
        shape=reading.shape,
        missing=reading.missing,
        deleted=deleted,
        bytes_read=stage.bytes if received is None else received,
        doubt=doubt,
    )


def _next(stream: StreamConfig, reading: Reading, stage: Stage, as_of: datetime, beyond: timedelta) -> tuple[str, str]:
    """Where the next read begins, empty for a whole one, and why the stored cursor is not believed."""
    before = reading.state.cursor
    if reading.mode == INCREMENTAL and not stage.rows and (doubt := doubt_of_nothing(stream, before, as_of)):
        return "", doubt
    return next_cursor(stream, stage, "" if reading.doubt else before, as_of + beyond), reading.doubt


def stage_beside(source: Source, stream: StreamConfig, documents: Staged, *, asked: bool) -> Staged:
    """A stream that came with its documents: its rows are staged already. Raises SourceProblem where it has changed."""
    name = full_name(source.name, stream)
    state = StreamState.objects.filter(pk=name).first() or StreamState(stream=name, source=source.name)
    shape = shape_of(source, stream, state)
    refuse_drift(source, stream, shape, accepted=asked)
    stage = documents.stage.beside[stream.name]
    extract = Extract(stage.columns, "text", iter(()), complete=lambda: documents.complete, as_of=documents.as_of)
    check_vanished(stream, state, extract)
    return Staged(
        stream=stream,
        name=name,
        state=state,
        mode=documents.mode,
        stage=stage,
        delivered=stage.columns,
        columns=extract_columns(source.name, stream, extract, frozenset()),
        complete=documents.complete,
        as_of=documents.as_of,
        fingerprint=f"{_configuration_mark(stream)}:",
        cursor="",
        api_calls=0,
        seconds=0.0,
        every_value=documents.every_value,
        notes=_notes(stage, extract),
        shape=shape,
        beside=True,
    )


def extract_columns(source: str, stream: StreamConfig, extract: Extract, kept: frozenset[str]) -> ColumnMap:
    """How an extract's columns become those of the mirror, of which the `kept` ones stay as they are."""
    table = target(stream.target)
    return column_map(source, stream, table, extract.columns, decimals=extract.decimals, kept=kept)


def _deleted(source: Source, stream: StreamConfig, reading: Reading, extract: Extract) -> tuple[str, ...] | None:
    """Keys that are gone since the last read, and those that this one told to be gone; None where nobody knows all."""
    meanwhile = _deleted_meanwhile(source, stream, reading, extract.as_of)
    return None if meanwhile is None else (*meanwhile, *(f"{source.name}:{key}" for key in extract.gone()))


def _deleted_meanwhile(
    source: Source, stream: StreamConfig, reading: Reading, until: datetime
) -> tuple[str, ...] | None:
    """Ids deleted since the last read, asked for after a long pause; None where the source no longer knows them all."""
    since = reading.state.as_of
    if reading.mode != INCREMENTAL or since is None or not isinstance(source, RecordSource):
        return ()
    if until - since < LONG_PAUSE:
        return ()
    return source.deleted_between(stream, since - timedelta(minutes=stream.overlap_minutes), until)


def _resumable(source: Source, stream: StreamConfig, reading: Reading, name: str) -> Resumable | None:
    """What an earlier run left of this very read, and how it is known again; None where nothing is to be kept."""
    if not reading.resumable or not isinstance(source, ResumableSource):
        return None
    question = source.identity(stream, reading.start)
    identity = identity_of(question, _configuration_mark(stream), reading.state)
    return Resumable(name, identity, checkpoint_of(name, identity))


def _opened(
    source: Source, stream: StreamConfig, reading: Reading, resumable: Resumable | None
) -> AbstractContextManager[Extract]:
    if resumable is None or not isinstance(source, ResumableSource):
        return source.extract(stream, reading.start)
    return source.continued(stream, reading.start, resumable.left.place if resumable.left else {})


def _filled(run: int, stream: StreamConfig, name: str, extract: Extract, resumable: Resumable | None) -> Stage:
    if extract.portions is None:
        stage = fill_stage(run, stream.name, extract)
    else:
        stage = fill_portions(run, stream.name, extract, resumable)
    try:
        _check_arrived(stream, extract, stage)
    except SourceProblem:
        drop_checkpoints([name])
        raise
    return stage


def _unread(
    source: Source, stream: StreamConfig, reading: Reading, run: int, extract: Extract, columns: ColumnMap
) -> Stage | None:
    """A stage without rows where the source can say that nothing changed since they were loaded."""
    known = not stream.cursor or (reading.state.cursor and not reading.doubt)
    if reading.mode != FULL or reading.every_value or not known:
        return None
    return unread_stage(run, full_name(source.name, stream), stream, source.streams, extract, columns)


def check_vanished(stream: StreamConfig, state: StreamState, extract: Extract) -> None:
    """A column that was loaded by its own name last time must not silently stay as it was."""
    mapped = target(stream.target).fields
    vanished = [name for name in state.columns if name in mapped and name not in extract.columns]
    if vanished:
        raise SourceProblem(
            f'The source no longer delivers "{vanished[0]}" for "{stream.name}".',
            "Its values in the mirror would grow old unnoticed, so nothing of this run was published.",
            "Deliver the column again. If it is gone for good, say so by mapping it to a constant in hub.toml.",
        )


def _check_arrived(stream: StreamConfig, extract: Extract, stage: Stage) -> None:
    expected = extract.expected_rows()
    if expected is not None and expected != stage.rows:
        raise SourceProblem(
            f'The source says it sent {expected:,} rows of "{stream.name}", but {stage.rows:,} arrived.',
            "The delivery was cut or changed on its way. Nothing of this run was published.",
            "Nothing to do if it happens once: the next run reads again.",
            transient=True,
        )


def _notes(stage: Stage, extract: Extract) -> tuple[str, ...]:
    nul = (f"{stage.without_nul:,} NUL characters were removed from texts.",) if stage.without_nul else ()
    return (*extract.notes, *extract.told(), *nul, *((UNREAD,) if stage.unread else ()))
