"""What happens in the demo company, as objects before they are numbered: orders, shipments, bills, money."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol, TypeVar

from integration_hub.practice.company.catalogue import Article
from integration_hub.practice.company.firms import Firm

CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """Rounded half up to two decimals, as an invoice is."""
    return value.quantize(CENT, ROUND_HALF_UP)


def workday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


@dataclass(eq=False)
class Item:
    """An order line."""

    pos: int
    article: Article
    quantity: int
    price: Decimal
    discount: Decimal
    net: Decimal

    def share(self, quantity: int) -> Decimal:
        """The net amount of a part of the line."""
        return cents(self.net * quantity / self.quantity)


@dataclass(eq=False)
class Order:
    """An order; `state` is the ERP's code, `rate` company currency per unit of `currency` (None = the ERP has none)."""

    firm: Firm
    day: date
    wanted_on: date
    confirmed_on: date
    currency: str
    rate: Decimal | None
    items: list[Item]
    state: str = "10"
    hold: str = ""
    reference: str = ""
    number: str = ""
    shipments: list["Dispatch"] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """Sum of the lines."""
        return sum((item.net for item in self.items), Decimal(0))


@dataclass(eq=False)
class Dispatch:
    """A delivery of (a part of) an order, or a return; quantities per line. `day` is the planned day."""

    order: Order
    day: date
    shipped_on: date | None
    parts: list[tuple[Item, int]]
    state: str
    is_return: bool = False
    carrier: str = ""
    tracking: str = ""
    number: str = ""


@dataclass(eq=False)
class Line:
    """A line of a bill; goods name what was ordered and shipped."""

    kind: str
    text: str
    net: Decimal
    item: Item | None = None
    quantity: int | None = None
    dispatch: Dispatch | None = None
    part: int | None = None


@dataclass(eq=False)
class Document:
    """A billing document with its lines; credits have negative lines."""

    kind: str
    order: Order
    day: date
    lines: list[Line]
    tax_rate: Decimal
    void: bool = False
    draft: bool = False
    reverses: "Document | None" = None
    reversed_by: "Document | None" = None
    credits: "Document | None" = None
    number: str = ""
    claims: list["Claim"] = field(default_factory=list)

    @property
    def firm(self) -> Firm:
        """Who is billed."""
        return self.order.firm

    @property
    def net(self) -> Decimal:
        """Sum of the lines, before tax."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """Sum of the lines' tax, each rounded."""
        return sum((self.tax_of(line) for line in self.lines), Decimal(0))

    def tax_of(self, line: Line) -> Decimal:
        """Tax of one line."""
        return cents(line.net * self.tax_rate)


@dataclass(eq=False)
class Claim:
    """One instalment of a document, and what settled it when."""

    document: Document
    day: date
    due_on: date | None
    amount: Decimal
    settled: list[tuple[date, Decimal, "Money | Document"]] = field(default_factory=list)
    disputed: bool = False
    note: str = ""
    promised_on: date | None = None
    number: str = ""

    @property
    def open(self) -> Decimal:
        """What is not settled yet."""
        return self.amount - sum((amount for _, amount, _ in self.settled), Decimal(0))


@dataclass(eq=False)
class Money:
    """Money received from a customer on one day."""

    firm: Firm
    day: date
    currency: str
    amount: Decimal = Decimal(0)
    unallocated: Decimal = Decimal(0)
    number: str = ""


class Dated(Protocol):
    """Something that gets a number in order of its day."""

    day: date
    number: str


D = TypeVar("D", bound=Dated)


def number_by_day(things: list[D], prefix: str, start: int) -> list[D]:
    """The things in order of their day, numbered on from `start` without gaps."""
    ordered = sorted(things, key=lambda thing: thing.day)
    for offset, thing in enumerate(ordered):
        thing.number = f"{prefix}{start + offset}"
    return ordered
