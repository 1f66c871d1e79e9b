"""Counts and sums a stream at its source, per company, month and currency, for the comparison with the mirror."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    select,
)
from sqlalchemy import true as always

from integration_hub.config import Column, Filter, StreamConfig
from integration_hub.erp.database.dialect import Dialect
from integration_hub.models.common import MoneyField
from integration_hub.sources import Totals
from integration_hub.streams import target

# The day by which a document belongs to a month.
MONTH_OF = {
    "erp_order": "ordered_on",
    "erp_delivery": "shipped_on",
    "erp_invoice": "issued_on",
    "erp_open_item": "due_on",
    "erp_payment": "paid_on",
    "erp_allocation": "allocated_on",
}
MONEY_DECIMALS = 4


@dataclass(frozen=True)
class Grouping:
    """How the rows of one stream's query `table` are told apart; `codes` are the types of its columns."""

    stream: StreamConfig
    table: Subquery
    codes: Mapping[str, Any]
    dialect: Dialect

    @property
    def money(self) -> dict[str, Column]:
        """Target money columns that are filled from exactly one column of the query, which holds numbers."""
        found = {}
        for name, field in target(self.stream.target).fields.items():
            column = self._column(name)
            if not isinstance(field, MoneyField) or column is None or not _as_it_is(column):
                continue
            if self.dialect.is_number(self.codes.get(column.source[0])):
                found[name] = column
        return found

    def statement(self) -> Select[Any]:
        """Rows of company, year, month, currency, count, and the sums in the order of `money`."""
        groups = [
            each.label(name)
            for name, each in zip(("of_company", "of_year", "of_month", "of_currency"), self._groups(), strict=True)
        ]
        amount = self.dialect.amount or _rounded
        amounts = {name: amount(self.table.c[column.source[0]]) for name, column in self.money.items()}
        # The inner query gives each group a name, because not every dialect groups by an expression with a parameter.
        inner = (
            select(*groups, *(each.label(f"sum_of_{name}") for name, each in amounts.items()))
            .select_from(self.table)
            .where(*self.kept())
            .subquery("g")
        )
        keys = [inner.c[each.name] for each in groups]
        return select(*keys, func.count(), *(func.sum(inner.c[f"sum_of_{name}"]) for name in amounts)).group_by(*keys)

    def of(self, group: tuple[str, str, str]) -> list[ColumnElement[bool]]:
        """The conditions that a row is kept and belongs to one group of the totals."""
        company, year, month, currency = self._groups()
        wanted, when, unit = group
        of_month = and_(year == int(when[:4]), month == int(when[5:])) if when else func.coalesce(year, 0) == 0
        return [*self.kept(), company == wanted, currency == unit, of_month]

    def kept(self) -> list[ColumnElement[bool]]:
        """The conditions that a row passes the stream's filters."""
        return [_condition(each, self.table) for each in self.stream.filters]

    def _groups(self) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
        company, currency = self._column("company"), self._column("currency")
        day = self._column(MONTH_OF.get(self.stream.target, ""))
        year: ColumnElement[Any] = literal(0)
        month: ColumnElement[Any] = literal(0)
        if day is not None and _as_it_is(day):
            moment = self.table.c[day.source[0]]
            year, month = extract("year", moment), extract("month", moment)
        plain = company if company is not None and (company.constant is not None or _as_it_is(company)) else None
        return self._text(plain), year, month, func.upper(self._text(currency))

    def _column(self, name: str) -> Column | None:
        """How a target column is made: as configured, or from the query's column of the same name."""
        if name in self.stream.columns:
            return self.stream.columns[name]
        return Column(source=(name,)) if name in self.table.c else None

    def _text(self, column: Column | None) -> ColumnElement[Any]:
        if column is None or (column.constant is None and len(column.source) != 1):
            return literal("", String(255))
        if column.constant is not None:
            return literal(column.constant, String(255))
        raw = func.trim(as_text(self.table.c[column.source[0]]))
        default = literal(column.default or "", String(255))
        if column.values:
            return case(*((raw == source, literal(name)) for source, name in column.values.items()), else_=default)
        return func.coalesce(func.nullif(raw, ""), default)


def totals(rows: Sequence[Any], money: Mapping[str, Column], unit: str) -> Totals:
    """The answer added up: all rows, sums per currency, and the groups as they came."""
    sums: dict[str, dict[str, Decimal]] = {name: {} for name in money}
    groups: dict[tuple[str, str, str], tuple[int, dict[str, Decimal]]] = {}
    for company, year, month, currency, number, *amounts in rows:
        added = {
            name: Decimal(str(value or 0)) * Decimal(unit) * Decimal(column.factor or "1")
            for (name, column), value in zip(money.items(), amounts, strict=True)
        }
        # Oracle has no empty text, only NULL.
        groups[str(company or ""), _written(year, month), str(currency or "")] = (int(number), added)
        for name, amount in added.items():
            sums[name][str(currency or "")] = sums[name].get(str(currency or ""), Decimal(0)) + amount
    return Totals(rows=sum(number for number, _ in groups.values()), sums=sums, groups=groups)


def as_text(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value as text, empty where it is NULL."""
    return func.coalesce(cast(value, String(255)), "")


def _as_it_is(column: Column) -> bool:
    """Whether a target column is one column of the query, but for a factor."""
    changed = column.values or column.strip_zeros or column.default is not None or column.formats
    return len(column.source) == 1 and not changed


def _rounded(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.round(cast(value, Numeric(38, 10)), MONEY_DECIMALS)


def _written(year: Any, month: Any) -> str:
    """A month as 2026-02; drivers write its parts as numbers or as text, NULL or 0 is none."""
    return f"{int(year):04}-{int(month):02}" if int(year or 0) and int(month or 0) else ""


def _condition(each: Filter, table: Subquery) -> ColumnElement[bool]:
    value = as_text(table.c[each.column])
    parts: list[ColumnElement[bool]] = []
    if each.include:
        parts.append(value.in_(each.include))
    if each.exclude:
        parts.append(value.not_in(each.exclude))
    return and_(*parts) if parts else always()
