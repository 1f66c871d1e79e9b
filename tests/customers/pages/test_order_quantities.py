"""Quantities of an order whose lines nobody links: shown only where a document stands behind them."""

from datetime import date

import pytest

from customers.publishing import recompute_all
from integration_hub.models import ErpInvoice, ErpOrder, ErpOrderLine
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, mirrored


def order_page(cast: Cast, status: str, *, invoiced: bool):
    customer = ErpOrder.objects.get(key="erp:SO-1").customer_id
    mirrored(ErpOrder, "erp:SO-7", number="SO-7", customer_id=customer, ordered_on=AS_OF, status=status, currency="EUR")
    mirrored(
        ErpOrderLine, "erp:SO-7/1", order_id="erp:SO-7", customer_id=customer, position=1, quantity=8, net_amount=80
    )
    if invoiced:
        mirrored(
            ErpInvoice, "erp:F-7", number="F-7", customer_id=customer, order_id="erp:SO-7", issued_on=date(2026, 11, 20)
        )
    recompute_all(AS_OF, current=True)
    (line,) = cast.owner.get("/orders/erp:SO-7/").context["document"].order_lines
    return line.delivered, line.invoiced, line.still_open


@pytest.mark.parametrize(
    ("status", "invoiced", "expected"),
    [
        ("open", False, (0, 0, 8)),
        ("open", True, (0, 8, 8)),
        ("done", False, (8, 0, 0)),
        ("cancelled", False, (0, 0, 0)),
        ("closed", False, (0, 0, 0)),
    ],
)
def test_nothing_is_delivered_or_invoiced_without_a_document_or_the_order_saying_so(
    world: World, cast: Cast, status, invoiced, expected
) -> None:
    assert order_page(cast, status, invoiced=invoiced) == expected
