"""The columns of an order's lines: which there are, and each line's quantity and amount in them as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from customers import formats
from customers.pages.line_flow import Amounts, LineFlow

# Columns that a phone shows too.
ALWAYS = frozenset({"ordered", "still_open"})


@dataclass(frozen=True)
class Cell:
    """A quantity and what it is worth, as text."""

    css: str
    quantity: str
    amount: str


@dataclass(frozen=True)
class Head:
    """A column's name and its total."""

    name: str
    label: str
    css: str
    total: str


@dataclass(frozen=True)
class LineTable:
    """The columns in order; returned, credited and cancelled rest only where some line has such."""

    heads: tuple[Head, ...]

    @classmethod
    def of(cls, flows: Sequence[LineFlow], totals: Amounts) -> "LineTable":
        """The columns that these lines need, with the totals of all of them."""
        wanted = {
            "ordered": ("Ordered", True),
            "delivered": ("Delivered", True),
            "returned": ("Returned", any(flow.facts.returned for flow in flows)),
            "invoiced": ("Invoiced", True),
            "credited": ("Credited", any(flow.facts.credited_amount is not None for flow in flows)),
            "paid": ("Paid", True),
            "rest": ("Cancelled rest", any(flow.rest for flow in flows)),
            "still_open": ("Open", True),
        }
        return cls(
            tuple(
                Head(name, label, _css(name), formats.money(getattr(totals, name)))
                for name, (label, present) in wanted.items()
                if present
            )
        )

    @property
    def width(self) -> int:
        """Number of columns with the two that name the line."""
        return len(self.heads) + 2

    def cells(self, flow: LineFlow) -> tuple[Cell, ...]:
        """One line in these columns; empty where it stands for nothing."""
        if not flow.facts.counts:
            return tuple(Cell(head.css, "", "") for head in self.heads)
        return tuple(_cell(flow, head) for head in self.heads)

    def short(self, flow: LineFlow) -> str:
        """What a phone says in words of the columns it leaves out."""
        if not flow.facts.counts:
            return ""
        unit = flow.line.unit
        return f"{formats.quantity(flow.delivered, unit)} delivered, {formats.quantity(flow.invoiced, unit)} invoiced"


def _css(name: str) -> str:
    return "num" if name in ALWAYS else "num wide"


def _cell(flow: LineFlow, head: Head) -> Cell:
    amount: Decimal | None = getattr(flow.amounts, head.name)
    if head.name in {"ordered", "delivered", "returned", "rest", "still_open"} and flow.line.net_amount is None:
        amount = None
    quantity = _quantity(flow, head.name)
    if head.name == "paid":
        return Cell(head.css, formats.money(amount) if flow.facts.invoices else "", "")
    css = f"{head.css} strong" if head.name == "still_open" and flow.still_open else head.css
    if not quantity:
        return Cell(css, formats.quantity(quantity), "" if not amount else formats.money(amount))
    return Cell(css, formats.quantity(quantity, flow.line.unit), formats.money(amount))


def _quantity(flow: LineFlow, name: str) -> Decimal | None:
    """An ordered quantity that the source does not give is unknown; the others are then counted by documents."""
    quantities = {
        "ordered": flow.line.quantity,
        "delivered": flow.delivered,
        "returned": flow.facts.returned,
        "invoiced": flow.invoiced,
        "credited": flow.facts.credited,
        "rest": flow.rest,
        "still_open": flow.still_open if flow.line.quantity is not None else None,
    }
    return quantities.get(name)
