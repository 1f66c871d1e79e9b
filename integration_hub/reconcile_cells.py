"""Cells: the rows of one company, month and currency whose keys fall into one bucket, counted, summed and hashed where
they lie. Source and mirror state their values the same way, typed as the mirror keeps them, so equal rows hash equal.

A cell that differs is read row by row; the others never leave their servers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import models
from psycopg import sql

from integration_hub.columns import Mapped
from integration_hub.reconcile_figures import Figure, Group
from integration_hub.reconcile_queries import Grouping, group_terms, money_of
from integration_hub.streams import MONTH_OF
from integration_hub.warehouse_delta import Delta
from integration_hub.warehouse_fingerprint import fingerprint

Cell = tuple[str, str, int]
"""Company, currency, and a number for month and bucket together."""
Counted = tuple[Any, ...]
"""Rows, sum of hashes, and a sum for each money column in the order of money_of."""
ROWS_IN_A_CELL = 100
MONTHS = 64
"""How many groups are reckoned with where rows are grouped by month: five years."""
MOST_BUCKETS = 65_536


@dataclass(frozen=True)
class Row:
    """One row of a differing cell; `amounts` are texts in the order of money_of."""

    key: str
    hash: int
    group: Group
    amounts: tuple[str | None, ...]


@dataclass(frozen=True)
class Question:
    """What both sides are asked: how rows are grouped, and into how many buckets, a power of two.

    `typed` are values of the source that need not be read from their texts, by column.
    """

    delta: Delta
    by: Grouping
    buckets: int
    typed: Mapping[str, sql.Composable]

    @classmethod
    def of(cls, delta: Delta, rows: int, typed: Mapping[str, sql.Composable]) -> "Question":
        """Buckets so that a cell has about a hundred of about so many rows."""
        by = Grouping.of_delta(delta)
        wanted = rows // ROWS_IN_A_CELL // (MONTHS if by.month else 1)
        return cls(delta, by, min(MOST_BUCKETS, 1 << max(0, wanted.bit_length() - 1)), typed)

    def cells(self, values: sql.Composable) -> sql.Composed:
        """The statement that counts every cell of a relation `v` of values."""
        sums = [sql.SQL("coalesce(sum({}), 0)").format(self._value(name)) for name in money_of(self.delta)]
        return sql.SQL("select {group}, count(*), sum({hash}), {sums} from {values} group by 1, 2, 3").format(
            group=_listed(self._cell({name: self._value(name) for name in self.delta.columns.names})),
            hash=self._hash(),
            sums=_listed([*sums, sql.SQL("true")]),
            values=values,
        )

    def rows(self, values: sql.Composable) -> sql.Composed:
        """The statement that lists the rows of a relation `v` of values."""
        amounts = [sql.SQL("{}::text").format(self._value(name)) for name in money_of(self.delta)]
        return sql.SQL("select {group}, {key}, {hash}, {amounts} from {values}").format(
            group=_listed(self._cell({name: self._value(name) for name in self.delta.columns.names})),
            key=self._value("key"),
            hash=self._hash(),
            amounts=_listed([*amounts, sql.SQL("true")]),
            values=values,
        )

    def staged_values(
        self, rows: sql.Composable, without: Collection[str], only: Collection[Cell] = ()
    ) -> sql.Composable:
        """The source's values of its rows `s` that pass the filters, without some keys; if named, of these cells."""
        key = self.delta.columns.key.value
        where = [self.delta.columns.kept]
        if without:
            where.append(sql.SQL("coalesce({}, '') <> all ({})").format(key, sql.Literal(sorted(without))))
        stored = self.delta.columns.stored
        return self._values({each.name: self.typed.get(each.name, each.value) for each in stored}, rows, where, only)

    def mirror_values(self, scope: sql.Composable, only: Collection[Cell] = ()) -> sql.Composable:
        """The mirror's values of its rows `m` in a scope; if named, of these cells."""
        values = {each.name: sql.Identifier("m", each.column) for each in self.delta.columns.stored}
        return self._values(values, sql.SQL("{} as m").format(self.delta.mirror), [scope], only)

    def group_of(self, cell: Cell) -> Group:
        """The company, month and currency of a cell."""
        company, currency, number = cell
        year, month = divmod(number // self.buckets - 1, 12)
        return company, f"{year:04}-{month + 1:02}" if number >= self.buckets else "", currency

    def _values(
        self,
        values: Mapping[str, sql.Composable],
        rows: sql.Composable,
        where: Sequence[sql.Composable],
        only: Collection[Cell],
    ) -> sql.Composable:
        """A relation `v` with a column for each stored one. The fence (offset 0) lets each value be cast once."""
        conditions = list(where)
        if only:
            company, currency, number = self._cell(values)
            whole = sql.SQL("{} || '|' || {} || '|' || {}::text").format(company, currency, number)
            numbers = sorted({cell[2] for cell in only})
            buckets = sorted({each % self.buckets for each in numbers})
            # Few rows pass a test, so that the next one, which costs more, is seldom made.
            conditions += [
                sql.SQL("{} = any ({}::bigint[])").format(self._bucket(values["key"]), sql.Literal(buckets)),
                sql.SQL("{} = any ({}::bigint[])").format(number, sql.Literal(numbers)),
                sql.SQL("{} = any ({})").format(whole, sql.Literal(["|".join(map(str, cell)) for cell in only])),
            ]
        selected = [
            sql.SQL("{} as {}").format(_typed(self._field(each), values[each.name]), sql.Identifier(f"v{number}"))
            for number, each in enumerate(self.delta.columns.stored)
        ]
        return sql.SQL("(select {} from {} where {} offset 0) as v").format(
            _listed(selected), rows, sql.SQL(" and ").join(conditions)
        )

    def _field(self, column: Mapped) -> "models.Field[object, object]":
        return self.delta.columns.target.fields[column.name]

    def _value(self, name: str) -> sql.Composable:
        names = [each.name for each in self.delta.columns.stored]
        return sql.Identifier("v", f"v{names.index(name)}")

    def _cell(self, values: Mapping[str, sql.Composable]) -> list[sql.Composable]:
        """Company, currency and the number of a row, from its values."""
        plain = replace(self.by, month=False)
        company, _, currency = group_terms(self.delta, plain, values.get("company"), None, values.get("currency"))
        bucket = self._bucket(values["key"])
        day = values.get(MONTH_OF.get(self.delta.columns.target.table, ""))
        if not self.by.month or day is None:
            return [company, currency, bucket]
        # A text of the month would take as long as all else: months are counted from the year 0 on.
        month = sql.SQL("coalesce(date_part('year', {0}) * 12 + date_part('month', {0}), 0)::bigint").format(day)
        return [company, currency, sql.SQL("({} * {} + {})").format(month, sql.Literal(self.buckets), bucket)]

    def _bucket(self, key: sql.Composable) -> sql.Composable:
        return sql.SQL("coalesce(hashtextextended({}, 0) & {}, 0)").format(key, sql.Literal(self.buckets - 1))

    def _hash(self) -> sql.Composable:
        return fingerprint([self._value(each.name) for each in self.delta.columns.stored], 0)


def _typed(field: "models.Field[object, object]", value: sql.Composable) -> sql.Composable:
    """One type on both sides: whatever a value is computed with, numbers hash alike as numeric, texts as text."""
    if isinstance(field, models.DecimalField | models.IntegerField):
        return sql.SQL("({})::numeric").format(value)
    if isinstance(field, models.JSONField | models.DateField | models.BooleanField):
        return value
    return sql.SQL("({})::text").format(value)


def counted(answer: Sequence[Sequence[Any]]) -> dict[Cell, Counted]:
    """The cells of an answer to Question.cells."""
    return {(str(row[0]), str(row[1]), int(row[2])): tuple(row[3:-1]) for row in answer}


def listed(question: Question, answer: Sequence[Sequence[Any]]) -> list[Row]:
    """The rows of an answer to Question.rows."""
    return [Row(row[3], row[4], question.group_of((row[0], row[1], row[2])), tuple(row[5:-1])) for row in answer]


def figures(question: Question, cells: Mapping[Cell, Counted]) -> dict[Group, Figure]:
    """The cells of each company, month and currency together."""
    names = money_of(question.delta)
    found: dict[Group, list[Any]] = {}
    for cell, (rows, total, *amounts) in cells.items():
        known = found.setdefault(question.group_of(cell), [0, 0, *(Decimal(0) for _ in names)])
        for place, value in enumerate((rows, total, *amounts)):
            known[place] += value
    return {
        group: Figure(rows, dict(zip(names, amounts, strict=True)), int(total))
        for group, (rows, total, *amounts) in found.items()
    }


def _listed(parts: Sequence[sql.Composable]) -> sql.Composable:
    return sql.SQL(", ").join(parts)
