"""Counts and sums a stream at its source, per company, month and currency, for the comparison with the mirror."""

from collections.abc import Mapping, Sequence
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

from integration_hub.config import Column, Filter, StreamConfig
from integration_hub.erp.database_dialect import Dialect
from integration_hub.erp.database_queries import as_text
from integration_hub.erp.sums import money_columns
from integration_hub.sources import Totals

# The day by which a document belongs to a month, the first that the stream maps.
DAYS = ("posted_on", "issued_on", "ordered_on", "shipped_on", "paid_on", "allocated_on")


def totals_statement(stream: StreamConfig, table: Subquery, dialect: Dialect) -> tuple[Select[Any], dict[str, Column]]:
    """Rows of company, year, month, currency, count and sums; and the money columns in the order of the sums."""
    names = list(table.c.keys())
    money = money_columns(stream, names)
    amount = dialect.amount or (lambda value: cast(value, Numeric(38, 10)))
    year, month = _month(stream, table)
    groups = (
        _text(stream, "company", table).label("company_group"),
        year.label("year_group"),
        month.label("month_group"),
        _text(stream, "currency", table).label("currency_group"),
    )
    kept = [_condition(each, table) for each in stream.filters]
    inner = (
        select(*groups, *(amount(table.c[column.source[0]]).label(f"sum_{name}") for name, column in money.items()))
        .select_from(table)
        .where(*kept)
        .subquery("g")
    )
    keys = [inner.c[each.name] for each in groups]
    sums = [func.sum(inner.c[f"sum_{name}"]) for name in money]
    return select(*keys, func.count(), *sums).group_by(*keys), money


def totals(rows: Sequence[Any], money: Mapping[str, Column], unit: str) -> Totals:
    """The answer added up: all rows, sums per currency, and the groups as they came."""
    count = 0
    sums: dict[str, dict[str, Decimal]] = {name: {} for name in money}
    groups: dict[tuple[str, str, str], tuple[int, dict[str, Decimal]]] = {}
    for company, year, month, currency, number, *amounts in rows:
        count += int(number)
        name = str(currency or "").strip().upper()
        key = (str(company or "").strip(), _written(year, month), name)
        known, added = groups.get(key, (0, dict.fromkeys(money, Decimal(0))))
        for target, value in zip(money, amounts, strict=True):
            amount = Decimal(str(value or 0)) * Decimal(unit) * Decimal(money[target].factor or "1")
            added[target] += amount
            sums[target][name] = sums[target].get(name, Decimal(0)) + amount
        groups[key] = known + int(number), added
    return Totals(rows=count, sums=sums, groups=groups)


def _written(year: Any, month: Any) -> str:
    """A month as 2026-02; drivers write its parts as numbers or as text, NULL or 0 is none."""
    return f"{int(year):04}-{int(month):02}" if int(year or 0) and int(month or 0) else ""


def _column(stream: StreamConfig, name: str, table: Subquery) -> Column | None:
    """How a target column is made: as configured, or from the query's column of the same name."""
    if name in stream.columns:
        return stream.columns[name]
    return Column(source=(name,)) if name in table.c else None


def _text(stream: StreamConfig, name: str, table: Subquery) -> ColumnElement[Any]:
    column = _column(stream, name, table)
    if column is None or (column.constant is None and len(column.source) != 1):
        return literal("", String(255))
    if column.constant is not None:
        return literal(column.constant, String(255))
    value = as_text(table.c[column.source[0]])
    if column.default:
        value = func.coalesce(func.nullif(value, ""), column.default)
    if not column.values:
        return value
    return case(*((value == source, literal(target)) for source, target in column.values.items()), else_="")


def _month(stream: StreamConfig, table: Subquery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Year and month of the document's day; NULL where it has none that the database itself knows as a day."""
    for name in DAYS:
        column = _column(stream, name, table)
        if column is not None and len(column.source) == 1 and not column.formats and not column.values:
            day = table.c[column.source[0]]
            return extract("year", day), extract("month", day)
    return literal(0), literal(0)


def _condition(each: Filter, table: Subquery) -> ColumnElement[bool]:
    value = as_text(table.c[each.column])
    parts: list[ColumnElement[bool]] = []
    if each.include:
        parts.append(value.in_(each.include))
    if each.exclude:
        parts.append(value.not_in(each.exclude))
    return and_(*parts) if parts else literal(1) == 1
