"""Whom a publish touches: the temporary tables that hooks read, and rows whose customer is that of their document."""

from collections.abc import Mapping, Sequence

from psycopg import sql

from integration_hub.streams import CUSTOMER_FROM
from integration_hub.streams import target as mirror_table
from integration_hub.warehouse import execute
from integration_hub.warehouse_delta import Delta


def create_touched() -> None:
    """The temporary tables that publish hooks read; empty."""
    drop_touched()
    execute(sql.SQL("create temp table touched_customer (key varchar primary key)"))
    execute(sql.SQL("create temp table touched_account (key varchar primary key)"))
    execute(sql.SQL("create temp table changed_table (name text primary key)"))


def drop_touched() -> None:
    """Remove them; "on commit drop" would fail where several publishes share a transaction."""
    execute(sql.SQL("drop table if exists pg_temp.touched_customer, pg_temp.touched_account, pg_temp.changed_table"))


def touch(table: str, keys: sql.Composable) -> None:
    """Add the keys of a query to one of the temporary tables."""
    execute(
        sql.SQL(
            "insert into {} select k.key from ({}) as k (key) where k.key is not null on conflict do nothing"
        ).format(sql.Identifier(table), keys)
    )


def mark_changed(table: str) -> None:
    """Tell the publish hooks that a mirror table changed."""
    execute(sql.SQL("insert into changed_table values ({}) on conflict do nothing").format(sql.Literal(table)))


def inherit_customers(table: str, delivered: frozenset[str], deltas: Mapping[str, Sequence[Delta]]) -> None:
    """Give rows whose source names no customer that of their document, where this run changed either of them.

    `delivered` are the field names that the table's stream delivers, `deltas` this run's deltas by table.
    """
    child = mirror_table(table)
    if "customer" in delivered:
        return
    for reference in CUSTOMER_FROM.get(table, ()):
        if reference not in delivered:
            continue
        parent = child.parent_table(reference)
        changed = [_changed_rows(sql.SQL("m.key"), each) for each in deltas.get(table, ())]
        changed += [_changed_rows(sql.SQL("p.key"), each) for each in deltas.get(parent, ())]
        for condition in changed:
            execute(
                sql.SQL(
                    "with filled as (update {child} as m set customer_id = p.customer_id from {parent} as p"
                    " where p.key = m.{column} and {condition} and p.customer_id is not null"
                    " and m.customer_id is distinct from p.customer_id returning m.customer_id)"
                    " insert into touched_customer select distinct customer_id from filled on conflict do nothing"
                ).format(
                    child=sql.Identifier(table),
                    parent=sql.Identifier(parent),
                    column=sql.Identifier(str(child.fields[reference].column)),
                    condition=condition,
                )
            )


def _changed_rows(key: sql.Composable, delta: Delta) -> sql.Composable:
    if delta.direct:
        return sql.SQL("true")
    return sql.SQL("{} in (select new_key from {})").format(key, delta.changes)
