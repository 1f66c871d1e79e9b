"""What deliveries and invoices say of the lines of one order, read in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from customers import formats
from customers.counted import live
from customers.pages.line_flow import ZERO, Facts
from customers.pages.settled import ONE, settled_shares
from integration_hub.models import ErpDeliveryLine, ErpInvoice, ErpInvoiceLine, ErpOrder, ErpOrderLine
from integration_hub.prepared import prepared

BILLING_KINDS = frozenset({"invoice", "receipt"})
TAKEN_BACK = frozenset({"draft", "cancelled", "reversed"})
OF_INVOICE = ("kind", "status", "revenue_on", "currency", "reporting_rate", "reverses__status")
IN_ADVANCE = "money in advance"
WORTH = ("net_amount", "gross_amount", "revenue_amount")


@dataclass(frozen=True)
class BilledPart:
    """What one invoice or credit note bills of an order: net, in the invoice's currency.

    `left_out` says why it does not count; `whole` that it names only the order, no lines; `settled` is the settled
    part of the invoice, None where the receivables do not know it. Of the whole invoice: `fraction` is this part of it
    and `untaxed` net per gross, `deducted` what was paid in advance, `charges` what bills neither goods nor services.
    """

    key: str
    kind: str
    currency: str
    net: Decimal
    reporting_rate: Decimal | None
    settled: Decimal | None
    left_out: str = ""
    whole: bool = False
    fraction: Decimal = ONE
    untaxed: Decimal = ONE
    deducted: Decimal = ZERO
    charges: Decimal = ZERO


@dataclass(frozen=True)
class _Reading:
    """What is known of invoices beside their lines for the order, by invoice, at a day."""

    settled: Mapping[str, Decimal]
    beside: Mapping[str, Mapping[str, Decimal]]
    as_of: date


@dataclass(frozen=True)
class OrderFacts:
    """The lines' facts in the order of the lines, what each invoice bills, and when a whole billing began."""

    lines: tuple[Facts, ...]
    billed: tuple[BilledPart, ...]
    billed_from: date | None


def read_facts(order: ErpOrder, lines: Sequence[ErpOrderLine], as_of: date) -> OrderFacts:
    """Everything that deliveries, invoices and open items say of the order at a day."""
    shipped = _shipped(order, as_of)
    named = _invoice_lines((order.key,))
    whole = _naming_only((order.key,))
    invoices = {row["invoice"] for row in named} | {row["key"] for row in whole}
    reading = _Reading(settled_shares(invoices, as_of), lines_beside(invoices), as_of)
    by_line: dict[str, list[tuple[dict[str, Any], BilledPart]]] = {}
    parts: dict[str, BilledPart] = {}
    for row in named:
        part = _part(row, "invoice__", row["invoice"], row["net"] or ZERO, reading)
        by_line.setdefault(row["order_line"], []).append((row, part))
        before = parts.get(part.key)
        parts[part.key] = (
            replace(part, net=before.net + part.net, fraction=before.fraction + part.fraction) if before else part
        )
    for row in whole:
        amount = row["revenue_amount"] if row["revenue_amount"] is not None else row["net_amount"]
        parts[row["key"]] = _part(row, "", row["key"], amount or ZERO, reading, whole=True)
    facts = tuple(_facts(line, order, shipped.get(line.key), by_line.get(line.key, []), as_of) for line in lines)
    days = [row["revenue_on"] for row in whole if _bills(row, "")]
    return OrderFacts(facts, tuple(parts.values()), min(days) if days else None)


def not_counted(row: Mapping[str, Any], prefix: str, as_of: date) -> str:
    """Why a billing document does not count at a day; empty where it does. A reversed one and its reversal are both
    left out, which comes to the same as counting both.
    """
    status, on = row[f"{prefix}status"], row[f"{prefix}revenue_on"]
    if status in TAKEN_BACK:
        return str(status)
    if row[f"{prefix}kind"] == "down_payment":
        return IN_ADVANCE
    if row[f"{prefix}reverses__status"] == "reversed":
        return "a reversal"
    if on is None:
        return "no date"
    return f"after {formats.day(as_of)}" if on > as_of else ""


def _shipped(order: ErpOrder, as_of: date) -> dict[str, dict[str, Any]]:
    """Shipped and returned quantity per order line; returns do not undo a delivery."""
    return {row["order_line"]: row for row in _shipped_sums((order.key,), as_of)}


@prepared
def _shipped_sums(orders: tuple[str, ...], as_of: date) -> "QuerySet[Any, Any]":
    forward = Q(delivery__is_return=False) & ~Q(delivery__status="cancelled")
    back = Q(delivery__is_return=True) & ~Q(delivery__status="cancelled")
    arrived = Q(delivery__shipped_on__lte=as_of)
    rows = live(ErpDeliveryLine).filter(order_line__order__in=orders, delivery__deleted_at=None)
    grouped: QuerySet[Any, Any] = rows.order_by().values("order_line").annotate(
        named=Count("key", filter=forward),
        shipped=Sum("quantity", filter=forward & arrived & Q(delivery__status="shipped"), default=ZERO),
        returned=Sum("quantity", filter=back & arrived, default=ZERO),
        lines=Count("key"),
    )  # fmt: skip
    return grouped


