"""The documents around one document as four columns: order, delivery, invoice, payment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Sum, Value, When

from customers.access import User, prepared_visible, visible
from customers.addresses import document_address
from customers.pages.chain_links import Evidence, Links, words
from integration_hub.models import ErpDelivery, ErpDeliveryLine, ErpInvoice, ErpOrder, ErpPayment

SHOWN = 8
LISTED = 100
GONE = Q(deleted_at__isnull=False)


@dataclass(frozen=True)
class Part:
    """One column: its model, which columns hold day and amount, and which documents its sum leaves out."""

    kind: str
    name: str
    model: Any
    day: str
    label: str
    icon: str
    nothing: str
    amount: str
    left_out: Q


PARTS = (
    Part(
        "order", "orders", ErpOrder, "ordered_on", "Ordered", "package", "no order", "net_amount",
        GONE | Q(status__in=("quote", "cancelled")),
    ),
    Part("delivery", "deliveries", ErpDelivery, "shipped_on", "Delivered", "truck", "nothing delivered", "", GONE),
    Part(
        "invoice", "invoices", ErpInvoice, "issued_on", "Invoiced", "receipt", "nothing invoiced", "net_amount",
        GONE | Q(status__in=("draft", "cancelled")) | Q(kind="down_payment"),
    ),
    Part("payment", "payments", ErpPayment, "paid_on", "Paid", "credit-card", "nothing paid", "amount", GONE),
)  # fmt: skip
BY_NAME = {part.name: part for part in PARTS}


@dataclass(frozen=True)
class Node:
    """One document of the chain. `part`: how much of the amount belongs to the document in the middle, where that is
    not all; `worth` says that the ERP gives no amount, which stands at the order's prices.
    """

    kind: str
    plain: bool
    number: str
    url: str
    day: date | None
    status: str
    amount: Decimal | None
    currency: str
    counts: bool
    evidence: str = ""
    current: bool = False
    remark: str = ""
    worth: bool = False
    part: Decimal | None = None


@dataclass(frozen=True)
class Total:
    """The sum of one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Column:
    """One kind of document: the first ones, and count and sums of all that the user may see.

    `hidden` documents belong to other customers, `absent` ones are named but were never read.
    """

    part: Part
    nodes: tuple[Node, ...] = ()
    count: int = 0
    totals: tuple[Total, ...] = ()
    hidden: int = 0
    absent: int = 0

    @property
    def more(self) -> int:
        """How many documents stand only in the list of all."""
        return self.count - len(self.nodes)


@dataclass(frozen=True)
class Chain:
    """The four columns, oldest document first."""

    columns: tuple[Column, ...]

    @property
    def orders(self) -> tuple[Node, ...]:
        """The orders shown."""
        return self.columns[0].nodes

    @property
    def deliveries(self) -> tuple[Node, ...]:
        """The deliveries shown."""
        return self.columns[1].nodes

    @property
    def invoices(self) -> tuple[Node, ...]:
        """The invoices shown, with corrections and down payments."""
        return self.columns[2].nodes

    @property
    def payments(self) -> tuple[Node, ...]:
        """The payments shown."""
        return self.columns[3].nodes


def build_chain(links: Links, user: User, current: str, parts: Mapping[str, Decimal] | None = None) -> Chain:
    """The chain as the user may see it; `parts` are amounts by invoice that belong to the document in the middle."""
    return Chain(tuple(_column(part, links.of_kind(part.kind), user, current, parts or {}) for part in PARTS))


def list_all(name: str, links: Links, user: User, current: str, page: int) -> Column:
    """One page of all documents of a kind, a hundred at a time; the sums are those of all."""
    part = BY_NAME[name]
    return _column(part, links.of_kind(part.kind), user, current, {}, (page * LISTED, LISTED))


