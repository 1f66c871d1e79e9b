"""A statement of account: what is outstanding at a day, or what moved between two, per currency, for a customer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.db.models import F
from django.http import QueryDict
from django.urls import reverse

from customers import formats
from customers.addresses import document_address
from customers.aging import BY_DUE_DATE, days_since
from customers.companies import counting_companies, of_companies
from customers.counted_payments import payments_at
from customers.counted_receivables import items_at
from customers.known import mine
from customers.pages.open_totals import in_currency
from customers.pages.overdue_items import item_note, item_number
from customers.pages.scope import Scope
from customers.pages.statement_ledger import ZERO, Movement, Whose, balances, before, movements
from customers.parts import Mine, among
from integration_hub.models import ErpCompany, ErpCustomer

Mode = Literal["outstanding", "activity"]
MOST_LINES = 5000
# Nothing is divided.
WHOLE = Mine(())
NAMED = 20
MONTHS_BACK = 2

# An ERP knows no documents of before; day arithmetic has room below it.
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class Ask:
    """What the URL asks for; `company` is the issuing company's key ("": all), `problem` what could not be read."""

    mode: Mode
    start: date
    end: date
    company: str
    problem: str

    @property
    def parameters(self) -> dict[str, str]:
        """The same question as a URL asks it."""
        days = {"from": self.start.isoformat()} if self.mode == "activity" else {}
        company = {"company": self.company} if self.company else {}
        return {"mode": self.mode} | days | {"to": self.end.isoformat()} | company


@dataclass(frozen=True)
class Line:
    """One line. Outstanding: `billed` and what is open as `balance` of that line; activity: debit, credit and the
    running balance. Credits and payments are negative where they stand in one column. `part` is the customer's own part
    of `balance` where a rule shares some ERP customer by per cent.
    """

    day: date | None
    label: str
    text: str
    url: str
    due_on: date | None = None
    days_late: int | None = None
    billed: Decimal | None = None
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    balance: Decimal = ZERO
    part: Decimal | None = None


@dataclass(frozen=True)
class Account:
    """All lines of one currency; `aging` splits what is owed by days late, `credits` is what stands against it. `part`
    is the customer's own part of what is outstanding at the end, None where it is all of it.
    """

    currency: str
    lines: tuple[Line, ...]
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal
    aging: tuple[tuple[str, Decimal], ...] = ()
    credits: Decimal = ZERO
    part: Decimal | None = None


@dataclass(frozen=True)
class Statement:
    """The statement with its letter head: who issued it and to whom. `shared` says whose documents stand whole, and
    count for the customer in part.
    """

    ask: Ask
    accounts: tuple[Account, ...]
    line_count: int
    issuer: str
    companies: tuple[tuple[str, str], ...]
    masters: tuple[ErpCustomer, ...]
    read_at: datetime | None
    shared: tuple[str, ...] = ()

    @property
    def more_masters(self) -> int:
        """How many ERP customers are not named in its head."""
        return max(len(self.masters) - NAMED, 0)

    @property
    def too_long(self) -> bool:
        """Whether a page of it would be too long to read; the file holds everything."""
        return self.line_count > MOST_LINES


def read_ask(query: QueryDict, latest: date) -> Ask:
    """`mode`, `from`, `to` (or `as_of`) as YYYY-MM-DD and `company`; nothing lies after the latest day."""
    problems: list[str] = []
    end = _day(query.get("to") or query.get("as_of") or "", latest, problems)
    if end > latest:
        problems.append(f"The ERP was read up to {formats.day(latest)}; nothing is known of later days.")
        end = latest
    usual = max(end, EARLIEST).replace(day=1) - relativedelta(months=MONTHS_BACK)
    start = _day(query.get("from", ""), usual, problems)
    asked = min(start, end) if query.get("from") else end
    if asked < EARLIEST:
        problems.append(f"Nothing is known of days before {formats.day(EARLIEST)}.")
    start, end = max(start, EARLIEST), max(end, EARLIEST)
    if start > end:
        problems.append("The first day came after the last one, so both are the same.")
        start = end
    mode: Mode = "activity" if query.get("mode") == "activity" else "outstanding"
    return Ask(mode, start, end, query.get("company", ""), " ".join(problems))


def build_statement(scope: Scope, ask: Ask, *, issuer: str, read_at: datetime | None) -> Statement:
    """The statement of the scope's customers; `issuer` names who issues it where no single company does."""
    masters = tuple(
        ErpCustomer.objects.filter(among("key", scope.keys)).select_related("company").order_by("number", "key")
    )
    companies = _companies(masters)
    known = ask.company if ask.company in dict(companies) else ""
    whose = Whose(scope.customers, scope.keys, known)
    divided = mine(scope.customers)
    accounts = (
        _outstanding(whose, ask.end, divided)
        if ask.mode == "outstanding"
        else _activity(whose, ask.start, ask.end, divided)
    )
    names = dict(companies)
    alone = next(iter(names.values())) if len(names) == 1 else issuer
    return Statement(
        ask=ask,
        accounts=accounts,
        line_count=sum(len(account.lines) for account in accounts),
        issuer=names.get(known, alone),
        shared=scope.shared if divided.is_divided else (),
        companies=companies if len(companies) > 1 else (),
        masters=masters,
        read_at=read_at,
    )


