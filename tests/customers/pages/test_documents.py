"""Documents, their lines, and the chain from order to payment."""

from decimal import Decimal

from django.urls import reverse

from integration_hub.models import ErpInvoice
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import READ_AT


def page(cast: Cast, kind: str, key: str):
    return cast.owner.get(reverse(f"customers:{kind}", args=(key,)))


def numbers(nodes) -> list[str]:
    return [node.number for node in nodes]


def test_an_order_shows_ordered_delivered_invoiced_and_open_quantity(world: World, cast: Cast) -> None:
    document = page(cast, "order", "erp:SO-1").context["document"]
    (line,) = document.order_lines
    assert (line.line.quantity, line.delivered, line.invoiced, line.still_open) == (10, 6, 4, 4)
    assert (document.parts.delivered, document.parts.unbilled) == (Decimal("0.6"), Decimal("0.2"))
    assert document.lines_total == 1000


def test_the_chain_leads_from_any_document_to_all_others(world: World, cast: Cast) -> None:
    chain = page(cast, "order", "erp:SO-1").context["document"].head.chain
    assert numbers(chain.deliveries) == ["D-1", "D-2"]
    assert numbers(chain.invoices) == ["F-1"]
    assert numbers(chain.payments) == ["P-1"]
    back = page(cast, "invoice", "erp:F-1").context["document"].head.chain
    assert (numbers(back.orders), numbers(back.deliveries), numbers(back.payments)) == (["SO-1"], ["D-1"], ["P-1"])
    first = page(cast, "delivery", "erp:D-1").context["document"].head.chain
    assert (numbers(first.orders), numbers(first.invoices)) == (["SO-1"], ["F-1"])
    second = page(cast, "delivery", "erp:D-2").context["document"].head.chain
    assert (numbers(second.orders), numbers(second.invoices)) == (["SO-1"], [])
    assert numbers(page(cast, "payment", "erp:P-1").context["document"].head.chain.invoices) == ["F-1"]


def test_every_link_of_a_chain_opens(world: World, cast: Cast) -> None:
    chain = page(cast, "order", "erp:SO-1").context["document"].head.chain
    for node in (*chain.orders, *chain.deliveries, *chain.invoices, *chain.payments):
        assert cast.owner.get(node.url).status_code == 200


def test_an_invoice_shows_what_is_left_of_each_instalment_and_what_settled_it(world: World, cast: Cast) -> None:
    document = page(cast, "invoice", "erp:F-1").context["document"]
    (instalment,) = document.instalments
    assert (instalment.item.amount, instalment.open_amount, instalment.days_late) == (476, 276, 19)
    (settled,) = document.settlements
    assert (settled.label, settled.amount) == ("Payment P-1", 200)


def test_a_payment_shows_what_it_settles_and_what_is_left(world: World, cast: Cast) -> None:
    answer = page(cast, "payment", "erp:P-1")
    (settled,) = answer.context["document"].settlements
    assert (settled.label, settled.amount) == ("Invoice F-1", 200)
    assert "€100.00" in answer.content.decode()


def test_an_invoice_without_a_rate_is_shown_as_not_converted(world: World, cast: Cast) -> None:
    assert "not converted, no rate" in page(cast, "invoice", "erp:X-1").content.decode()


def test_an_invoice_that_left_the_erp_is_not_said_to_count(world: World, cast: Cast) -> None:
    ErpInvoice.objects.filter(key="erp:F-1").update(deleted_at=READ_AT, gone_reason="deleted")
    text = page(cast, "invoice", "erp:F-1").content.decode()
    assert "No longer: gone from the ERP" in text
    ErpInvoice.objects.filter(key="erp:F-1").update(deleted_at=None, gone_reason="")
    assert "No longer: gone from the ERP" not in page(cast, "invoice", "erp:F-1").content.decode()