def _column(
    part: Part,
    keys: Evidence,
    user: User,
    current: str,
    parts: Mapping[str, Decimal],
    window: tuple[int, int] = (0, SHOWN),
) -> Column:
    if not keys:
        return Column(part)
    start, size = window
    found = _first(user, tuple(keys), (current,), part.name, start, size)
    worth = _worth([row.key for row in found]) if part.kind == "delivery" else {}
    numbers = {row.key: row.number or row.key for row in found}
    nodes = tuple(
        replace(
            _node(part, row, worth.get(row.key), parts.get(row.key)),
            evidence=words(keys[row.key]),
            current=row.key == current,
            remark=_remark(row, numbers),
        )
        for row in found
    )
    if len(keys) <= size and start == 0:
        count, totals = len(nodes), _totals(nodes)
    else:
        count, totals = _counted(part, visible(part.model.objects.filter(key__in=list(keys)), user))
    existing = count if count == len(keys) else part.model.objects.filter(key__in=list(keys)).count()
    return Column(part, nodes, count, totals, existing - count, len(keys) - existing)


@prepared_visible
def _first(keys: tuple[str, ...], current: tuple[str], name: str, start: int, size: int) -> QuerySet[Any]:
    """The documents of one part that the user may see, the one in the middle first."""
    part = BY_NAME[name]
    first = Case(When(key=current[0], then=Value(0)), default=Value(1), output_field=IntegerField())
    rows: QuerySet[Any] = part.model.objects.filter(key__in=keys)
    return rows.order_by(first, F(part.day).asc(nulls_last=True), "key")[start : start + size]


def _node(part: Part, row: Any, value: Total | None, own: Decimal | None) -> Node:
    kind, plain = part.kind.capitalize(), True
    if part.kind == "invoice":
        kind, plain = row.get_kind_display(), row.kind == "invoice"
    elif getattr(row, "is_return", False):
        kind, plain = "Return", False
    elif part.kind == "order" and row.status == "quote":
        kind, plain = "Quote", False
    amount = getattr(row, part.amount) if part.amount else value.amount if value else None
    return Node(
        kind=kind,
        plain=plain,
        number=row.number or row.key,
        url=document_address(part.kind, row.key),
        day=getattr(row, part.day),
        status="Gone from the ERP" if row.deleted_at else _status(row),
        amount=amount,
        currency=value.currency if value else getattr(row, "currency", ""),
        counts=_counts(part, row),
        worth=value is not None,
        part=own if own is not None and own != amount else None,
    )


def _status(row: Any) -> str:
    return str(row.get_status_display()) if hasattr(row, "get_status_display") else ""


def _remark(row: Any, numbers: Mapping[str, str]) -> str:
    """What a credit note or reversal corrects, by number where that document stands beside it."""
    corrected = getattr(row, "reverses_id", None)
    if not corrected:
        return ""
    return f"corrects {numbers[corrected]}" if corrected in numbers else "corrects another document"


def _counts(part: Part, row: Any) -> bool:
    """The rule of Part.left_out for one row."""
    if row.deleted_at or getattr(row, "kind", "") == "down_payment":
        return False
    return part.kind == "delivery" or getattr(row, "status", "") not in {"quote", "cancelled", "draft"}


def _totals(nodes: tuple[Node, ...]) -> tuple[Total, ...]:
    sums: dict[str, Decimal] = {}
    for node in nodes:
        if node.counts and node.amount is not None and not node.worth:
            sums[node.currency] = sums.get(node.currency, Decimal(0)) + node.amount
    return tuple(Total(currency, amount) for currency, amount in sorted(sums.items()))


def _counted(part: Part, rows: QuerySet[Any]) -> tuple[int, tuple[Total, ...]]:
    if not part.amount:
        return rows.count(), ()
    sums = rows.exclude(part.left_out).order_by().values("currency").annotate(total=Sum(part.amount))
    totals = {row["currency"]: row["total"] for row in sums if row["total"] is not None}
    return rows.count(), tuple(Total(currency, amount) for currency, amount in sorted(totals.items()))


def _worth(deliveries: list[str]) -> dict[str, Total]:
    """What deliveries are worth at the net prices of the order lines they fulfil, where these have one currency."""
    lines = ErpDeliveryLine.objects.live().filter(
        delivery__in=deliveries, order_line__quantity__gt=0, order_line__net_amount__isnull=False
    )
    value = Sum(F("order_line__net_amount") * F("quantity") / F("order_line__quantity"))
    found: dict[str, list[Total]] = {}
    for row in lines.order_by().values("delivery", "order_line__order__currency").annotate(value=value):
        total = Total(row["order_line__order__currency"] or "", row["value"] or Decimal(0))
        found.setdefault(row["delivery"], []).append(total)
    return {key: totals[0] for key, totals in found.items() if len(totals) == 1}
