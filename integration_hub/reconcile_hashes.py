"""Compares every value of a stream without moving its rows: source and mirror count, sum and hash their own rows cell
by cell, at the same time, and only the rows of cells that differ are read and named.

Of two different cells count, sums and the sum of 64-bit hashes agree by chance once in 2^64. The hashes are made anew
of the values that stand there, on both sides: what was stored at the load is not trusted.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from psycopg import sql

from integration_hub.computing import COUNTING, ComputingSource, Statement
from integration_hub.config import StreamConfig
from integration_hub.models import RejectedRow, StreamState
from integration_hub.reconcile_cells import Cell, Counted, Question, Row, counted, figures, listed
from integration_hub.reconcile_compared import SHOWN_KEYS, Compared, changed_words, extra_words
from integration_hub.reconcile_documents import EXTRA, MISSING, MOST_DOCUMENTS, OTHER, groups_of
from integration_hub.reconcile_figures import Difference, Figures, Group, differences, total, words
from integration_hub.reconcile_kept import rows_of_waiting
from integration_hub.reconcile_queries import money_of, not_waiting
from integration_hub.reconcile_typed import typed_value
from integration_hub.sources import Extract
from integration_hub.staging import Reading, check_vanished, extract_columns
from integration_hub.streams import GONE, full_name
from integration_hub.warehouse import Stage, execute, fetch
from integration_hub.warehouse_delta import Delta

MOST_ROWS = 400_000
"""Of so many rows in differing cells a whole read tells more than their names."""
MOST_WAITING = 10_000


@dataclass(frozen=True)
class _Sides:
    """Both sides of one stream and how they are asked; `waiting` are the keys in quarantine, left out on both."""

    source: ComputingSource
    stream: StreamConfig
    question: Question
    scope: sql.Composable
    waiting: frozenset[str]

    def at_source(self, statement: Statement, *, every_row: bool) -> list[Any] | None:
        """The source's answer over the columns that the stream uses."""
        used = tuple(self.question.delta.columns.used)
        return self.source.computed(self.stream, used, statement, every_row=every_row)

    def both(self, form: Statement, only: Sequence[Cell] = ()) -> tuple[list[Any] | None, list[Any]]:
        """The same asked of the source, in a thread of its own, and meanwhile of the mirror."""

        def statement(rows: sql.Composable) -> sql.Composed:
            return form(self.question.staged_values(rows, self.waiting, only))

        with ThreadPoolExecutor(1) as beside:
            there = beside.submit(partial(self.at_source, statement, every_row=not only))
            with transaction.atomic():
                for name, value in COUNTING.items():
                    execute(sql.SQL("set local {} = {}").format(sql.SQL(name), sql.Literal(value)))
                here = fetch(form(self.question.mirror_values(self.scope, only)))
            return there.result(), here


def compared_by_hashes(source: ComputingSource, stream: StreamConfig, reading: Reading) -> Compared | None:
    """The comparison of one stream; None where the rows must be read after all: nobody can say which rows of the mirror
    are this stream's, a value cannot be cast, a key comes twice, or very much differs.
    """
    found = _hashed(source, stream, reading.state)
    return None if found is None else _compared(found)


@dataclass(frozen=True)
class Hashed:
    """Source and mirror by company, month and currency, what differs, and for each difference its first rows, as
    {key, what, here, source}. Rows in quarantine are left out on both sides; there are `waiting`.
    """

    source: Figures
    mirror: Figures
    found: Sequence[Difference]
    documents: Sequence[list[dict[str, Any]]]
    waiting: int


def hashed_figures(source: ComputingSource, stream: StreamConfig, state: StreamState) -> Hashed | None:
    """The same in figures, after a load that needed no row."""
    answer = _hashed(source, stream, state)
    if answer is None:
        return None
    sides, there, here, named = answer
    found = differences(there, here)
    names = money_of(sides.question.delta)
    return Hashed(there, here, found, [_documents(named, each.group, names) for each in found], len(sides.waiting))


_Answer = tuple["_Sides", Figures, Figures, "_Named"]


def _hashed(source: ComputingSource, stream: StreamConfig, state: StreamState) -> _Answer | None:
    """Both sides, their figures, and the rows that differ."""
    sides = _sides(source, stream, state)
    if sides is None:
        return None
    answer, mirrored = sides.both(sides.question.cells)
    if answer is None:
        return None
    there, here = counted(answer), counted(mirrored)
    differing = [cell for cell in there.keys() | here.keys() if there.get(cell) != here.get(cell)]
    if _rows(there, differing) + _rows(here, differing) > MOST_ROWS:
        return None
    named = _named(sides, differing)
    return None if named is None else (sides, figures(sides.question, there), figures(sides.question, here), named)


