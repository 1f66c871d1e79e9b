"""What tests that commit leave behind is deleted: truncating makes every table anew, and Django fills its own again."""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

BY_MIGRATIONS = frozenset({"django_content_type", "auth_permission"})
"""Filled when the database is made, the same for every test."""


def emptied_tables() -> list[str]:
    """Every table of a model but those that migrations fill."""
    return sorted(set(connection.introspection.django_table_names()) - BY_MIGRATIONS)


@cache
def _deletions() -> tuple[sql.Composed, sql.Composed]:
    """Locks all tables, then empties them; foreign keys are looked at when the transaction ends."""
    tables = [sql.Identifier(name) for name in emptied_tables()]
    locks = sql.SQL("lock table {} in access exclusive mode").format(sql.SQL(", ").join(tables))
    return locks, sql.SQL("; ").join(sql.SQL("delete from {}").format(table) for table in tables)


def empty(case: TransactionTestCase) -> None:
    """Empty the database after a test, as truncating it would: whoever still writes is waited for."""
    locks, deletions = _deletions()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(locks)
        cursor.execute(deletions)
