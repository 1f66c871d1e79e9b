"""Statements that PostgreSQL keeps prepared give what the same statements give otherwise, for any key."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from integration_hub import planned
from integration_hub.models import ErpCustomer
from integration_hub.prepared import prepared

pytestmark = pytest.mark.django_db
ODD = ("50 % off", "it's", "back\\slash", "a?b", "%s", "")


def kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select statement from pg_prepared_statements where not from_sql")
        return [text for (text,) in cursor.fetchall()]


@pytest.fixture(autouse=True)
def fresh_connection() -> None:
    """What other tests had prepared is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("deallocate all")
    connection.connection._prepared.clear()
    connection.connection.prepare_threshold = None
    vars(connection.connection).pop(planned.KEPT, None)


def test_what_stays_the_same_is_written_into_the_statement_and_keys_are_not() -> None:
    values = [*ODD, 7, Decimal("-1.50"), date(2024, 2, 29), None, True, [1, 2]]
    sql = "select " + ", ".join(["%s"] * len(values)) + ", '100 %%', %s"
    written = planned.with_constants("default", sql, [*values, "key"], {len(values)})
    (row,) = planned.fetch(written, ["it's a key"])
    assert row == (*values, "100 %", "it's a key")


def test_the_second_time_a_statement_is_prepared_and_one_serves_all_keys() -> None:
    ErpCustomer.objects.bulk_create(
        ErpCustomer(key=f"erp:{n}", source="erp", synced_at=timezone.now(), name=name, payment_days=n)
        for n, name in enumerate(ODD)
    )

    @prepared
    def named(keys: tuple[str, ...], days: int) -> Any:
        found = ErpCustomer.objects.filter(key__in=keys, payment_days__lt=days)
        return found.order_by("key").values_list("key", "name")

    for _ in range(3):
        for n, name in enumerate(ODD):
            assert named((f"erp:{n}",), 100) == [(f"erp:{n}", name)]
            assert named((f"erp:{n}", "erp:none"), n) == []
    mine = [text for text in kept() if '"erp_customer"' in text]
    assert len(mine) == 1 + len(ODD)  # one key, and two keys with each number of days
    assert all("$1" in text and "erp:" not in text for text in mine)


def test_numbers_of_any_size_share_one_statement() -> None:
    for number in (1, 40_000, 3_000_000_000, 1):
        assert planned.fetch("select %s + 0 as one_of_any_size", [number]) == [(number,)]
    assert len([text for text in kept() if "one_of_any_size" in text]) == 1


@override_settings(PREPARED_STATEMENTS=False)
def test_nothing_is_prepared_where_the_setting_says_so() -> None:
    for _ in range(3):
        assert planned.fetch("select %(day)s::date as not_prepared", {"day": date(2026, 1, 31)}) == [
            (date(2026, 1, 31),)
        ]
    assert not [text for text in kept() if "not_prepared" in text]


def test_a_table_that_gets_another_column_does_not_break_what_was_prepared() -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temporary table grows (a int) on commit drop")
        cursor.execute("insert into grows values (5)")
    for _ in range(3):
        assert planned.fetch("select a from grows where a = %s", [5]) == [(5,)]
    with connection.cursor() as cursor:
        cursor.execute("alter table grows add column b text, alter column a set statistics 50")
    assert planned.fetch("select a from grows where a = %s", [5]) == [(5,)]
