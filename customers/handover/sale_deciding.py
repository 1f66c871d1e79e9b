"""What people say about a Salesforce order and an order of the ERP: that they belong together or not."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from customers.access import visible
from customers.handover.deciding import NotDecided, beside, rematch, write_decision
from customers.models import Customer, HandoverVerdict, SalesOrderPair
from integration_hub.models import ErpOrder, SfOrder

State = SalesOrderPair.State


@dataclass(frozen=True)
class SalePair:
    """A Salesforce order and an ERP order of one customer, both seen by the user."""

    sale: SfOrder
    order: ErpOrder
    customer: Customer


def sale_pair_of(user: User, sale: str, order: str) -> SalePair | None:
    """The pair, or None where the user does not see one of them, or they are of different customers."""
    sold = visible(SfOrder.objects.live(), user).filter(pk=sale).first()
    found = beside(user, sold.account_id or "", order) if sold is not None else None
    return SalePair(sold, *found) if sold is not None and found is not None else None


def decide_sale(user: User, pair: SalePair, verdict: str, reason: str) -> bool:
    """Write the decision down and match the customer anew; False where that waits for the next publish. Raises
    NotDecided.
    """
    if verdict not in HandoverVerdict.values:
        raise NotDecided("Choose whether the ERP order is what the Salesforce order became.")
    if verdict == HandoverVerdict.REFUSE and not reason.strip():
        raise NotDecided("Say why the ERP order is not what the Salesforce order became: others will read it.")
    known = SalesOrderPair.objects.filter(sales_order=pair.sale.key, order=pair.order.key).first()
    if known is not None and known.state == State.STATED:
        raise NotDecided("A number names this order. Correct the number where it stands instead.")
    if verdict == HandoverVerdict.CONFIRM:
        _check_free(pair)
    write_decision(user, "sales order", pair.sale.key, pair.order.key, verdict, reason)
    return rematch(pair.customer)


def _check_free(pair: SalePair) -> None:
    """An order that counts, and that is not settled to be another Salesforce order's."""
    if pair.order.status in {"quote", "cancelled"}:
        raise NotDecided("A quote or a cancelled order counts nowhere, so no Salesforce order becomes it.")
    settled = SalesOrderPair.objects.filter(order=pair.order.key, state__in=(State.STATED, State.CONFIRMED))
    other = settled.exclude(sales_order=pair.sale.key).select_related("sales_order").first()
    if other is not None:
        raise NotDecided(
            f"This is already the order of Salesforce order {other.sales_order.number}. Correct the number there, or "
            "take that decision back, first."
        )
