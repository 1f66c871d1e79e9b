"""The lines of a statement: what was open at a day, or every movement between two days with what was open before.

What is owed at a day is the open amount of the items issued by then, credits included, less what of the payments
received by then settled nothing. Every movement is dated so that these amounts follow from each other to the cent:
an item counts from the day it was issued; what a payment settles counts from the day the money came, because until it
settles something it is unallocated; what settles an item before its issue counts from the issue; and an item whose
source gives no days of settlement counts with what is open of it.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, DateField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Least

from customers.calendar import DAY
from customers.companies import counting
from customers.counted import Documents, annotated, live
from customers.counted_payments import VOID, allocations_that_date, payments_at, with_day
from customers.counted_receivables import items_at
from customers.models import Customer
from customers.pages.open_totals import in_currency
from customers.pages.overdue_items import item_number
from customers.pages.settled_with import settled_with
from customers.parts import held_by
from integration_hub.models import ErpAllocation, ErpOpenItem, ErpPayment

ZERO = Decimal(0)


@dataclass(frozen=True)
class Whose:
    """The customers of a statement, the keys of their ERP customers, and the company that issued it ("": all)."""

    customers: QuerySet[Customer]
    keys: tuple[str, ...]
    company: str

    def items(self) -> Documents:
        """Their items that ask for something."""
        return self.of_company(counting(ErpOpenItem).filter(held_by(ErpOpenItem, self.keys))).exclude(settled_on=VOID)

    def payments(self) -> Documents:
        """Their payments."""
        return self.of_company(counting(ErpPayment).filter(held_by(ErpPayment, self.keys)))

    def of_company(self, rows: Documents) -> Documents:
        """Only rows of the company, where one is asked for."""
        return rows.filter(company=self.company) if self.company else rows


@dataclass(frozen=True)
class Movement:
    """One line: a document (debit), what settled one (credit), or money that settled nothing yet (credit)."""

    day: date
    order: int
    currency: str
    label: str
    text: str
    url_kind: str
    key: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO


def balances(whose: Whose, day: date) -> dict[str, Decimal]:
    """What is owed at a day by currency: open items and credits less payments that settled nothing by then."""
    items = in_currency(whose.of_company(items_at(whose.customers, day))).order_by()
    payments = whose.of_company(payments_at(whose.customers, day)).order_by()
    found = {row["in_currency"]: row["total"] for row in items.values("in_currency").annotate(total=Sum("open_now"))}
    for row in payments.values("currency").annotate(total=Sum("open_now")):
        found[row["currency"]] = (found.get(row["currency"]) or ZERO) - (row["total"] or ZERO)
    return {currency: amount for currency, amount in found.items() if amount}


def movements(whose: Whose, start: date, end: date) -> list[Movement]:
    """Everything that moved a balance from the first to the last day, by day, documents before what settles them."""
    lines = [*_documents(whose, start, end), *_settled(whose, start, end)]
    return sorted(lines, key=lambda line: (line.currency, line.day, line.order, line.label, line.key))


def before(day: date) -> date:
    """The day before, on which an opening balance stands."""
    return day - DAY


def _documents(whose: Whose, start: date, end: date) -> Iterator[Movement]:
    items = in_currency(whose.items().filter(issued_on__range=(start, end))).select_related("invoice")
    for item in items:
        amount, rest = item.amount, item.open_amount
        if item.dated_allocations:
            settled = ZERO
        else:
            # Its payments carry no days: what is settled of it counts from its first day.
            rest = amount if rest is None else rest
            amount = rest if amount is None else amount
            settled = (amount or ZERO) - (rest or ZERO)
        if amount is None:
            continue
        invoice = item.invoice
        kind = invoice.get_kind_display() if invoice else "Item on account"
        yield Movement(
            day=item.issued_on,
            order=0,
            currency=item.in_currency,
            label=f"{kind} {(invoice.number if invoice else '') or item.number or item.key}",
            text="Settled in part, day not stated" if settled and settled != amount else "Settled" if settled else "",
            url_kind="invoice" if invoice else "",
            key=invoice.key if invoice else item.key,
            debit=max(amount, ZERO) + max(-settled, ZERO),
            credit=max(-amount, ZERO) + max(settled, ZERO),
        )


def _settled(whose: Whose, start: date, end: date) -> Iterator[Movement]:
    """One line per day and payment or credit note, with what it settled and what is left of it."""
    lines: dict[_Line, list[tuple[Decimal, str]]] = {}
    for line, amount, words in (*_on_items(whose, start), *_elsewhere(whose, start), *_left(whose)):
        if start <= line.day <= end:
            lines.setdefault(line, []).append((amount, words))
    for line, amounts in lines.items():
        total = sum((amount for amount, _ in amounts), ZERO)
        words = ", ".join(dict.fromkeys(word for _, word in amounts if word))
        yield Movement(
            line.day, 1, line.currency, line.label, words, line.kind, line.key, max(-total, ZERO), max(total, ZERO)
        )


@dataclass(frozen=True)
class _Line:
    """What makes movements one line."""

    day: date
    currency: str
    label: str
    kind: str
    key: str


Part = tuple[_Line, Decimal, str]


def _on_items(whose: Whose, start: date) -> Iterator[Part]:
    """What settles the customers' own items. Those settled and issued before the first day moved earlier."""
    own = _known(whose).filter(Q(settled_on=None) | Q(settled_on__gte=start) | Q(issued_on__gte=start))
    own_money = Q(payment__in=whose.payments().values("pk"), payment__currency=F("open_item__currency")) & ~Q(
        open_item__currency=""
    )
    long_ago = Value(VOID, output_field=DateField())
    found = annotated(
        with_day(live(ErpAllocation).filter(open_item__in=own.values("pk"), amount__isnull=False)),
        counts_on=Case(
            When(settles_on=None, then=long_ago),
            When(own_money, then=Least(Coalesce("payment__paid_on", long_ago), "settles_on")),
            default=F("settles_on"),
        ),
    )
    for one in found.select_related("open_item__invoice", "payment", "credit_note"):
        item = one.open_item
        currency = item.currency or (item.invoice.currency if item.invoice else "")
        yield _line(one, one.counts_on, currency, whose.keys), one.amount, item_number(item)


