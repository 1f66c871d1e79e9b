"""Whether the figures of a customer stand in Salesforce: the figure, what Salesforce confirmed, what it was last seen
to hold. Nobody asks Salesforce for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet

from customers.models import Customer
from customers.pages.sent import as_written, pushed_values
from customers.pages.trust_states import AMBER, GREEN, RED, worst
from customers.push_values import AS_OF, current_values, need_of
from integration_hub.config import PushField, hub
from integration_hub.freshness import limits
from integration_hub.models import LiveAccount, LiveRead
from integration_hub.prepared import prepared
from integration_hub.push.wanted import Kind

SHOWN = 20


@dataclass(frozen=True)
class FieldLine:
    """One field of one account: the figure of now, what Salesforce confirmed, what it was last seen to hold."""

    account: str
    label: str
    figure: str
    confirmed: str
    seen: str
    state: str
    words: str


@dataclass(frozen=True)
class InSalesforce:
    """All fields of the accounts; `lines` are those of the single account, or of a group the first that do not agree.
    `seen_at` is when what stands there was last read.
    """

    state: str
    words: str
    agreeing: int
    compared: int
    lines: tuple[FieldLine, ...]
    seen_at: datetime | None


@dataclass(frozen=True)
class _Known:
    """What is stored of one account."""

    figures: Mapping[str, Any]
    confirmed: Mapping[str, Any]
    live: LiveAccount | None
    scales: Mapping[str, int]
    recent: bool


def compare_salesforce(
    accounts: Sequence[str], as_of: date, computed_at: datetime, now: datetime, *, hidden: frozenset[str] = frozenset()
) -> InSalesforce:
    """Every field of hub.toml for some accounts at the newest day, but none with a figure hidden from the reader. Five
    queries, however many accounts they are.
    """
    fields = tuple(field for field in hub().push.fields if field.measure not in hidden)
    if not accounts:
        return InSalesforce(AMBER, "No Salesforce account is linked, so nothing is sent.", 0, 0, (), None)
    if not fields:
        return InSalesforce(AMBER, "No figure is set up to be sent.", 0, 0, (), None)
    reads = {read.organization: read for read in _reads()}
    live = {row.account: row for row in _live(tuple(accounts))}
    confirmed: dict[str, dict[str, Any]] = {}
    for value in pushed_values(tuple(accounts)):
        confirmed.setdefault(value.account, {})[value.field] = value
    figures = current_values(accounts, fields, as_of)
    several = Customer.objects.filter(account__in=accounts) if len(accounts) > 1 else Customer.objects.none()
    names = dict(several.values_list("account", "name"))
    lines = []
    for account in accounts:
        row = live.get(account)
        read = reads.get(row.organization) if row else None
        recent = now < _late_at(computed_at)
        known = _Known(figures.get(account, {}), confirmed.get(account, {}), row, _scales(read), recent)
        lines += [_line(names.get(account) or account, field, known) for field in fields]
    return _together(lines, alone=len(accounts) == 1, seen_at=_seen_at(reads.values()))


@prepared
def _reads() -> QuerySet[LiveRead]:
    return LiveRead.objects.all()


@prepared
def _live(accounts: tuple[str, ...]) -> QuerySet[LiveAccount]:
    return LiveAccount.objects.filter(account__in=accounts)


def _late_at(computed_at: datetime) -> datetime:
    salesforce = hub().salesforce
    return limits(salesforce).late_at(computed_at) if salesforce else computed_at + timedelta(hours=2)


def _seen_at(reads: Any) -> datetime | None:
    times = [read.cursor or read.full_at for read in reads if read.cursor or read.full_at]
    return min(times, default=None)


def _scales(read: LiveRead | None) -> dict[str, int]:
    """Decimals of each field as the org describes it; LiveRead keeps them as "name type scale"."""
    marks = (str(mark).split() for mark in (read.fields if read else ()))
    return {mark[0]: int(mark[2]) for mark in marks if len(mark) == 3}


def _together(lines: Sequence[FieldLine], *, alone: bool, seen_at: datetime | None) -> InSalesforce:
    agreeing = sum(line.state == GREEN for line in lines)
    other = [line for line in lines if line.state != GREEN]
    state = worst(line.state for line in lines)
    if not other:
        words = "Every field holds the figure of now."
    elif state == RED:
        words = f"{sum(line.state == RED for line in other)} of {len(lines)} values differ."
    else:
        words = f"{len(other)} of {len(lines)} values could not be compared."
    shown = lines if alone else other[:SHOWN]
    return InSalesforce(state, words, agreeing, len(lines), tuple(shown), seen_at)


def _line(account: str, field: PushField, known: _Known) -> FieldLine:
    scale = known.scales.get(field.field, need_of(field.measure).decimals)
    figure = _wanted(field, known, scale)
    stored = known.confirmed.get(field.field)
    confirmed = stored.value if stored else None
    seen = known.live.values.get(field.field) if known.live else None
    state, words = _judged(field, known, (figure, confirmed, seen), scale)
    return FieldLine(
        account=account,
        label=field.label or field.field,
        figure=as_written(figure),
        confirmed=as_written(confirmed),
        seen=as_written(seen),
        state=state,
        words=words,
    )


def _wanted(field: PushField, known: _Known, scale: int) -> str | None:
    value = known.figures.get(field.field)
    if value is None:
        return _rounded("0", scale) if field.when_empty == "zero" and _is_number(field) else None
    if isinstance(value, date):
        return value.isoformat()
    return _rounded(str(value), scale) if _is_number(field) else str(value).strip() or None


def _judged(
    field: PushField, known: _Known, texts: tuple[str | None, str | None, str | None], scale: int
) -> tuple[str, str]:
    """State and words of one field; the first rule that holds speaks."""
    figure, confirmed, seen = texts
    stored = known.confirmed.get(field.field)
    changed = known.live is not None and not _same(confirmed, seen, scale)
    currency = known.live.currency if known.live else ""
    as_wanted = _same(figure, seen if stored is None else confirmed, scale)
    rules = (
        (stored is not None and bool(stored.last_error), RED, stored.last_error if stored else ""),
        (stored is None and known.live is not None and as_wanted, GREEN, "already so"),
        (stored is None, AMBER, "not sent yet"),
        (changed, RED, "changed in Salesforce"),
        (as_wanted or (figure is None and field.when_empty == "leave"), GREEN, "agrees"),
        (currency not in {"", hub().company.reporting_currency}, AMBER, f"the account is kept in {currency}"),
        (field.measure == AS_OF, AMBER, "sent with the figures of that day"),
        (known.recent, AMBER, "the figure has just moved; the next push brings it"),
    )
    return next(((state, words) for holds, state, words in rules if holds), (RED, "the figure is another one"))


def _is_number(field: PushField) -> bool:
    return need_of(field.measure).kind in {Kind.MONEY, Kind.NUMBER}


def _same(one: str | None, other: str | None, scale: int) -> bool:
    return _rounded(one, scale) == _rounded(other, scale)


def _rounded(text: str | None, scale: int) -> str | None:
    """A number at the field's scale; anything else as it is, empty like nothing."""
    if not text:
        return None
    try:
        number = Decimal(text).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return text
    return f"{abs(number) if number.is_zero() else number:f}"
