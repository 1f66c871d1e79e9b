"""A payment: which invoices it settles, and what of it settles nothing yet."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Sum

from customers import formats
from customers.access import User
from customers.counted import live
from customers.pages.chain import build_chain
from customers.pages.chain_columns import Total
from customers.pages.chain_links import links_of_payment
from customers.pages.chain_shares import shares_of_payment
from customers.pages.document import Heading, adds_to
from customers.pages.identity import Pill
from customers.pages.settlement import Settlement, invoices_settled
from integration_hub.models import ErpAllocation, ErpPayment

ROWS_A_PAGE = 100


@dataclass(frozen=True)
class PaymentDocument:
    """What the payment page shows; `allocated` is the sum of all allocations by currency, `rest` what is left."""

    head: Heading
    page: Page[Any]
    settlements: tuple[Settlement, ...]
    foreign: int
    count: int
    allocated: tuple[Total, ...]
    rest: Decimal | None
    difference: str


def build_payment(payment: ErpPayment, user: User, as_of: date, *, page: str = "") -> PaymentDocument:
    """The page of a payment."""
    allocations = live(ErpAllocation).filter(payment=payment.key).order_by("allocated_on", "key")
    shown = Paginator(allocations.select_related("open_item"), ROWS_A_PAGE).get_page(page)
    found = invoices_settled(list(shown), user, as_of)
    sums = list(allocations.order_by().values("currency").annotate(total=Sum("amount"), count=Count("key")))
    own = sum((row["total"] or Decimal(0) for row in sums if row["currency"] in {payment.currency, ""}), Decimal(0))
    allocated = tuple(Total(row["currency"] or payment.currency, row["total"] or Decimal(0)) for row in sums)
    customer, sharing = adds_to("payment", payment, user)
    return PaymentDocument(
        head=Heading(
            "payment",
            "Payment",
            payment,
            customer,
            _pills(payment),
            build_chain(links_of_payment(payment), user, payment.key, shares_of_payment(payment, as_of)),
            sharing=sharing,
        ),
        page=shown,
        settlements=tuple(one for one in found if not one.foreign),
        foreign=sum(one.foreign for one in found),
        count=sum(row["count"] for row in sums),
        allocated=allocated,
        rest=payment.unallocated_amount,
        difference=_difference(payment, own),
    )


def _pills(payment: ErpPayment) -> tuple[Pill, ...]:
    if payment.deleted_at:
        return (Pill("Gone from the ERP", "pill-warn", payment.gone_reason),)
    if payment.unallocated_amount is None:
        return ()
    if payment.unallocated_amount:
        return (Pill("Not fully allocated", "pill-warn"),)
    return (Pill("Allocated", "pill-good"),)


def _difference(payment: ErpPayment, allocated: Decimal) -> str:
    """Where amount, allocations and rest do not agree; nothing where the ERP does not say all three."""
    if payment.amount is None or payment.unallocated_amount is None:
        return ""
    left = payment.amount - allocated - payment.unallocated_amount
    if not left:
        return ""
    return (
        f"Does not reconcile: allocated and unallocated make "
        f"{formats.money(payment.amount - left, payment.currency)}, the payment is "
        f"{formats.money(payment.amount, payment.currency)}; difference {formats.money(left, payment.currency)}."
    )