def _elsewhere(whose: Whose, start: date) -> Iterator[Part]:
    """The customers' payments that later settled a document of somebody else: theirs until then."""
    money = whose.payments().filter(Q(settled_on=None) | Q(settled_on__gte=start))
    found = with_day(allocations_that_date(live(ErpAllocation))).filter(
        payment__in=money.values("pk"),
        payment__currency=F("open_item__currency"),
        settles_on__gt=Coalesce("payment__paid_on", Value(VOID, output_field=DateField())),
        amount__isnull=False,
    )
    theirs = found.exclude(open_item__in=_known(whose).values("pk"))
    for one in theirs.select_related("payment", "credit_note"):
        payment = one.payment
        yield _line(one, payment.paid_on or VOID, payment.currency, whose.keys), one.amount, "not allocated then"
        yield (
            _line(one, one.settles_on, payment.currency, whose.keys),
            -one.amount,
            "settled a document of another account",
        )


def _left(whose: Whose) -> Iterator[Part]:
    """What still settles nothing, on the day it was paid."""
    for payment in whose.payments().exclude(Q(unallocated_amount=None) | Q(unallocated_amount=0)):
        name = f"Payment {payment.number or payment.key}"
        line = _Line(payment.paid_on or VOID, payment.currency, name, "payment", payment.key)
        yield line, payment.unallocated_amount, "not allocated"


def _line(allocation: Any, day: date, currency: str, keys: Container[str]) -> _Line:
    by = settled_with(allocation, keys)
    return _Line(day, currency, by.label, by.url_kind, by.key)


def _known(whose: Whose) -> Documents:
    """The customers' dated items of a known amount, which allocations reduce day by day."""
    return whose.items().filter(dated_allocations=True, amount__isnull=False)
