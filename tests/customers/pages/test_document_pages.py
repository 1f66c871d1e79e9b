"""Document pages under load, across customers and with bad data."""

import gzip
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.publishing import recompute_all
from integration_hub.models import (
    ErpAllocation,
    ErpDelivery,
    ErpDeliveryLine,
    ErpDocumentLink,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
)
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, READ_AT, build_invoice, mirrored

KESTREL, KESTON = "erp:104233", "erp:101877"
LONG = "Sealing ring, <b>nitrile</b> & \U0001f9ea " + "x" * 260


def in_bulk(model: Any, rows: list[dict[str, Any]]) -> None:
    model.objects.bulk_create(model(source="erp", synced_at=READ_AT, **row) for row in rows)


def build_large(name: str, *, lines: int, deliveries: int, each: int = 5) -> None:
    """An order whose lines are delivered by many deliveries of a few lines, and billed by two invoices."""
    order = f"erp:{name}"
    common = {"customer_id": KESTREL}
    mirrored(ErpOrder, order, number=name, ordered_on=AS_OF, currency="EUR", net_amount=Decimal(100 * lines), **common)
    in_bulk(
        ErpOrderLine,
        [
            {"key": f"{order}/{n}", "order_id": order, "position": n, "quantity": 10, "net_amount": 100, **common}
            for n in range(lines)
        ],
    )
    in_bulk(
        ErpDelivery,
        [{"key": f"{order}/D{n}", "number": f"D{n}", "shipped_on": AS_OF, **common} for n in range(deliveries)],
    )
    places = [(n, (n * each + k) % lines) for n in range(deliveries) for k in range(each)]
    in_bulk(
        ErpDeliveryLine,
        [
            {
                "key": f"{order}/D{n}/{k}",
                "delivery_id": f"{order}/D{n}",
                "order_line_id": f"{order}/{k}",
                "quantity": 1,
                **common,
            }
            for n, k in places
        ],
    )
    for n in range(2):
        invoice = f"{order}/F{n}"
        mirrored(
            ErpInvoice, invoice, number=f"F{n}", issued_on=AS_OF, currency="EUR", net_amount=Decimal(lines), **common
        )
        in_bulk(
            ErpInvoiceLine,
            [
                {"key": f"{invoice}/{k}", "invoice_id": invoice, "order_line_id": f"{order}/{k}", "quantity": 1,
                 "net_amount": 10, **common}
                for k in range(lines)
            ],
        )  # fmt: skip


def queries_of(client: Any, url: str) -> tuple[int, Any]:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured), answer


def test_a_large_order_costs_as_many_queries_as_a_smaller_one_and_shows_a_hundred_lines_with_exact_totals(
    world: World, cast: Cast
) -> None:
    build_large("MID", lines=40, deliveries=30)
    build_large("BIG", lines=500, deliveries=300)
    recompute_all(AS_OF, current=True)
    few, _ = queries_of(cast.owner, "/orders/erp:MID/")
    many, answer = queries_of(cast.owner, "/orders/erp:BIG/")
    assert many == few
    assert many <= 44
    document = answer.context["document"]
    assert (len(document.order_lines), len(document.rows)) == (500, 100)
    assert (document.totals.ordered, document.totals.delivered, document.totals.still_open) == (50000, 15000, 35000)
    assert len(gzip.compress(answer.content)) < 30_000
    text = answer.content.decode()
    assert "All 500\u00a0lines" in text
    assert "1 to 100 of 500" in text
    last = cast.owner.get("/orders/erp:BIG/?page=5").content.decode()
    assert "401 to 500 of 500" in last
    assert "50,000.00" in last
    alone = cast.owner.get("/orders/erp:BIG/?line=erp:BIG/7").context["document"]
    assert [len(row.behind) for row in alone.rows] == [5]


def test_a_chain_of_many_documents_is_counted_summed_and_listed_on_a_page_of_its_own(world: World, cast: Cast) -> None:
    build_large("BIG", lines=50, deliveries=250, each=1)
    recompute_all(AS_OF, current=True)
    chain = cast.owner.get("/orders/erp:BIG/")
    column = chain.context["head"].chain.columns[1]
    assert (len(column.nodes), column.count, column.more) == (8, 250, 242)
    assert "?all=deliveries" in chain.content.decode()
    seen: list[str] = []
    for page in (1, 2, 3):
        found = cast.owner.get("/orders/erp:BIG/", {"all": "deliveries", "page": page}).context["found"]
        seen += [node.number for node in found.column.nodes]
    assert (len(seen), len(set(seen)), found.following) == (250, 250, 0)
    for strange in ("0", "-1", "x", "99999", "²"):
        assert cast.owner.get("/orders/erp:BIG/", {"all": "deliveries", "page": strange}).status_code == 200
    assert cast.owner.get("/orders/erp:SO-1/", {"all": "payments"}).context["found"].column.count == 1
    assert cast.outsider.get("/orders/erp:BIG/", {"all": "deliveries"}).status_code == 404


