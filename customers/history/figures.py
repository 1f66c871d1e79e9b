"""Reads the stored figures of a day as lines of text, bucket by bucket, and writes such lines back."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connection
from psycopg import sql

from customers.history.packing import by_customer, fixed
from customers.models import CustomerRollup

BUCKET = 4000
"""Customers of so many consecutive ids are packed together: a few megabytes at a time."""
GROWING = ("oldest_overdue_days",)
NOT_PACKED = frozenset({"id", "customer_id", "as_of", "stake"})
"""Given by the place in the archive, or made by PostgreSQL itself."""
BEFORE = {"order_parts_12m": "priced_order_count_12m"}
"""Which column did the work of another in days that were packed before there was that one."""
TABLE, BROUGHT = sql.Identifier("rollup_customer"), sql.Identifier("brought_figures")


def figure_columns() -> tuple[str, ...]:
    """The columns that are packed."""
    return tuple(
        name for field in CustomerRollup._meta.concrete_fields if (name := str(field.column)) not in NOT_PACKED
    )


def read_figures(day: date, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each bucket with the lines of its customers. Between two buckets the connection is free for other statements."""
    growing = _growing(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct customer_id / %s from rollup_customer where as_of = %s order by 1", [BUCKET, day]
        )
        buckets = [int(bucket) for (bucket,) in cursor.fetchall()]
    for bucket in buckets:
        statement = sql.SQL(
            "copy (select customer_id, {} from {} where as_of = {} and customer_id >= {} and customer_id < {} "
            "order by customer_id) to stdout"
        ).format(_names(columns), TABLE, *map(sql.Literal, (day, bucket * BUCKET, (bucket + 1) * BUCKET)))
        lines = _copied(statement)
        yield bucket, by_customer("\t".join(fixed(line.split("\t"), growing, day)) for line in lines)


def write_figures(day: date, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Store lines as the figures of a day. Columns that the table no longer has are left out, those it did not have
    then are empty, or as BEFORE says; customers that were deleted are left out.
    """
    growing = _growing(columns)
    there = {field.column: field for field in CustomerRollup._meta.concrete_fields}
    named = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(there[name]) if name in there else "text"))
        for name in columns
    ]
    taken = [name for name in columns if name in there]
    since = [field for name, field in there.items() if name not in {*columns, *NOT_PACKED}]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists pg_temp.{}").format(BROUGHT))
        cursor.execute(
            sql.SQL("create temporary table {} (customer_id bigint, {})").format(BROUGHT, sql.SQL(", ").join(named))
        )
        with cursor.copy(sql.SQL("copy {} from stdin").format(BROUGHT)) as copy:
            copy.write("".join("\t".join(fixed(line.split("\t"), growing, day)) + "\n" for line in lines))
        cursor.execute(
            sql.SQL(
                "insert into {table} (customer_id, as_of, {columns}) select b.customer_id, {day}, {values} "
                "from {brought} as b join customer as c on c.id = b.customer_id"
            ).format(
                table=TABLE,
                columns=_names([*taken, *(str(field.column) for field in since)]),
                day=sql.Literal(day),
                values=sql.SQL(", ").join(
                    [
                        *(sql.Identifier("b", name) for name in taken),
                        *(_since(field, taken) for field in since),
                    ]
                ),
                brought=BROUGHT,
            )
        )


def _since(field: Any, taken: Sequence[str]) -> sql.Composable:
    """What a column is in a day that was packed before there was it."""
    before = BEFORE.get(field.column, "")
    return sql.Identifier("b", before) if before in taken else sql.Literal(None if field.null else field.get_default())


def _copied(statement: sql.Composable) -> list[str]:
    """The lines of a COPY, without their ends."""
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(portion) for portion in copy).decode().splitlines()


def _names(columns: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join([sql.Identifier(name) for name in columns])


def _growing(columns: Sequence[str]) -> tuple[int, ...]:
    """Their places in a line, which begins with the customer's id."""
    return tuple(columns.index(name) + 1 for name in GROWING if name in columns)


def _type(field: Any) -> str:
    kind = field.db_type(connection)
    if kind is None:
        raise TypeError(f"{field} is no column")
    return str(kind)
