"""What became of an order's lines: quantities and amounts that add up, by the rules of customers/sql.

For every line, and so for their sum: ordered + over-delivered = delivered + still open + cancelled rest. Lines that
nobody counts in pieces (no quantity, or none above zero) are open or done as a whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from integration_hub.models import ErpOrder, ErpOrderLine

ZERO, ONE, CENT, FINE = Decimal(0), Decimal(1), Decimal("0.01"), Decimal("1e-10")


@dataclass(frozen=True)
class Standing:
    """An order at a day. `billed_from`: the first invoice day of those that name the order but none of its lines."""

    order: ErpOrder
    as_of: date
    billed_from: date | None = None

    @property
    def is_quote(self) -> bool:
        """Nothing was ordered yet."""
        return self.order.status == "quote"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be delivered."""
        order = self.order
        return order.deleted_at is None and order.status not in {"quote", "cancelled"} and not self.is_delivered

    @property
    def is_unbilled(self) -> bool:
        """Whether something may be delivered but not invoiced."""
        order = self.order
        ended = order.fully_invoiced_on is not None and order.fully_invoiced_on <= self.as_of
        return order.deleted_at is None and order.status not in {"quote", "cancelled"} and not ended

    @property
    def is_delivered(self) -> bool:
        """Whether the day from which nothing is to be delivered has come, also where the order ended early."""
        return self.order.fully_delivered_on is not None and self.order.fully_delivered_on <= self.as_of

    @property
    def shipped_whole(self) -> bool:
        """Delivered as a whole; an order closed early was not, unless it says when it was shipped."""
        return self.is_delivered and (self.order.status != "closed" or self.order.shipped_on is not None)

    @property
    def billed_whole(self) -> bool:
        """Invoiced by a document that names only the order."""
        return self.billed_from is not None and self.billed_from <= self.as_of


@dataclass(frozen=True)
class Facts:
    """What documents say of one line; `shipped` and `billed` are None where no document names it."""

    line: ErpOrderLine
    shipped: Decimal | None = None
    billed: Decimal | None = None
    returned: Decimal = ZERO
    credited: Decimal = ZERO
    invoiced_amount: Decimal | None = None
    credited_amount: Decimal | None = None
    paid_amount: Decimal | None = None
    deliveries: int = 0
    invoices: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Text lines stand for nothing."""
        return self.line.kind != "text"

    @property
    def wanted(self) -> Decimal:
        """Ordered quantity, zero where there is none."""
        return self.line.quantity or ZERO


@dataclass(frozen=True)
class Parts:
    """Parts of a line or of an order: 1 is all of it. Delivered = 1 + over - open - rest."""

    still_open: Decimal = ZERO
    over: Decimal = ZERO
    rest: Decimal = ZERO
    unbilled: Decimal = ZERO

    @property
    def delivered(self) -> Decimal:
        """What was delivered, more than 1 where more was delivered than ordered."""
        return ONE + self.over - self.still_open - self.rest


@dataclass(frozen=True)
class Amounts:
    """Net amounts of one line, or of all, in cents of the order's currency.

    What no invoice in that currency bills, or no invoice knows to be settled, is None.
    """

    ordered: Decimal = ZERO
    delivered: Decimal = ZERO
    still_open: Decimal = ZERO
    over: Decimal = ZERO
    rest: Decimal = ZERO
    returned: Decimal = ZERO
    invoiced: Decimal | None = None
    credited: Decimal | None = None
    paid: Decimal | None = None


COLUMNS = tuple(one.name for one in fields(Amounts))
BILLED = frozenset({"invoiced", "credited", "paid"})


@dataclass(frozen=True)
class LineFlow:
    """One order line with its quantities in its unit and what they are worth."""

    facts: Facts
    delivered: Decimal
    invoiced: Decimal
    still_open: Decimal
    over: Decimal
    rest: Decimal
    parts: Parts
    amounts: Amounts = Amounts()

    @property
    def line(self) -> ErpOrderLine:
        """The order line itself."""
        return self.facts.line


class Cents:
    """Rounds amounts so that what was given out is at every step the rounded sum: columns add up to the cent."""

    def __init__(self) -> None:
        self._exact = self._given = ZERO

    def __call__(self, amount: Decimal) -> Decimal:
        self._exact += amount
        # Towards plus infinity at the half, so that adding whole cents never moves a rounding; what is left of thirds
        # is cut off first, so that the order of adding does not either.
        rounded = (self._exact.quantize(FINE) + CENT / 2).quantize(CENT, rounding=ROUND_FLOOR)
        part, self._given = rounded - self._given, rounded
        return part


def flow_of(facts: Facts, standing: Standing) -> LineFlow:
    """The quantities of one line. Delivery and invoice lines come first, then the source's word, then the header."""
    line, wanted = facts.line, facts.wanted
    stated = line.delivered_quantity or ZERO
    is_open = standing.is_open and not line.cancelled and facts.counts
    delivered = _delivered(facts, standing, stated)
    billed = _billed(facts, standing)
    if wanted <= 0:
        done = standing.shipped_whole and not line.cancelled
        parts = Parts(still_open=ONE) if is_open else Parts(rest=ZERO if done else ONE)
        rest = wanted if parts.rest and not standing.is_quote else ZERO
        return LineFlow(facts, delivered, billed, wanted if is_open else ZERO, ZERO, rest, parts)
    missing, over = max(wanted - delivered, ZERO), max(delivered - wanted, ZERO)
    still_open, rest = (missing, ZERO) if is_open else (ZERO, missing)
    unbilled = ZERO if line.cancelled else max(_to_bill(facts, standing, stated) - billed, ZERO) / wanted
    parts = Parts(still_open / wanted, over / wanted, rest / wanted, unbilled)
    return LineFlow(facts, delivered, billed, still_open, over, ZERO if standing.is_quote else rest, parts)


