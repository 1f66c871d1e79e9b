"""Reads single documents of a source into stages, each with all rows that belong to it.

They go the way of every row: checked, rejected, compared and published. No cursor moves, and nothing is taken for gone
because it is not there: whole reads and the comparison of all keys decide that. A document that is there loses the
lines that it no longer has.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from psycopg import sql

from integration_hub.by_key.kin import KEY, kin, named_in, split
from integration_hub.config import StreamConfig
from integration_hub.models import Run, StreamState
from integration_hub.shapes import Shape, shape_of
from integration_hub.sources import DocumentSource, Extract, RecordSource, Source, SourceProblem
from integration_hub.staging import BY_KEY, Reading, Staged, stage_beside, stage_stream
from integration_hub.streams import full_name, parents_first, target
from integration_hub.timing.pauses import paused_streams
from integration_hub.warehouse import one

MOST_AT_ONCE = 500
"""So many documents of a stream are asked for by their key; of more the stream is read."""


@dataclass(frozen=True)
class Named:
    """Rows whose `columns` of the source hold one of these values, column by column."""

    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]


@runtime_checkable
class KeyedSource(Source, Protocol):
    """A source that finds rows by the values of columns."""

    def rows_named(self, stream: StreamConfig, wanted: Sequence[Named]) -> AbstractContextManager[Extract]:
        """Rows of the stream that one of these names. Values that a column cannot hold, and columns that the stream
        does not have, name none.
        """


def stage_documents(
    run: Run,
    source: Source,
    documents: Mapping[str, Sequence[str]],
    staged: list[Staged],
    report: Callable[[str, str], None],
) -> None:
    """Add to `staged` these documents, keys by stream, and what comes with them. Streams that are staged already are
    passed, and so are paused ones, which read what changed once they are resumed. Raises SourceProblem.
    """
    done = {each.stream.name for each in staged}
    left_out = done | (paused_streams(source.name) if documents else set())
    wanted = {name: sorted(set(keys)) for name, keys in documents.items() if name not in left_out}
    for stream, asked in _asked(source, wanted, done):
        each = _staged(run, source, stream, asked)
        staged.append(each)
        if stream.name in wanted:
            staged[-1] = replace(each, notes=(*each.notes, _told(source.name, each, wanted[stream.name])))
        report(stream.name, f"{each.stage.rows:,} rows read by key")
        staged += [
            replace(stage_beside(source, beside, each, asked=False), cursor="")
            for beside in source.streams
            if beside.within == stream.name
        ]


def _asked(
    source: Source, wanted: Mapping[str, Sequence[str]], done: Collection[str]
) -> Iterator[tuple[StreamConfig, AbstractContextManager[Extract]]]:
    """The streams to ask, documents before their lines, and the question to each."""
    named = _named(source.streams, wanted, done) if isinstance(source, KeyedSource) else {}
    for stream in parents_first(source.streams):
        if isinstance(source, KeyedSource):
            if stream.name in named:
                yield stream, source.rows_named(stream, named[stream.name])
        elif stream.name in wanted:
            yield stream, _question(source, stream, wanted[stream.name])


def _question(source: Source, stream: StreamConfig, keys: Sequence[str]) -> AbstractContextManager[Extract]:
    if isinstance(source, DocumentSource):
        return source.documents(stream, keys)
    if isinstance(source, RecordSource):
        return source.some_records(stream, keys)
    raise SourceProblem(
        f"{source.name} cannot be asked for single documents.",
        "Nothing was read.",
        f"Read the stream instead: manage.py sync --source {source.name} --stream {stream.name}",
    )


def _named(
    streams: Sequence[StreamConfig], wanted: Mapping[str, Sequence[str]], done: Collection[str]
) -> dict[str, list[Named]]:
    """What to ask each stream of a database for: documents by their key, and rows by the document they name."""
    by_name = {stream.name: stream for stream in streams}
    found: dict[str, list[Named]] = {}
    for name, keys in wanted.items():
        for each, field in {name: KEY, **kin(streams, by_name[name])}.items():
            column = named_in(by_name[each], field)
            if column is None or each in done:
                continue
            values = tuple(parts for key in keys if (parts := split(column, key)) is not None)
            found.setdefault(each, []).append(Named(column.source, values))
    return found


def _staged(run: Run, source: Source, stream: StreamConfig, asked: AbstractContextManager[Extract]) -> Staged:
    name = full_name(source.name, stream)
    state = StreamState.objects.filter(pk=name).first() or StreamState(stream=name, source=source.name)
    # What an ERP describes is looked at by its whole reads; Salesforce hides fields, whose last values must stay.
    shape = shape_of(source, stream, state) if isinstance(source, RecordSource) else Shape(fields=state.shape)
    staged = stage_stream(source, stream, Reading(state, BY_KEY, None, shape=shape), run.pk, asked=asked)
    return replace(staged, cursor=state.cursor)


def _told(source: str, staged: Staged, keys: Sequence[str]) -> str:
    """How many of the documents are there."""
    prefix = "" if target(staged.stream.target).is_salesforce else f"{source}:"
    there = one(
        sql.SQL("select count(distinct {key}) from {stage} as s where {key} = any({keys})").format(
            key=staged.columns.key.value,
            stage=staged.stage.table,
            keys=sql.Literal([prefix + key for key in keys]),
        )
    )
    asked = "1 document was" if len(keys) == 1 else f"{len(keys):,} documents were"
    if there == len(keys):
        return f"{asked} asked for by key."
    missing = len(keys) - int(there or 0)
    which = "1 is not there and stays as it is" if missing == 1 else f"{missing:,} are not there and stay as they are"
    return f"{asked} asked for by key; {which} here, until a whole read or the comparison of all keys finds it gone."
