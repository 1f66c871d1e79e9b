"""Queries whose SQL is kept give the rows of the same queries made anew, for any keys, and only what one may see."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, QuerySet, Sum, Value
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.access import prepared_visible, visible
from customers.addresses import customer_address, document_address
from customers.models import AccountLink, Customer
from integration_hub.config import hub
from integration_hub.models import ErpInvoice, ErpOrder
from integration_hub.one_request import once, one_request
from integration_hub.prepared import MOST_IDS, prepared, prepared_sql
from tests.customers.pages.conftest import Cast, World


@prepared
def numbers(keys: tuple[str, ...], kind: str, *, most: int = 5) -> "QuerySet[Any, Any]":
    found = ErpInvoice.objects.filter(customer__in=keys, kind=kind).order_by("key")
    rows: QuerySet[Any, Any] = found.values_list("key", "customer", named=True)[:most]
    return rows


@prepared
def links(pks: tuple[int, ...]) -> QuerySet[AccountLink]:
    return AccountLink.objects.filter(customer__in=pks).select_related("customer").order_by("erp_customer")


@prepared
def sums(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    invoices = ErpInvoice.objects.filter(customer__in=keys).order_by().annotate(together=Value(1)).values("together")
    together: QuerySet[Any, Any] = invoices.annotate(net=Sum("net_amount"), count=Count("key"))
    return together.values_list("net", "count")


@prepared_visible
def seen(model: Any) -> "QuerySet[Any, Any]":
    keys: QuerySet[Any, Any] = model.objects.order_by("pk").values_list("pk", flat=True)
    return keys


@prepared_visible
def first_seen(most: int) -> QuerySet[Customer]:
    return Customer.objects.order_by("pk")[:most]


@pytest.mark.usefixtures("world")
def test_other_keys_need_no_new_sql_and_get_their_own_rows() -> None:
    customers = sorted(ErpInvoice.objects.order_by().values_list("customer", flat=True).distinct())
    assert len(customers) > 1
    for keys in (*((key,) for key in customers), tuple(customers), ("erp:nobody",), ()):
        expected = ErpInvoice.objects.filter(customer__in=keys, kind="invoice").order_by("key")[:5]
        found = numbers(keys, "invoice")
        assert [(row.key, row.customer) for row in found] == [(row.key, row.customer_id) for row in expected]
        net = ErpInvoice.objects.filter(customer__in=keys).aggregate(net=Sum("net_amount"), count=Count("key"))
        assert sums(keys) == ([(net["net"], net["count"])] if keys else [])
    assert len(numbers((customers[0],), "invoice", most=1)) == 1
    assert numbers((customers[0],), "no such kind") == []


def test_objects_come_with_what_is_read_along(world: World) -> None:
    for pks in ((world.kestrel.pk,), (world.unlinked.pk, world.kestrel.pk)):
        with CaptureQueriesContext(connection) as captured:
            found = [(link.erp_customer, link.customer.name) for link in links(pks)]
        expected = AccountLink.objects.filter(customer__in=pks).order_by("erp_customer")
        assert found == [(link.erp_customer, link.customer.name) for link in expected]
        assert len(captured) == 1


@pytest.mark.usefixtures("world")
def test_more_keys_than_are_kept_are_asked_for_all_the_same() -> None:
    keys = (*(f"erp:none-{index}" for index in range(MOST_IDS)), *ErpInvoice.objects.values_list("customer", flat=True))
    assert [row.key for row in numbers(keys, "invoice")] == [
        row.key for row in ErpInvoice.objects.filter(kind="invoice").order_by("key")[:5]
    ]


@pytest.mark.usefixtures("world")
def test_a_key_that_is_changed_before_it_is_asked_for_is_refused() -> None:
    @prepared
    def shortened(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
        return ErpInvoice.objects.filter(key=keys[0][:2]).values_list("key")

    @prepared_sql
    def forgotten(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
        return ErpInvoice.objects.filter(key=keys[0]).values_list("key")

    with pytest.raises(TypeError, match="Not every key"):
        shortened(("erp:1",))
    with pytest.raises(TypeError, match="Not every key"):
        forgotten(("erp:1", "erp:2"))


def test_what_one_may_see_is_the_same_whoever_asked_before(world: World, cast: Cast) -> None:
    for name in ("owner", "outsider", "analyst", "untied", "owner"):
        client = getattr(cast, name)
        user = client.get("/").wsgi_request.user
        for model in (Customer, ErpOrder, ErpInvoice):
            assert seen(user, model) == list(visible(model.objects.order_by("pk"), user).values_list("pk", flat=True))
        # The limit is one of what is seen, not one before it is narrowed.
        assert first_seen(user, 1) == list(visible(Customer.objects.order_by("pk"), user)[:1])


@pytest.mark.usefixtures("db")
def test_the_configuration_is_read_once_per_request_only() -> None:
    read: list[int] = []

    def counting() -> int:
        read.append(1)
        return len(read)

    with one_request():
        assert [once("count", counting), once("count", counting)] == [1, 1]
        assert hub() is hub()
    assert [once("count", counting), once("count", counting)] == [2, 3]


@pytest.mark.parametrize("key", ["erp:1", "erp:10/4711 ü&?#%", "a//b", "/x", "tab\tkey", "\u202e", "..;'\""])
def test_addresses_are_those_of_the_urls(key: str) -> None:
    assert document_address("invoice", key) == reverse("customers:invoice", args=(key,))
    assert customer_address("detail", 7) == reverse("customers:detail", args=(7,))
    assert customer_address("figure", 12, "open_amount") == reverse("customers:figure", args=(12, "open_amount"))
    assert customer_address("product", 12, key) == reverse("customers:product", args=(12, key))
