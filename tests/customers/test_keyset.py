"""Pages by position: walking a list forwards and back gives exactly the sorted list, with ties and empty values."""

import base64
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from customers.keyset import Order, Slice, finite, page_of, read_mark
from customers.models import Customer, CustomerRollup

DAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db
BY_REVENUE = ("revenue_ytd", False, finite)
BY_DAY = ("last_order_on", True, date.fromisoformat)


def build(count: int) -> None:
    customers = Customer.objects.bulk_create(
        Customer(erp_customer=f"erp:{number}", name=f"C {number % 4}") for number in range(count)
    )
    CustomerRollup.objects.bulk_create(
        CustomerRollup(
            customer=customer,
            as_of=DAY,
            computed_at=timezone.now(),
            revenue_ytd=Decimal(index * 7 % 5) - 2,
            last_order_on=None if index % 3 == 0 else DAY - timedelta(days=index % 4),
        )
        for index, customer in enumerate(customers)
    )


def order(of: Any, *, descending: bool) -> Order:
    column, nullable, read = of
    return Order(column, "customer_id", descending, nullable, read)


def expected(by: Order) -> list[int]:
    rows = list(CustomerRollup.objects.all())
    rows.sort(key=lambda row: row.customer_id, reverse=not by.descending)
    with_value = [row for row in rows if getattr(row, by.column) is not None]
    with_value.sort(key=lambda row: getattr(row, by.column), reverse=by.descending)
    return [row.pk for row in (*with_value, *(row for row in rows if getattr(row, by.column) is None))]


def keys(page: Slice[CustomerRollup]) -> list[int]:
    return [row.pk for row in page.rows]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("of", [BY_REVENUE, BY_DAY, ("customer__name", False, str)], ids=lambda of: of[0])
def test_walking_forwards_and_back_gives_exactly_the_sorted_list(of: Any, descending: bool) -> None:
    build(23)
    by, rows = order(of, descending=descending), CustomerRollup.objects.select_related("customer")
    if of[0] == "customer__name":
        everything = list(rows.order_by(*by.expressions(backwards=False)).values_list("pk", flat=True))
    else:
        everything = expected(by)
    for size in (1, 4, 23, 50):
        page = page_of(rows, by, size)
        assert page.before == ""
        pages = [keys(page)]
        while page.after:
            page = page_of(rows, by, size, after=page.after)
            pages.append(keys(page))
        assert [key for one in pages for key in one] == everything, size
        back = [keys(page)]
        while page.before:
            page = page_of(rows, by, size, before=page.before)
            back.append(keys(page))
        assert [key for one in reversed(back) for key in one] == everything, size


def test_a_damaged_position_shows_the_first_page_and_one_beyond_the_end_the_last() -> None:
    build(5)
    by = order(BY_REVENUE, descending=True)
    first = keys(page_of(CustomerRollup.objects.all(), by, 2))
    for text in (
        "x",
        "%%",
        "e30",
        encoded([1]),
        encoded(["NaN", 1]),
        encoded(["1e99", 1]),
        encoded([None, 1]),
        encoded(["1", "2"]),
        encoded(["1", 2**70]),
        "A" * 5000,
        encoded([[], {}]),
    ):
        assert read_mark(text, by) is None, text
        assert keys(page_of(CustomerRollup.objects.all(), by, 2, after=text)) == first
    beyond = page_of(CustomerRollup.objects.all(), by, 2, after=encoded(["-999999", 1]))
    assert keys(beyond) == expected(by)[-2:]
    assert (bool(beyond.before), beyond.after) == (True, "")
    assert keys(page_of(CustomerRollup.objects.all(), by, 2, before=encoded(["999999", 1]))) == first
    assert page_of(CustomerRollup.objects.none(), by, 2, after=encoded(["1", 1])).rows == []


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_w3_a_publish_that_replaces_the_rows_between_the_two_reads_of_a_page_leaves_it_whole() -> None:
    build(5)
    replaced: list[str] = []

    def publish(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        if not replaced and sql.startswith("SELECT"):
            replaced.append(sql)
            rows = list(CustomerRollup.objects.all())
            CustomerRollup.objects.all().delete()
            for row in rows:
                row.pk = None
            CustomerRollup.objects.bulk_create(rows)
        return answer

    with connection.execute_wrapper(publish):
        page = page_of(CustomerRollup.objects.select_related("customer"), order(BY_REVENUE, descending=True), 50)
    assert len(replaced) == 1
    assert keys(page) == expected(order(BY_REVENUE, descending=True))