def test_documents_of_a_customer_one_may_not_see_are_counted_without_number_or_amount(world: World, cast: Cast) -> None:
    """Keston pays Kestrel's invoice, and has goods of Kestrel's order delivered and billed."""
    line = ErpOrderLine.objects.get(key="erp:SO-1/1")
    mirrored(ErpDelivery, "erp:HID-D", number="HID-D", customer_id=KESTON, shipped_on=AS_OF, status="shipped")
    mirrored(ErpDeliveryLine, "erp:HID-D/1", delivery_id="erp:HID-D", customer_id=KESTON, order_line=line, quantity=1)
    build_invoice("HID-F", KESTON, days_ago=3, net=123)
    ErpInvoiceLine.objects.filter(invoice="erp:HID-F").update(order_line=line.key, delivery_line="erp:D-1/1")
    mirrored(ErpPayment, "erp:HID-P", number="HID-P", customer_id=KESTON, amount=Decimal(77), currency="EUR")
    for key, values in (
        ("erp:HA", {"invoice_id": "erp:F-1", "open_item_id": "erp:F-1/1", "payment_id": "erp:HID-P"}),
        ("erp:HB", {"invoice_id": "erp:HID-F", "open_item_id": "erp:HID-F/1", "payment_id": "erp:P-1"}),
    ):
        mirrored(
            ErpAllocation, key, customer_id=KESTON, amount=Decimal(77), allocated_on=AS_OF, currency="EUR", **values
        )
    recompute_all(AS_OF, current=True)
    for url in ("/orders/erp:SO-1/", "/deliveries/erp:D-1/", "/invoices/erp:F-1/", "/payments/erp:P-1/"):
        own = cast.owner.get(url).content.decode()
        everything = cast.analyst.get(url).content.decode()
        assert "of another customer" in own, url
        assert "of another customer" not in everything, url
        assert "HID-" in everything, url
        assert "HID-" not in own, url
        assert "123.00" not in own, url
        assert "Keston" not in own, url
    listed = cast.owner.get("/orders/erp:SO-1/", {"all": "invoices"}).content.decode()
    assert "and 1\u00a0document of another customer" in listed
    assert "HID-" not in listed


def test_sums_of_invoice_and_payment_add_up(world: World, cast: Cast) -> None:
    (balance,) = cast.owner.get("/invoices/erp:F-1/").context["document"].receivable.balances
    assert (balance.billed, balance.settled, balance.still_open, balance.difference) == (476, 200, 276, 0)
    document = cast.owner.get("/payments/erp:P-1/").context["document"]
    assert document.difference == ""
    assert sum(one.amount for one in document.allocated) + document.rest == document.head.row.amount
    ErpPayment.objects.filter(key="erp:P-1").update(amount=310)
    ErpInvoice.objects.filter(key="erp:F-1").update(gross_amount=480)
    assert "difference €10.00" in cast.owner.get("/payments/erp:P-1/").content.decode()
    assert "difference €4.00" in cast.owner.get("/invoices/erp:F-1/").content.decode()


@pytest.mark.parametrize("key", ["erp:a/b", "erp:a/deliveries", "erp:ü ?&#%", 'erp:"<i>'])
def test_a_document_of_strange_data_has_a_calm_page(world: World, cast: Cast, key: str) -> None:
    """No customer, no date, no lines or odd ones, no rate, markup and emoji in every text, keys with slashes."""
    odd: dict[str, Any] = {"currency": "XAU", "company_currency": "XDR", "number": LONG[:80]}
    mirrored(ErpOrder, key, status="odd", hold_reason=LONG[:120], customer_reference=LONG[:120], **odd)
    mirrored(ErpInvoice, key, kind="odd", status="", order_id=key, reverses_id="erp:nowhere", **odd)
    mirrored(ErpPayment, key, currency="", number="", reference=LONG[:120])
    mirrored(ErpDelivery, key, number="", status="odd", order_id="erp:nowhere", carrier=LONG[:120])
    mirrored(ErpDocumentLink, f"{key}~", from_kind="order", from_key=key, to_kind="payment", to_key="erp:lost")
    urls = [reverse(f"customers:{kind}", args=(key,)) for kind in ("order", "delivery", "invoice", "payment")]

    def texts() -> list[str]:
        answers = [cast.analyst.get(url) for url in urls]
        assert [answer.status_code for answer in answers] == [200] * 4
        assert cast.owner.get(urls[0]).status_code == 404
        return [answer.content.decode() for answer in answers]

    for text in texts():
        assert "<b>nitrile" not in text
        assert "None" not in text
    assert "1\u00a0document named, not read from the ERP" in texts()[0]
    lines: tuple[dict[str, Any], ...] = (
        {"quantity": -3, "net_amount": -30},
        {"quantity": None},
        {"quantity": 0, "net_amount": 5},
        {"cancelled": True},
    )
    for n, values in enumerate(lines):
        mirrored(ErpOrderLine, f"{key}/{n}", order_id=key, text=LONG, kind="odd" if n else "goods", **values)
        mirrored(ErpDeliveryLine, f"{key}/{n}", delivery_id=key, order_line_id=f"{key}/{n}", text=LONG, quantity=-2)
        mirrored(
            ErpInvoiceLine, f"{key}/{n}", invoice_id=key, order_line_id=f"{key}/{n}", delivery_line_id=f"{key}/{n}",
            text=LONG, quantity=-1, net_amount=Decimal(-7),
        )  # fmt: skip
    mirrored(ErpOpenItem, f"{key}/i", invoice_id=key, amount=None, note=LONG[:255], disputed=True)
    mirrored(ErpAllocation, f"{key}/a", invoice_id=key, payment_id=key, amount=None)
    for text in texts():
        assert "<b>nitrile" not in text
        assert "None" not in text
    assert "No due date" in texts()[2]


def test_a_rate_is_shown_with_its_source_and_day(world: World, cast: Cast) -> None:
    assert "No rate up to 8\u00a0Nov\u00a02026." in cast.owner.get("/invoices/erp:X-1/").content.decode()
    ErpInvoice.objects.filter(key="erp:X-1").update(exchange_rate=Decimal("2.5"), company_currency="EUR")
    recompute_all(AS_OF, current=True)
    text = cast.owner.get("/invoices/erp:X-1/").content.decode()
    assert "The document’s own rate of 8\u00a0Nov\u00a02026." in text
    assert "€1,750.00" in text
    assert 'data-copy="X-1" hidden' in text