def _delivered(facts: Facts, standing: Standing, stated: Decimal) -> Decimal:
    """What the order itself says of quantities carries no date: it holds only until the day of full delivery."""
    if facts.shipped is not None:
        return facts.shipped
    if standing.is_open:
        return stated if standing.order.fully_delivered_on is None else ZERO
    if standing.shipped_whole and not facts.line.cancelled:
        return facts.wanted
    return stated


def _to_bill(facts: Facts, standing: Standing, stated: Decimal) -> Decimal:
    if facts.shipped is not None:
        return facts.shipped
    if standing.shipped_whole:
        return facts.wanted
    known = standing.order.fully_delivered_on is None or standing.order.status == "closed"
    return stated if known else ZERO


def _billed(facts: Facts, standing: Standing) -> Decimal:
    if facts.billed is not None:
        return facts.billed
    if standing.billed_whole:
        return max(facts.wanted, facts.shipped or ZERO)
    if standing.billed_from is not None:
        return ZERO
    return facts.line.invoiced_quantity or ZERO


def with_amounts(flows: Iterable[LineFlow], standing: Standing) -> tuple[LineFlow, ...]:
    """The same lines with amounts. Line by line and in total they keep the equation of the quantities."""
    rounded = {name: Cents() for name in COLUMNS}
    return tuple(replace(flow, amounts=_amounts(flow, standing, rounded)) for flow in flows)


def _amounts(flow: LineFlow, standing: Standing, rounded: dict[str, Cents]) -> Amounts:
    facts, parts = flow.facts, flow.parts
    billed = (
        _cents(rounded["invoiced"], facts.invoiced_amount),
        _cents(rounded["credited"], facts.credited_amount),
        _cents(rounded["paid"], facts.paid_amount),
    )
    if not facts.counts or flow.line.net_amount is None:
        return Amounts(ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, *billed)
    whole = rounded["ordered"](flow.line.net_amount)
    if standing.is_quote:
        return Amounts(whole, ZERO, ZERO, ZERO, ZERO, ZERO, *billed)
    still_open = rounded["still_open"](whole * parts.still_open)
    over, rest = rounded["over"](whole * parts.over), rounded["rest"](whole * parts.rest)
    returned = rounded["returned"](whole * facts.returned / facts.wanted) if facts.wanted > 0 else ZERO
    delivered = whole + over - still_open - rest
    return Amounts(whole, delivered, still_open, over, rest, returned, *billed)


def _cents(rounded: Cents, amount: Decimal | None) -> Decimal | None:
    return None if amount is None else rounded(amount)


def summed(flows: Sequence[LineFlow]) -> Amounts:
    """The totals row; None where no line has such an amount."""
    worth = (_known(flows, name) for name in COLUMNS if name not in BILLED)
    billed = (_known(flows, name) for name in COLUMNS if name in BILLED)
    return Amounts(*(sum(one, ZERO) for one in worth), *(sum(one, ZERO) if one else None for one in billed))


def _known(flows: Sequence[LineFlow], name: str) -> list[Decimal]:
    return [value for flow in flows if (value := getattr(flow.amounts, name)) is not None]


def order_parts(flows: Sequence[LineFlow], standing: Standing) -> Parts:
    """The parts of the whole order: those of its lines weighed by net amount, of cancelled ones too where the order's
    own amount still holds them. Without worth, one part says all.
    """
    lines = [flow for flow in flows if flow.facts.counts]
    held = bool(lines) and sum((flow.line.net_amount or ZERO for flow in lines), ZERO) == standing.order.net_amount
    counted = [flow for flow in lines if held or not flow.line.cancelled]
    if not counted:
        open_part = ONE if standing.is_open else ZERO
        rest = ZERO if standing.is_open or standing.shipped_whole else ONE
        unbilled = ONE if standing.is_delivered and not standing.billed_whole else ZERO
        parts = Parts(open_part, ZERO, rest, unbilled)
    else:
        parts = Parts(*(_weighed(counted, name) for name in ("still_open", "over", "rest", "unbilled")))
    return Parts(parts.still_open, parts.over, parts.rest, parts.unbilled if standing.is_unbilled else ZERO)


def _weighed(flows: Sequence[LineFlow], name: str) -> Decimal:
    whole: Decimal = sum((flow.line.net_amount or ZERO for flow in flows), ZERO)
    parts = [(flow.line.net_amount or ZERO, getattr(flow.parts, name)) for flow in flows]
    if whole:
        some: Decimal = sum((net * part for net, part in parts), ZERO)
        return some / whole
    return ONE if any(part > 0 for _, part in parts) else ZERO
