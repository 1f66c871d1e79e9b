"""Names the documents behind a difference: the rows of one group at the source, one by one beside the mirror."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from psycopg import sql

from integration_hub.reconcile_figures import Difference, plain_text
from integration_hub.reconcile_kept import kept_rows
from integration_hub.reconcile_queries import Grouping, group_terms, mirror_group, money_of, not_waiting
from integration_hub.sources import SnapshotSource, Source
from integration_hub.staging import FULL, Staged
from integration_hub.streams import MONTH_OF
from integration_hub.warehouse import drop_stage, fetch, fill_stage
from integration_hub.warehouse_delta import Delta, value_of
from integration_hub.warehouse_fingerprint import staged_fingerprint

MOST_READ, MOST_GROUPS, MOST_DOCUMENTS = 10, 200, 50
MISSING, EXTRA, OTHER = "missing", "extra", "other"
"""Not here, only here, with other values here."""


def documents(
    run: int, source: Source, staged: Staged, delta: Delta, by: Grouping, found: Sequence[Difference]
) -> list[list[dict[str, Any]]]:
    """For each difference its rows that differ, as {key, what, here, source} with the amounts as texts; none where the
    source's rows are not at hand, and of the differences behind the first ones. `run` names the stage.
    """
    answers: list[list[dict[str, Any]]] = []
    kept = kept_rows(staged, delta) if found else []
    for each in found[:MOST_READ]:
        if staged.mode == FULL and not staged.stage.unread:
            answers.append(_rows(staged, delta, by, each, kept))
        elif isinstance(source, SnapshotSource):
            with _read(run, source, staged, delta, each) as part:
                answers.append(_rows(staged, part, by, each, kept))
        else:
            answers.append([])
    return answers + [[] for _ in found[MOST_READ:]]


@contextmanager
def _read(run: int, source: SnapshotSource, staged: Staged, delta: Delta, found: Difference) -> Iterator[Delta]:
    """The source's rows of the group in a stage of their own."""
    with source.group(staged.stream, found.group) as extract:
        stage = fill_stage(run, f"group_{staged.stream.name}", extract)
    try:
        yield replace(delta, stage=stage, rejected=0, duplicates=0, direct=False)
    finally:
        drop_stage(stage)


def _rows(staged: Staged, delta: Delta, by: Grouping, found: Difference, kept: Sequence[str]) -> list[dict[str, Any]]:
    """Source and mirror row by row; rows that wait in quarantine are left out on both sides."""
    names = money_of(delta)
    month = value_of(delta, MONTH_OF.get(delta.columns.target.table, ""))
    there = group_terms(delta, by, value_of(delta, "company"), month, value_of(delta, "currency"))
    waiting = sql.SQL("select key from hub_rejected_row where stream = {} and resolved_at is null").format(
        sql.Literal(staged.name)
    )
    amounts = [sql.SQL("{}::text").format(sql.Identifier(side, name)) for side in ("h", "t") for name in names]
    unlike: list[sql.Composable] = [
        sql.SQL("{} is distinct from {}").format(sql.Identifier("h", n), sql.Identifier("t", n)) for n in names
    ]
    if by.hashed:
        unlike.append(sql.SQL("h.fingerprint is distinct from t.fingerprint"))
    statement = sql.SQL(
        "select coalesce(h.key, t.key), h.key is null, t.key is null, {amounts} from"
        " (select m.key, m.fingerprint, {here} from {mirror} as m where m.source = {source} and m.deleted_at is null"
        " and {not_waiting} and ({here_group}) = ({group})) as h full join"
        " (select {key} as key, {mark} as fingerprint, {values} from {rows} where {key} not in ({waiting})"
        " and ({there_group}) = ({group})) as t on t.key = h.key"
        " where h.key is null or t.key is null or {unlike} order by 1 limit {most}"
    ).format(
        amounts=_listed([*amounts, sql.SQL("true")]),
        here=_listed([*(sql.Identifier("m", name) for name in names), sql.SQL("true as own")]),
        mirror=delta.mirror,
        source=delta.source,
        waiting=waiting,
        not_waiting=not_waiting(delta, staged.name, kept),
        here_group=_listed(mirror_group(delta, by)),
        there_group=_listed(there),
        group=_listed([sql.Literal(part) + sql.SQL("::text") for part in found.group]),
        key=delta.columns.key.value,
        mark=staged_fingerprint(delta.columns),
        values=_listed([*_values(delta, names), sql.SQL("true as own")]),
        rows=delta.rows(fenced=True),
        unlike=sql.SQL(" or ").join([*unlike, sql.SQL("false")]),
        most=sql.Literal(MOST_DOCUMENTS),
    )
    return [_document(row, names) for row in fetch(statement)]


def _values(delta: Delta, names: Sequence[str]) -> list[sql.Composable]:
    return [
        sql.SQL("{} as {}").format(value_of(delta, name) or sql.SQL("null"), sql.Identifier(name)) for name in names
    ]


def _listed(parts: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)


def _document(row: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    key, missing, extra, *amounts = row
    here = dict(zip(names, amounts[: len(names)], strict=True))
    there = dict(zip(names, amounts[len(names) : 2 * len(names)], strict=True))
    return {
        "key": str(key),
        "what": MISSING if missing else EXTRA if extra else OTHER,
        "here": {} if missing else here,
        "source": {} if extra else there,
    }


def groups_of(found: Sequence[Difference], named: Sequence[Any]) -> list[dict[str, Any]]:
    """The first differences as they are kept, each with its `named` documents."""
    return [
        _group(each, named[number] if number < len(named) else []) for number, each in enumerate(found[:MOST_GROUPS])
    ]


def _group(found: Difference, rows: Any) -> dict[str, Any]:
    company, month, currency = found.group
    return {
        "company": company,
        "month": month,
        "currency": currency,
        "source_rows": found.source.rows,
        "mirror_rows": found.mirror.rows,
        "sums": {
            name: [
                plain_text(found.source.sums.get(name, Decimal(0))),
                plain_text(found.mirror.sums.get(name, Decimal(0))),
            ]
            for name in found.columns
        },
        "by_hash": found.by_hash,
        "documents": rows,
    }
