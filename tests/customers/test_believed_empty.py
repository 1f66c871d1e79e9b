"""A roll-up of everything takes no longer when the database believes its tables to be empty."""

import pytest
from django.apps import apps
from django.db import connection

from customers import rollups
from customers.models import CustomerRollup
from tests.customers.random_company import RandomCompany

# Thousands of times what the slowest statement takes when nothing loops.
LONGEST = "20s"


def _believe_empty() -> None:
    """What a vacuum leaves that ran before the first rows were there: pages without a row, so one row is expected."""
    tables = [model._meta.db_table for model in apps.get_app_config("integration_hub").get_models()]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "select pg_restore_relation_stats('schemaname', current_schema()::text, 'relname', %s::text,"
                " 'relpages', 1000, 'reltuples', 0::real)",
                [table],
            )
        cursor.execute(f"set local statement_timeout = '{LONGEST}'")


def test_tables_believed_empty_are_not_looped_over(figures, monkeypatch: pytest.MonkeyPatch):
    RandomCompany(figures, 103, customers=40)
    monkeypatch.setattr(rollups, "ANALYZE_FROM", 10**9)
    _believe_empty()
    figures.roll_up()
    assert CustomerRollup.objects.count() >= 40