@prepared
def _invoice_lines(orders: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """What each invoice bills of each order line."""
    rows = live(ErpInvoiceLine).filter(order_line__order__in=orders, invoice__deleted_at=None)
    grouped = rows.order_by().values("order_line", "invoice", *(f"invoice__{name}" for name in (*OF_INVOICE, *WORTH)))
    sums: QuerySet[Any, Any] = grouped.annotate(
        quantity=Sum("quantity", default=ZERO), net=Sum("net_amount"), lines=Count("key")
    )
    return sums


@prepared
def _naming_only(orders: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """Billing documents that name the order but none of its lines, nor lines of others."""
    naming = live(ErpInvoiceLine).filter(invoice=OuterRef("pk"), order_line__isnull=False)
    headers = live(ErpInvoice).filter(~Exists(naming), order__in=orders)
    return headers.values("key", *OF_INVOICE, *WORTH)


def lines_beside(invoices: Iterable[str]) -> dict[str, dict[str, Decimal]]:
    """Net of the lines that bill no order line, by invoice and kind of line; down payments are negative."""
    found: dict[str, dict[str, Decimal]] = {}
    for invoice, kind, net in _beside(tuple(invoices)):
        found.setdefault(invoice, {})[kind] = net or ZERO
    return found


@prepared
def _beside(invoices: tuple[str, ...]) -> "QuerySet[Any, Any]":
    rows = live(ErpInvoiceLine).filter(Q(order_line=None) | Q(kind="down_payment"), invoice__in=invoices).order_by()
    sums: QuerySet[Any, Any] = rows.values_list("invoice", "kind").annotate(Sum("net_amount"))
    return sums


def _part(
    row: Mapping[str, Any], prefix: str, key: str, net: Decimal, reading: _Reading, *, whole: bool = False
) -> BilledPart:
    own, gross, revenue = (row[f"{prefix}{name}"] for name in WORTH)
    beside, worth = reading.beside.get(key, {}), own if revenue is None else revenue
    deducted = max(-beside.get("down_payment", ZERO), ZERO)
    return BilledPart(
        key=key,
        kind=row[f"{prefix}kind"],
        currency=row[f"{prefix}currency"],
        net=net,
        reporting_rate=row[f"{prefix}reporting_rate"],
        # Without open items the source's own word is all there is.
        settled=_with_advance(
            reading.settled.get(key, ONE if row[f"{prefix}status"] == "paid" else None), deducted, worth
        ),
        left_out=not_counted(row, prefix, reading.as_of),
        whole=whole,
        fraction=net / worth if worth and not whole else ONE,
        untaxed=own / gross if own is not None and gross else ONE,
        deducted=deducted,
        charges=ZERO if whole else beside.get("charge", ZERO),
    )


def _with_advance(settled: Decimal | None, deducted: Decimal, worth: Decimal | None) -> Decimal | None:
    """The open items of a final invoice ask only for what was not paid in advance."""
    if not deducted or not worth or worth < deducted:
        return settled
    if worth == deducted:
        return ONE
    return None if settled is None else (deducted + settled * (worth - deducted)) / worth


def _bills(row: Mapping[str, Any], prefix: str) -> bool:
    """The rule of customers.counted.BILLS for one row."""
    kind, status, on = row[f"{prefix}kind"], row[f"{prefix}status"], row[f"{prefix}revenue_on"]
    return kind in BILLING_KINDS and status not in TAKEN_BACK and on is not None


def _facts(
    line: ErpOrderLine,
    order: ErpOrder,
    shipped: dict[str, Any] | None,
    billed: list[tuple[dict[str, Any], BilledPart]],
    as_of: date,
) -> Facts:
    bills = [row for row, _ in billed if _bills(row, "invoice__")]
    quantity = sum((row["quantity"] for row in bills if row["invoice__revenue_on"] <= as_of), ZERO)
    counted = [(row, part) for row, part in billed if not part.left_out]
    own = [(row, part) for row, part in counted if part.currency == order.currency]
    debits = [part.net for _, part in own if part.kind != "credit_note"]
    credits_ = [(row["quantity"], part.net) for row, part in own if part.kind == "credit_note"]
    delivered = shipped["shipped"] if shipped and shipped["named"] else None
    invoiced = quantity if bills else None
    return Facts(
        line=line,
        shipped=delivered,
        billed=invoiced,
        returned=-abs(shipped["returned"]) if shipped else ZERO,
        credited=-abs(sum((amount for amount, _ in credits_), ZERO)),
        invoiced_amount=sum(debits, ZERO) if debits else None,
        credited_amount=sum((net for _, net in credits_), ZERO) if credits_ else None,
        paid_amount=_paid([part for _, part in own]),
        deliveries=shipped["lines"] if shipped else 0,
        invoices=sum(row["lines"] for row, _ in billed),
        remarks=_remarks(line, delivered, invoiced, foreign=len(own) < len(counted)),
    )


def _paid(parts: list[BilledPart]) -> Decimal | None:
    """Each invoice's settled part of what it bills; None where no invoice says how far it is settled."""
    known = [part.net * part.settled for part in parts if part.settled is not None]
    return sum(known, ZERO) if known else None


def _remarks(
    line: ErpOrderLine, delivered: Decimal | None, invoiced: Decimal | None, *, foreign: bool
) -> tuple[str, ...]:
    """Where the ERP's own data disagrees, and what stands in no column."""
    found = []
    for name, counted, stated in (
        ("delivered", delivered, line.delivered_quantity),
        ("invoiced", invoiced, line.invoiced_quantity),
    ):
        if counted is not None and stated is not None and counted != stated:
            difference = formats.quantity(abs(counted - stated), line.unit)
            found.append(
                f"Does not reconcile: the ERP states {formats.quantity(stated)} {name}, its documents make "
                f"{formats.quantity(counted)}; difference {difference}"
            )
    if foreign:
        found.append("Also billed in another currency")
    return tuple(found)