def statement_query(scope: Scope, ask: Ask, **changes: str) -> str:
    """The query string of the same statement of the same scope, with some parameters changed."""
    group = {"group": "1"} if scope.group else {}
    return urlencode(ask.parameters | group | changes)


def _day(text: str, otherwise: date, problems: list[str]) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(f"“{text}” is no day; days are written YYYY-MM-DD.")
        return otherwise


def _companies(masters: Sequence[ErpCustomer]) -> tuple[tuple[str, str], ...]:
    """Who may have issued: the companies that the ERP customers belong to, or all where these name none."""
    own = {master.company.key: master.company for master in masters if master.company}
    every = ErpCompany.objects.live().filter(of_companies("key")).order_by("code", "key")
    # Of several companies that share a customer it need not be its own that counts.
    found = every if counting_companies() else own.values() if own else every if masters else ()
    return tuple((company.key, company.name or company.code or company.key) for company in found)


def _outstanding(whose: Whose, day: date, divided: Mine = WHOLE) -> tuple[Account, ...]:
    items = in_currency(whose.of_company(items_at(whose.customers, day))).exclude(open_now=0).select_related("invoice")
    payments = whose.of_company(payments_at(whose.customers, day)).exclude(open_now=0)
    lines: dict[str, list[Line]] = {}
    for item in items.order_by("in_currency", F("due_on").asc(nulls_last=True), "issued_on", "key"):
        line = _open_item(item, day)
        lines.setdefault(item.in_currency, []).append(_with_part(line, item, line.balance, divided))
    for payment in payments.order_by("paid_on", "key"):
        line = _unallocated(payment)
        lines.setdefault(payment.currency, []).append(_with_part(line, payment, line.balance, divided))
    return tuple(_account(currency, lines[currency]) for currency in sorted(lines))


def _with_part(line: Line, document: Any, balance: Decimal, divided: Mine) -> Line:
    return replace(line, part=divided.part(document.customer_id, balance)) if divided.is_divided else line


def _open_item(item: Any, day: date) -> Line:
    invoice = item.invoice
    kind = invoice.get_kind_display() if invoice else "Item on account"
    owed = (item.open_now or ZERO) > 0
    return Line(
        day=item.issued_on,
        label=f"{kind} {item_number(item)}",
        text=item_note(item) if item.open_now is not None else "Amount unknown",
        url=document_address("invoice", invoice.key) if invoice else "",
        due_on=item.due_on,
        days_late=days_since(item.due_on, day) if owed else None,
        billed=item.amount,
        debit=max(item.open_now or ZERO, ZERO),
        credit=max(-(item.open_now or ZERO), ZERO),
        balance=item.open_now or ZERO,
    )


def _unallocated(payment: Any) -> Line:
    return Line(
        day=payment.paid_on,
        label=f"Payment {payment.number or payment.key}",
        text="Not allocated",
        url=document_address("payment", payment.key),
        billed=None if payment.amount is None else -payment.amount,
        debit=max(-payment.open_now, ZERO),
        credit=max(payment.open_now, ZERO),
        balance=-payment.open_now,
    )


def _account(currency: str, lines: list[Line]) -> Account:
    owed = [
        line for line in lines if (line.debit and line.days_late is not None) or (line.debit and line.due_on is None)
    ]
    aging = tuple(
        (bucket.label, sum((line.debit for line in owed if bucket.holds(line.days_late)), ZERO))
        for bucket in BY_DUE_DATE
    )
    debit, credit = _sum(line.debit for line in lines), _sum(line.credit for line in lines)
    parts = [line.part for line in lines if line.part is not None]
    part = _sum(parts) if parts else None
    return Account(currency, tuple(lines), ZERO, debit, credit, debit - credit, aging, -credit, part)


def _activity(whose: Whose, start: date, end: date, divided: Mine = WHOLE) -> tuple[Account, ...]:
    parts = {each.currency: each.part for each in _outstanding(whose, end, divided)} if divided.is_divided else {}
    opening = balances(whose, before(start))
    moved: dict[str, list[Movement]] = {}
    for movement in movements(whose, start, end):
        moved.setdefault(movement.currency, []).append(movement)
    return tuple(
        _running(currency, opening.get(currency, ZERO), moved.get(currency, []), parts.get(currency))
        for currency in sorted(opening.keys() | moved.keys())
    )


def _running(currency: str, opening: Decimal, moved: list[Movement], part: Decimal | None) -> Account:
    balance, lines = opening, []
    for one in moved:
        balance += one.debit - one.credit
        url = reverse(f"customers:{one.url_kind}", args=(one.key,)) if one.url_kind else ""
        lines.append(Line(one.day, one.label, one.text, url, debit=one.debit, credit=one.credit, balance=balance))
    return Account(
        currency=currency,
        lines=tuple(lines),
        opening=opening,
        debit=_sum(line.debit for line in lines),
        credit=_sum(line.credit for line in lines),
        closing=balance,
        part=part,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
