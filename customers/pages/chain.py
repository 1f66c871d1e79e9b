"""The documents around one document as four columns: order, delivery, invoice, payment.

A column's sum is that of what belongs to the document in the middle, as far as that is known.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from customers.access import User, prepared_visible, visible
from customers.addresses import document_address
from customers.pages.chain_columns import (
    BY_KIND,
    BY_NAME,
    GONE,
    PARTS,
    VOID,
    WITH_TAX,
    Chain,
    Column,
    Node,
    Part,
    Total,
    Worth,
)
from customers.pages.chain_links import Evidence, Links, words
from customers.pages.chain_shares import Shares
from customers.pages.line_facts import not_counted
from integration_hub.models import ErpDeliveryLine

SHOWN = 8
LISTED = 100


def build_chain(links: Links, user: User, current: str, shares: Shares) -> Chain:
    """The chain as the user may see it; `shares` say what of it belongs to the document in the middle."""
    return Chain(tuple(_column(part, links.of_kind(part.kind), user, current, shares) for part in PARTS))


def list_all(name: str, links: Links, user: User, current: str, page: int, shares: Shares) -> Column:
    """One page of all documents of a kind, a hundred at a time; the sums are those of all."""
    part = BY_NAME[name]
    return _column(part, links.of_kind(part.kind), user, current, shares, (page * LISTED, LISTED))


def _column(
    part: Part, keys: Evidence, user: User, current: str, shares: Shares, window: tuple[int, int] = (0, SHOWN)
) -> Column:
    basis = WITH_TAX if part.kind == "invoice" and shares.with_tax else part.basis
    if not keys:
        return Column(part, basis)
    start, size = window
    found = _first(user, tuple(keys), (current,), part.name, start, size)
    worth = _worth([row.key for row in found], shares.order) if part.kind == "delivery" else {}
    numbers = {row.key: row.number or row.key for row in found}
    nodes = tuple(
        replace(
            _node(part, row, worth.get(row.key), shares),
            evidence=words(keys[row.key]),
            current=row.key == current,
            remarks=_remarks(row, numbers, current, shares),
        )
        for row in found
    )
    if len(keys) <= size and start == 0:
        count, totals = len(nodes), _totals(nodes)
    else:
        count, totals = _counted(part, visible(part.model.objects.filter(key__in=list(keys)), user), shares)
    if part.kind == "delivery" or part.kind in shares.unsummed:
        totals = ()
    existing = count if count == len(keys) else part.model.objects.filter(key__in=list(keys)).count()
    return Column(part, basis, nodes, count, totals, existing - count, len(keys) - existing)


@prepared_visible
def _first(keys: tuple[str, ...], current: tuple[str], name: str, start: int, size: int) -> QuerySet[Any]:
    """The documents of one part that the user may see, the one in the middle first."""
    part = BY_NAME[name]
    first = Case(When(key=current[0], then=Value(0)), default=Value(1), output_field=IntegerField())
    rows: QuerySet[Any] = part.model.objects.filter(key__in=keys)
    if part.kind == "invoice":
        rows = rows.select_related("reverses")
    return rows.order_by(first, F(part.day).asc(nulls_last=True), "key")[start : start + size]


def _node(part: Part, row: Any, worth: Worth | None, shares: Shares) -> Node:
    kind, plain = part.kind.capitalize(), True
    if part.kind == "invoice":
        kind, plain = row.get_kind_display(), row.kind == "invoice"
    elif getattr(row, "is_return", False):
        kind, plain = "Return", False
    elif part.kind == "order" and row.status == "quote":
        kind, plain = "Quote", False
    amount = worth.whole if worth else _amount(part, row, shares)
    own = worth.own if worth else shares.parts.get(part.kind, {}).get(row.key)
    left_out = _left_out(part, row, shares)
    return Node(
        kind=kind,
        plain=plain,
        number=row.number or row.key,
        url=document_address(part.kind, row.key),
        day=getattr(row, part.day),
        status="Gone from the ERP" if row.deleted_at else _status(row),
        amount=amount,
        currency=worth.currency if worth else getattr(row, "currency", ""),
        counts=not left_out,
        part=own if own is not None and own != amount else None,
        void=left_out in VOID,
    )


def _amount(part: Part, row: Any, shares: Shares) -> Decimal | None:
    """Of an invoice with tax the gross; without, what it bills before payments in advance are deducted."""
    if part.kind != "invoice":
        amount = getattr(row, part.amount) if part.amount else None
    elif shares.with_tax:
        amount = row.net_amount if row.gross_amount is None else row.gross_amount
    else:
        amount = row.net_amount if row.revenue_amount is None else row.revenue_amount
    return amount


def _left_out(part: Part, row: Any, shares: Shares) -> str:
    """Why a document is in no sum: the rule of Part.left_out for one row, and those of the day and of the middle."""
    if row.deleted_at:
        return "gone"
    if part.kind == "invoice" and not shares.with_tax:
        reverses = row.reverses.status if row.reverses else None
        facts = {"status": row.status, "kind": row.kind, "revenue_on": row.revenue_on, "reverses__status": reverses}
        if reason := not_counted(facts, "", shares.today):
            return reason
    if part.kind == "order" and row.status in {"quote", "cancelled"}:
        return str(row.status)
    parts = shares.parts.get(part.kind)
    return shares.outside if parts is not None and row.key not in parts else ""


def _status(row: Any) -> str:
    return str(row.get_status_display()) if hasattr(row, "get_status_display") else ""


def _remarks(row: Any, numbers: Mapping[str, str], current: str, shares: Shares) -> tuple[str, ...]:
    """What is beside the part, what a credit note or reversal corrects, by number where that stands beside it, and why
    a document is not in the sum where its status does not say.
    """
    found = list(shares.notes.get(row.key, ()))
    corrected = getattr(row, "reverses_id", None)
    if corrected:
        found.append(f"corrects {numbers[corrected]}" if corrected in numbers else "corrects another document")
    reason = _left_out(BY_KIND[type(row)], row, shares)
    if reason and reason not in VOID and reason != "quote" and row.key != current:
        found.append(f"not in the sum: {reason}")
    return tuple(found)


def _totals(nodes: tuple[Node, ...]) -> tuple[Total, ...]:
    sums: dict[str, Decimal] = {}
    for node in nodes:
        if node.counts and node.own is not None:
            sums[node.currency] = sums.get(node.currency, Decimal(0)) + node.own
    return tuple(Total(currency, amount) for currency, amount in sorted(sums.items()))


def _counted(part: Part, rows: QuerySet[Any], shares: Shares) -> tuple[int, tuple[Total, ...]]:
    """Number and sums of all; parts are added here, whole documents by the database."""
    if not part.amount:
        return rows.count(), ()
    gross = part.kind == "invoice" and shares.with_tax
    counted = rows.exclude(GONE if gross else part.left_out).order_by()
    if part.kind == "invoice" and not gross:
        counted = counted.filter(revenue_on__lte=shares.today)
    parts = shares.parts.get(part.kind)
    sums: dict[str, Decimal] = {}
    if parts is not None:
        for key, currency in counted.values_list("key", "currency"):
            if key in parts:
                sums[currency] = sums.get(currency, Decimal(0)) + parts[key]
    else:
        whole = Coalesce("revenue_amount", "net_amount") if part.kind == "invoice" else F(part.amount)
        for row in counted.values("currency").annotate(total=Sum(whole)):
            if row["total"] is not None:
                sums[row["currency"]] = row["total"]
    return rows.count(), tuple(Total(currency, amount) for currency, amount in sorted(sums.items()))


def _worth(deliveries: list[str], order: str) -> dict[str, Worth]:
    """What deliveries are worth at the net prices of the order lines they fulfil, where these have one currency."""
    lines = ErpDeliveryLine.objects.live().filter(
        delivery__in=deliveries, order_line__quantity__gt=0, order_line__net_amount__isnull=False
    )
    value = F("order_line__net_amount") * F("quantity") / F("order_line__quantity")
    own = Sum(value, filter=Q(order_line__order=order)) if order else Sum(value)
    found: dict[str, list[Worth]] = {}
    grouped = lines.order_by().values("delivery", "order_line__order__currency")
    for row in grouped.annotate(value=Sum(value), own=own):
        whole = row["value"] or Decimal(0)
        worth = Worth(row["order_line__order__currency"] or "", whole, row["own"])
        found.setdefault(row["delivery"], []).append(worth)
    return {key: amounts[0] for key, amounts in found.items() if len(amounts) == 1}
