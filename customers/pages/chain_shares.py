"""What of the documents around one document belongs to it: parts of orders, invoices and payments that add up.

Without parts of a kind its documents count whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from customers import formats
from customers.counted import live
from customers.pages.chain_links import Links
from customers.pages.line_facts import BilledPart, lines_beside
from customers.pages.line_flow import ONE, ZERO, Cents
from customers.pages.settled_with import allocations_to
from integration_hub.models import (
    ErpAllocation,
    ErpDelivery,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOrder,
    ErpPayment,
)
from integration_hub.prepared import prepared

NO_PARTS: Mapping[str, Decimal] = {}


@dataclass(frozen=True)
class Shares:
    """Amounts by kind and key of document, in that document's currency, at a day.

    A document without a part, of a kind that has parts, is in no sum; `outside` says why. `unsummed` kinds stand whole
    where their sum would say nothing. `with_tax`: invoices stand with tax, as payments always do; else net. `notes` are
    words by document. `order` is the order in the middle; `net_paid` what payments settle of it before tax.
    """

    today: date
    parts: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    outside: str = ""
    unsummed: frozenset[str] = frozenset()
    with_tax: bool = False
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: str = ""
    net_paid: Mapping[str, Decimal] = field(default_factory=dict)


def shares_of_order(order: ErpOrder, billed: Sequence[BilledPart], links: Links, today: date) -> Shares:
    """By what each invoice bills of the order, and so much of the payments to it."""
    fractions = {part.key: part.fraction for part in billed}
    rows = _allocated(fractions, today) if links.payments else []
    untaxed = {part.key: part.untaxed for part in billed}
    net: dict[str, Decimal] = {}
    for row in rows:
        share = row["amount"] * fractions[row["billed"]] * untaxed[row["billed"]]
        net[row["currency"]] = net.get(row["currency"], ZERO) + share
    return Shares(
        today,
        {"invoice": {part.key: part.net for part in billed}, "payment": _by_payment(rows, fractions)},
        outside="nothing for this order",
        notes={part.key: _besides(part.currency, part.charges, part.deducted) for part in billed},
        order=order.key,
        net_paid={currency: formats.half_up(amount, 2) for currency, amount in net.items()},
    )


def shares_of_invoice(invoice: ErpInvoice, links: Links, today: date) -> Shares:
    """By what the invoice bills of each order, and what each payment settles of it."""
    by_order: dict[str, Decimal] = dict(_by_order((invoice.key,))) if links.orders else {}
    parts: dict[str, Mapping[str, Decimal]] = {"order": by_order} if by_order else {}
    if links.payments:
        fractions = {invoice.key: ONE}
        parts["payment"] = _by_payment(_allocated(fractions, today), fractions)
    beside = lines_beside([invoice.key]).get(invoice.key, {})
    deducted = -beside.get("down_payment", ZERO)
    return Shares(
        today,
        parts,
        outside="nothing for this document",
        notes={invoice.key: _besides(invoice.currency, ZERO, deducted)},
    )


@prepared
def _by_order(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    lines = ErpInvoiceLine.objects.live().filter(invoice__in=invoices).order_by()
    named = lines.filter(order_line__order__isnull=False, net_amount__isnull=False)
    sums: QuerySet[Any, Any] = named.values_list("order_line__order").annotate(Sum("net_amount"))
    return sums


def shares_of_delivery(delivery: ErpDelivery, links: Links, today: date) -> Shares:
    """By what its lines are worth at the prices of each order, and what the invoice lines that name them bill."""
    lines = ErpDeliveryLine.objects.live().filter(delivery=delivery.key)
    parts: dict[str, Mapping[str, Decimal]] = {}
    by_order = _worth_by_order(lines)
    if by_order:
        parts["order"] = by_order
    naming = live(ErpInvoiceLine).filter(
        order_line__in=lines.exclude(order_line=None).values("order_line"), delivery_line__in=lines.values("key")
    )
    billed = naming.filter(invoice__isnull=False).order_by().values_list("invoice")
    by_invoice = {key: net or ZERO for key, net in billed.annotate(Sum("net_amount"))}
    if by_invoice:
        parts["invoice"] = by_invoice
    if links.payments:
        fractions = _fractions(by_invoice) if by_invoice else dict.fromkeys(links.invoices, ONE)
        parts["payment"] = _by_payment(_allocated(fractions, today), fractions)
    return Shares(today, parts, outside="nothing of this delivery")


def shares_of_payment(payment: ErpPayment, today: date) -> Shares:
    """By what the payment settles of each invoice, with tax. Of the orders behind it nothing says how much."""
    own = Q(currency=payment.currency) | Q(currency="")
    found = live(ErpAllocation).filter(own, payment=payment.key).order_by()
    by_invoice: dict[str, Decimal] = {}
    for named, of_item, amount in found.values_list("invoice", "open_item__invoice").annotate(Sum("amount")):
        if named or of_item:
            by_invoice[named or of_item] = by_invoice.get(named or of_item, ZERO) + (amount or ZERO)
    return Shares(
        today,
        {"invoice": by_invoice},
        outside="not settled by this payment",
        unsummed=frozenset({"order"}),
        with_tax=True,
    )


def _besides(currency: str, charges: Decimal, deducted: Decimal) -> tuple[str, ...]:
    """What an invoice holds beside the lines of orders, in words."""
    found = []
    if charges:
        found.append(f"and {formats.money(charges, currency)} of freight and charges")
    if deducted:
        found.append(f"less {formats.money(deducted, currency)} paid in advance")
    return tuple(found)


def _allocated(invoices: Mapping[str, Decimal], today: date) -> list[dict[str, Any]]:
    """What payments settle of the invoices up to the day: payment, `billed` invoice, currency, amount."""
    found = []
    for row in _allocations(tuple(invoices), today) if invoices else ():
        billed = row["invoice"] if row["invoice"] in invoices else row["open_item__invoice"]
        currency = row["currency"] or row["payment__currency"]
        if billed in invoices and currency == row["payment__currency"]:
            one = {"payment": row["payment"], "billed": billed, "currency": currency}
            found.append(one | {"amount": row["total"] or ZERO})
    return found


@prepared
def _allocations(invoices: tuple[str, ...], today: date) -> "QuerySet[Any, Any]":
    dated = Q(allocated_on=None) | Q(allocated_on__lte=today)
    rows = allocations_to(invoices).filter(dated, payment__isnull=False).order_by()
    names = ("payment", "payment__currency", "invoice", "open_item__invoice", "currency")
    sums: QuerySet[Any, Any] = rows.values(*names).annotate(total=Sum("amount"))
    return sums


def _by_payment(rows: Iterable[Mapping[str, Any]], fractions: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Rounded so that the parts of all payments of a currency make the rounded sum."""
    exact: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row["payment"], row["currency"])
        exact[key] = exact.get(key, ZERO) + row["amount"] * fractions[row["billed"]]
    rounded: dict[str, Cents] = {}
    return {
        payment: rounded.setdefault(currency, Cents())(amount) for (payment, currency), amount in sorted(exact.items())
    }


def _fractions(billed: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Which part of each invoice that is, by its revenue."""
    wholes = ErpInvoice.objects.filter(key__in=list(billed)).values_list("key", "revenue_amount", "net_amount")
    found = {}
    for key, revenue, net in wholes:
        whole = net if revenue is None else revenue
        found[key] = billed[key] / whole if whole else ONE
    return found


def _worth_by_order(lines: Any) -> dict[str, Decimal]:
    """What delivery lines are worth at the net prices of the order lines they fulfil, by order."""
    priced = lines.filter(
        order_line__order__isnull=False, order_line__quantity__gt=0, order_line__net_amount__isnull=False
    ).order_by()
    value = Sum(F("order_line__net_amount") * F("quantity") / F("order_line__quantity"))
    return {
        key: formats.half_up(worth or ZERO, 2)
        for key, worth in priced.values_list("order_line__order").annotate(worth=value)
    }