def _sides(source: ComputingSource, stream: StreamConfig, state: StreamState) -> _Sides | None:
    name = full_name(source.name, stream)
    waiting = list(RejectedRow.objects.filter(stream=name, resolved_at=None).values_list("key", flat=True))
    alone = sum(each.target == stream.target for each in source.streams) == 1
    if not alone or "" in waiting or len(waiting) > MOST_WAITING:
        return None
    types = source.computes(stream)
    if not types:
        return None
    extract = Extract(tuple(types), "text", iter(()), complete=lambda: True, as_of=timezone.now())
    check_vanished(stream, state, extract)
    columns = extract_columns(source.name, stream, extract, frozenset())
    if GONE in columns.names:
        return None
    delta = Delta(0, Stage("", tuple(types), 0), columns)
    fields = columns.target.fields
    typed = {each.name: typed_value(stream, each, fields[each.name], types) for each in columns.stored}
    question = Question.of(delta, state.rows, {name: value for name, value in typed.items() if value is not None})
    sides = _Sides(source, stream, question, sql.SQL("false"), frozenset(waiting))
    kept = _kept(sides)
    if kept is None:
        return None
    scope = sql.SQL("m.source = {} and m.deleted_at is null and {}").format(
        delta.source, not_waiting(delta, name, kept)
    )
    return replace(sides, scope=scope)


def _kept(sides: _Sides) -> list[str] | None:
    """The keys of rows that are kept here with their document in quarantine, and that the source has no more; None
    where it cannot be asked for them.
    """
    keys = rows_of_waiting(sides.question.delta)
    if not keys:
        return []
    if len(keys) > MOST_WAITING:
        return None
    there = _there(sides, keys, sides.question.delta.columns.key.value)
    return None if there is None else sorted(set(keys) - {str(key) for (key,) in there})


def _there(sides: _Sides, keys: Collection[str], selected: sql.Composable) -> list[Any] | None:
    """What is selected of the source's rows with these keys."""
    columns = sides.question.delta.columns
    return sides.at_source(
        lambda rows: sql.SQL("select {} from {} where {} and {} = any ({})").format(
            selected, rows, columns.kept, columns.key.value, sql.Literal(sorted(keys))
        ),
        every_row=False,
    )


def _rows(cells: Mapping[Cell, Counted], which: Sequence[Cell]) -> int:
    return sum(cells[cell][0] for cell in which if cell in cells)


@dataclass(frozen=True)
class _Named:
    """The rows that differ: by group, key -> row."""

    there: Mapping[Group, Mapping[str, Row]]
    here: Mapping[Group, Mapping[str, Row]]

    def keys(self, what: str) -> list[str]:
        """The keys of rows that are missing here, extra here, or have other values, in order."""
        there, here = _flat(self.there), _flat(self.here)
        if what == MISSING:
            return sorted(there.keys() - here.keys())
        if what == EXTRA:
            return sorted(here.keys() - there.keys())
        return sorted(key for key in there.keys() & here.keys() if there[key].hash != here[key].hash)


def _named(sides: _Sides, differing: Sequence[Cell]) -> _Named | None:
    """The rows of the differing cells; None where a key comes twice or is empty."""
    if not differing:
        return _Named({}, {})
    answer, mirrored = sides.both(sides.question.rows, differing)
    there, here = listed(sides.question, answer or ()), listed(sides.question, mirrored)
    keys = {row.key for row in there}
    if answer is None or len(keys) < len(there) or None in keys:
        return None
    return _Named(_grouped(there), _grouped(here))


def _grouped(rows: Sequence[Row]) -> dict[Group, dict[str, Row]]:
    found: dict[Group, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row.group, {})[row.key] = row
    return found


def _flat(rows: Mapping[Group, Mapping[str, Row]]) -> dict[str, Row]:
    return {key: row for group in rows.values() for key, row in group.items()}


def _compared(answer: _Answer) -> Compared:
    sides, source, mirror, named = answer
    names = money_of(sides.question.delta)
    found = differences(source, mirror)
    (source_rows, source_sums), (mirror_rows, mirror_sums) = total(source), total(mirror)
    missing, others, extra = named.keys(MISSING), named.keys(OTHER), named.keys(EXTRA)
    findings = [
        *changed_words(len(missing), len(others), _shown([*missing, *others])),
        *extra_words(len(extra), _shown(extra)),
        *list(words(found))[:SHOWN_KEYS],
    ]
    return Compared(
        full_name(sides.source.name, sides.stream),
        source_rows + _waiting_rows(sides),
        mirror_rows,
        source_sums,
        mirror_sums,
        " ".join(findings),
        groups_of(found, [_documents(named, each.group, names) for each in found]),
        len(sides.waiting),
    )


def _waiting_rows(sides: _Sides) -> int:
    """How many of the rows in quarantine the source has."""
    if not sides.waiting:
        return 0
    there = _there(sides, sides.waiting, sql.SQL("count(*)"))
    return int(there[0][0]) if there else 0


def _shown(keys: Sequence[str]) -> str:
    return ", ".join(keys[:SHOWN_KEYS])


def _documents(named: _Named, group: Group, names: Sequence[str]) -> list[dict[str, Any]]:
    """The first rows of a group that differ, as {key, what, here, source} with the amounts as texts."""
    there, here = named.there.get(group, {}), named.here.get(group, {})
    unlike = [key for key in sorted(there.keys() | here.keys()) if _hash(there.get(key)) != _hash(here.get(key))]
    return [_document(key, there.get(key), here.get(key), names) for key in unlike[:MOST_DOCUMENTS]]


def _hash(row: Row | None) -> int | None:
    return row.hash if row else None


def _document(key: str, there: Row | None, here: Row | None, names: Sequence[str]) -> dict[str, Any]:
    return {
        "key": key,
        "what": MISSING if here is None else EXTRA if there is None else OTHER,
        "here": dict(zip(names, here.amounts, strict=True)) if here else {},
        "source": dict(zip(names, there.amounts, strict=True)) if there else {},
    }
