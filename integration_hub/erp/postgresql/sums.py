"""The statement that counts and sums a stream at its PostgreSQL source, for the comparison with the mirror."""

from collections.abc import Collection, Mapping

from django.apps import apps
from psycopg import sql

from integration_hub.config import Column, Filter, StreamConfig
from integration_hub.models.common import MoneyField
from integration_hub.streams import MONTH_OF

NUMBERS = frozenset({"numeric", "int2", "int4", "int8", "float4", "float8"})


def money_columns(stream: StreamConfig, types: Mapping[str, str]) -> dict[str, Column]:
    """Target money columns that the stream fills from exactly one column of its query, which holds numbers.

    A text may be written in any way, and what is no number would end the whole statement.
    """
    model = next(
        each for each in apps.get_app_config("integration_hub").get_models() if each._meta.db_table == stream.target
    )
    found = {}
    for target in model._meta.concrete_fields:
        if isinstance(target, MoneyField):
            column = _column(stream, target.name, types)
            if column is not None and _as_it_is(column, types) and types[column.source[0]] in NUMBERS:
                found[target.name] = column
    return found


def totals_statement(
    inner: sql.Composable,
    stream: StreamConfig,
    types: Mapping[str, str],
    money: Mapping[str, Column],
    fingerprint: sql.Composable | None,
) -> sql.Composed:
    """Per company, month and currency: these three, the number of rows, the sum of the rows' fingerprints, and the sum
    of each money column in the order of `money`. `types` are the query's columns.
    """
    sums = [
        sql.SQL("sum(nullif({}::text, '')::numeric * {})").format(
            sql.Identifier("q", column.source[0]), sql.Literal(column.factor or "1") + sql.SQL("::numeric")
        )
        for column in money.values()
    ]
    hashed = sql.SQL("sum({})").format(fingerprint) if fingerprint is not None else sql.SQL("null::numeric")
    wanted = sql.SQL(", ").join([*group_of(stream, types), sql.SQL("count(*)"), hashed, *sums])
    return sql.SQL("select {} from ({}) as q where {} group by 1, 2, 3 order by 1, 2, 3").format(
        wanted, inner, kept(stream)
    )


def group_of(stream: StreamConfig, types: Mapping[str, str]) -> list[sql.Composable]:
    """Company, month and currency of a row `q`, as the mirror will have them; "" where SQL cannot tell."""
    return [_company(stream, types), _month(stream, types), _currency(stream, types)]


def kept(stream: StreamConfig) -> sql.Composable:
    """The condition that a row `q` passes the stream's filters."""
    return sql.SQL(" and ").join([sql.SQL("true"), *(_condition(each) for each in stream.filters)])


def _company(stream: StreamConfig, types: Mapping[str, str]) -> sql.Composable:
    column = _column(stream, "company", types)
    if column is not None and column.constant is not None:
        return sql.Literal(column.constant) + sql.SQL("::text")
    if column is None or not _as_it_is(column, types):
        return sql.SQL("''::text")
    return sql.SQL("coalesce(btrim({}::text), '')").format(sql.Identifier("q", column.source[0]))


def _month(stream: StreamConfig, types: Mapping[str, str]) -> sql.Composable:
    """Of the stream's date, where the query returns one; a text would first have to be understood."""
    column = _column(stream, MONTH_OF.get(stream.target, ""), types)
    if column is None or not _as_it_is(column, types) or types[column.source[0]] not in {"date", "timestamp"}:
        return sql.SQL("''::text")
    return sql.SQL("coalesce(to_char({}, 'YYYY-MM'), '')").format(sql.Identifier("q", column.source[0]))


def _as_it_is(column: Column, columns: Collection[str]) -> bool:
    """Whether a target column is one column of the query without any change."""
    changed = column.values or column.strip_zeros or column.default is not None or column.formats
    return len(column.source) == 1 and column.source[0] in columns and not changed


def _column(stream: StreamConfig, name: str, columns: Collection[str]) -> Column | None:
    """How a target column is made: as configured, or from the query's column of the same name."""
    if name in stream.columns:
        return stream.columns[name]
    return Column(source=(name,)) if name in columns else None


def _currency(stream: StreamConfig, columns: Collection[str]) -> sql.Composable:
    column = _column(stream, "currency", columns)
    if column is None:
        return sql.SQL("''::text")
    if column.constant is not None:
        return sql.Literal(column.constant) + sql.SQL("::text")
    value: sql.Composable = sql.SQL("upper(btrim(coalesce(nullif({}::text, ''), {})))").format(
        sql.Identifier("q", column.source[0]), sql.Literal(column.default or "")
    )
    if not column.values:
        return value
    cases = [
        sql.SQL("when {} then {}").format(sql.Literal(source), sql.Literal(target))
        for source, target in column.values.items()
    ]
    raw = sql.SQL("coalesce(btrim({}::text), '')").format(sql.Identifier("q", column.source[0]))
    return sql.SQL("case {} {} else {} end").format(raw, sql.SQL(" ").join(cases), sql.Literal(column.default or ""))


def _condition(each: Filter) -> sql.Composable:
    # As COPY writes it, like the stage's filter: a cast would write true for t.
    value = sql.SQL("btrim(concat({}))").format(sql.Identifier("q", each.column))
    parts: list[sql.Composable] = []
    if each.include:
        parts.append(sql.SQL("{} = any({})").format(value, sql.Literal(list(each.include))))
    if each.exclude:
        parts.append(sql.SQL("{} <> all({})").format(value, sql.Literal(list(each.exclude))))
    return sql.SQL(" and ").join(parts) if parts else sql.SQL("true")
