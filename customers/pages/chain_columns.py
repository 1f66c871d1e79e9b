"""The four columns of a chain of documents, and what stands in them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from customers.pages.line_facts import TAKEN_BACK
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment

GONE = Q(deleted_at__isnull=False)
WITH_TAX = "with tax"


@dataclass(frozen=True)
class Part:
    """One column: its model, which columns hold day and amount, which documents its sum leaves out on every day, and
    what its amounts are.
    """

    kind: str
    name: str
    model: Any
    day: str
    label: str
    icon: str
    nothing: str
    amount: str
    left_out: Q
    basis: str


PARTS = (
    Part(
        "order", "orders", ErpOrder, "ordered_on", "Ordered", "package", "no order", "net_amount",
        GONE | Q(status__in=("quote", "cancelled")), "net",
    ),
    Part(
        "delivery", "deliveries", ErpDelivery, "shipped_on", "Delivered", "truck", "nothing delivered", "", GONE,
        "net, at order prices",
    ),
    Part(
        "invoice", "invoices", ErpInvoice, "issued_on", "Invoiced", "receipt", "nothing invoiced", "net_amount",
        GONE | Q(status__in=TAKEN_BACK) | Q(kind="down_payment") | Q(reverses__status="reversed") | Q(revenue_on=None),
        "net",
    ),
    Part("payment", "payments", ErpPayment, "paid_on", "Paid", "credit-card", "nothing paid", "amount", GONE, WITH_TAX),
)  # fmt: skip
BY_NAME = {part.name: part for part in PARTS}
BY_KIND = {part.model: part for part in PARTS}
# Documents that never count, whose amount is struck through; their status says why.
VOID = TAKEN_BACK | {"gone", "a reversal"}


@dataclass(frozen=True)
class Node:
    """One document of the chain. `part`: how much of the amount belongs to the document in the middle, where that is
    not all; `counts` is false for one in no sum, which is `void` where it never will be.
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
    remarks: tuple[str, ...] = ()
    part: Decimal | None = None
    void: bool = False

    @property
    def own(self) -> Decimal | None:
        """What belongs to the document in the middle."""
        return self.amount if self.part is None else self.part


@dataclass(frozen=True)
class Total:
    """The sum of one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Worth:
    """What a delivery is worth, and what of it is of the order in the middle, if one is."""

    currency: str
    whole: Decimal
    own: Decimal | None


@dataclass(frozen=True)
class Column:
    """One kind of document: the first ones, and count and sums of all that the user may see.

    `hidden` documents belong to other customers, `absent` ones are named but were never read. `basis` says what the
    amounts are, `foot` how their sum comes to the figure of the page.
    """

    part: Part
    basis: str = ""
    nodes: tuple[Node, ...] = ()
    count: int = 0
    totals: tuple[Total, ...] = ()
    hidden: int = 0
    absent: int = 0
    foot: str = ""

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
