"""The statement that counts and sums a stream at its PostgreSQL source, for the comparison with the mirror."""

from collections.abc import Collection

from django.apps import apps
from psycopg import sql

from integration_hub.config import Column, Filter, StreamConfig
from integration_hub.models.common import MoneyField


def money_columns(stream: StreamConfig, columns: Collection[str]) -> dict[str, Column]:
    """Target money columns that the stream fills from exactly one column of its query."""
    model = next(
        each for each in apps.get_app_config("integration_hub").get_models() if each._meta.db_table == stream.target
    )
    found = {}
    for target in model._meta.concrete_fields:
        if isinstance(target, MoneyField):
            column = _column(stream, target.name, columns)
            if column is not None and len(column.source) == 1 and column.source[0] in columns:
                found[target.name] = column
    return found


def totals_statement(
    inner: sql.Composable, stream: StreamConfig, columns: Collection[str], money: dict[str, Column]
) -> sql.Composed:
    """Per currency: the currency, the number of rows, and the sum of each money column in the order of `money`."""
    sums = [
        sql.SQL("sum(nullif({}::text, '')::numeric * {})").format(
            sql.Identifier("q", column.source[0]), sql.Literal(column.factor or "1") + sql.SQL("::numeric")
        )
        for column in money.values()
    ]
    wanted = sql.SQL(", ").join([_currency(stream, columns), sql.SQL("count(*)"), *sums])
    kept = sql.SQL(" and ").join([sql.SQL("true"), *(_condition(each) for each in stream.filters)])
    return sql.SQL("select {} from ({}) as q where {} group by 1 order by 1").format(wanted, inner, kept)


def _column(stream: StreamConfig, name: str, columns: Collection[str]) -> Column | None:
    """How a target column is made: as configured, or from the query's column of the same name."""
    if name in stream.columns:
        return stream.columns[name]
    return Column(source=(name,)) if name in columns else None


def _currency(stream: StreamConfig, columns: Collection[str]) -> sql.Composable:
    column = _column(stream, "currency", columns)
    if column is None:
        return sql.SQL("''")
    if column.constant is not None:
        return sql.Literal(column.constant)
    value: sql.Composable = sql.SQL("coalesce(nullif({}::text, ''), {})").format(
        sql.Identifier("q", column.source[0]), sql.Literal(column.default or "")
    )
    if not column.values:
        return value
    cases = [
        sql.SQL("when {} then {}").format(sql.Literal(source), sql.Literal(target))
        for source, target in column.values.items()
    ]
    return sql.SQL("case {} {} else '' end").format(value, sql.SQL(" ").join(cases))


def _condition(each: Filter) -> sql.Composable:
    value = sql.SQL("coalesce({}::text, '')").format(sql.Identifier("q", each.column))
    parts: list[sql.Composable] = []
    if each.include:
        parts.append(sql.SQL("{} = any({})").format(value, sql.Literal(list(each.include))))
    if each.exclude:
        parts.append(sql.SQL("{} <> all({})").format(value, sql.Literal(list(each.exclude))))
    return sql.SQL(" and ").join(parts) if parts else sql.SQL("true")
