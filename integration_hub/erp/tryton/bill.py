"""One Tryton invoice with what the ledger says of it: kind, status, amounts, rate, instalments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integration_hub.erp.tryton.documents import line_amount, line_kind
from integration_hub.erp.tryton.fields import is_true, pointed, reference
from integration_hub.erp.tryton.ledger import CANCEL, number_of
from integration_hub.erp.tryton.open_items import ZERO, Entry, Instalments
from integration_hub.erp.tryton.rates import DECIMALS, Rates
from integration_hub.erp.tryton.wire import Record, text_of

INVOICE_LINE = "account.invoice.line"
MOST_ROUNDING = Decimal("0.02")
"""How far the rate of the revenue may be from that of the receivable: rounding of lines explains no more."""


def bill_line_kind(line: Record) -> str:
    """The account decides: only what stands on a revenue account is revenue; all else was paid ahead or is set off."""
    if line.get("type") != "line":
        return "text"
    kind = (line.get("account") or {}).get("type") or {}
    return line_kind(line) if is_true(kind.get("revenue")) else "down_payment"


@dataclass
class Bill:
    """An invoice, or (`sign` -1) the cancellation of one by an entry that is no credit note."""

    record: Record
    lines: Sequence[Record]
    sign: int = 1
    items: list[Entry] = field(default_factory=list)
    payments: list[Entry] = field(default_factory=list)
    kinds: list[str] = field(init=False)
    stamp: str = ""
    rate: str | None = None
    settled: Instalments = field(default_factory=lambda: Instalments({}, {}, []))

    def __post_init__(self) -> None:
        self.kinds = [bill_line_kind(line) for line in self.lines]

    @property
    def key(self) -> str:
        """Its key."""
        return ("" if self.sign > 0 else CANCEL) + str(self.record["id"])

    @property
    def move(self) -> str:
        """The id of its move; empty while it is a draft."""
        return reference(self.record, "move" if self.sign > 0 else "cancel_move")

    @property
    def currency(self) -> str:
        """The id of its currency."""
        return reference(self.record, "currency")

    @property
    def company_currency(self) -> str:
        """The id of its company's currency."""
        return reference(self.record.get("company") or {}, "currency")

    @property
    def unit(self) -> Decimal:
        """The smallest amount of its currency."""
        digits = (self.record.get("currency") or {}).get("digits") or "2"
        return Decimal(1).scaleb(-int(digits))

    def amount(self, name: str) -> str | None:
        """A total, signed."""
        text = text_of(self.record.get(name))
        return str(-Decimal(text)) if text and self.sign < 0 else text

    def day(self, name: str) -> str | None:
        """`issued_on` or `posted_on`: what was posted counts on the day of its move."""
        if self.sign < 0:
            return text_of((self.record.get("cancel_move") or {}).get("date"))
        issued = text_of(self.record.get("invoice_date"))
        if name == "issued_on":
            return issued
        posted = text_of((self.record.get("move") or {}).get("date"))
        return posted or text_of(self.record.get("accounting_date")) or issued

    def kind(self) -> str:
        """Credit notes are invoices with a negative total."""
        if self.sign * number_of(self.record, "total_amount") < 0:
            return "credit_note"
        return "down_payment" if set(self.kinds) - {"text"} == {"down_payment"} else "invoice"

    def status(self) -> str:
        """By the amounts; Tryton's own word stands beside. A foreign invoice that was paid in full stays "posted"
        there until its difference of exchange is written off.
        """
        state = self.record.get("state")
        if state == "cancelled" and self.sign > 0 and (not self.move or self.record.get("cancel_move")):
            return "reversed" if self.move else "cancelled"
        if state in {"draft", "validated"}:
            return "draft"
        left = sum(self.settled.open.values(), ZERO)
        if not left:
            return "paid"
        return "open" if left == sum(self.settled.amounts.values(), ZERO) else "part_paid"

    def revenue(self) -> Decimal:
        """Net amount on revenue accounts, in its currency."""
        earned = (
            number_of(line, "amount")
            for line, kind in zip(self.lines, self.kinds, strict=True)
            if kind not in {"text", "down_payment"}
        )
        return self.sign * sum(earned, ZERO)

    def amount_of(self, rates: Rates) -> "AmountOf":
        """How entries are counted in its currency."""
        return AmountOf(self.currency, self.company_currency, self.day("issued_on"), self.unit, rates)

    def set_rate(self, rates: Rates, booked: Decimal | None) -> None:
        """Company currency per unit: as the ledger booked the revenue (`booked`), so that it comes out to the cent,
        else as it booked the receivable, else by the rate of the day.
        """
        if self.currency == self.company_currency:
            self.rate = "1"
            return
        foreign = sum((item.foreign for item in self.items if item.currency == self.currency), ZERO)
        base = sum((item.base for item in self.items if item.currency == self.currency), ZERO)
        owed = base / foreign if foreign and base else None
        net = self.revenue()
        earned = booked / net if booked and net else None
        if earned is not None and owed is not None and abs(earned / owed - 1) > MOST_ROUNDING:
            earned = None
        rate = earned if earned is not None else owed
        if rate is not None:
            self.rate = format(rate.quantize(DECIMALS), "f")
        else:
            self.rate = rates.exchange(self.currency, self.company_currency, self.day("issued_on"))

    def line_amount(self, line: Record) -> str | None:
        """Net of a line, signed."""
        text = line_amount(line)
        return str(-Decimal(text)) if text and self.sign < 0 else text

    def quantity(self, line: Record) -> str | None:
        """Quantity of a line, signed."""
        text = text_of(line.get("quantity"))
        return str(-Decimal(text)) if text and self.sign < 0 else text

    def credited(self) -> set[str]:
        """Ids of the invoice lines that a credit note takes back."""
        if self.kind() != "credit_note" or self.sign < 0:
            return set()
        return {pointed(line.get("origin"), INVOICE_LINE) for line in self.lines} - {""}


@dataclass(frozen=True)
class AmountOf:
    """An entry in an invoice's currency; one that was booked in another is converted at the invoice's date."""

    currency: str
    base: str
    on: str | None
    unit: Decimal
    rates: Rates

    def __call__(self, entry: Entry) -> Decimal:
        if entry.currency == self.currency:
            return entry.foreign
        if self.currency == self.base:
            return entry.base
        rate = self.rates.exchange(self.currency, self.base, self.on)
        return (entry.base / Decimal(rate)).quantize(self.unit) if rate else ZERO
