"""Reports on the way from a won opportunity to its money: which rows, whose, and what somebody noted about them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import (
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from customers import formats
from customers.calendar import current_day
from customers.hidden import HANDED_OVER
from customers.models import Customer, Handover, HandoverNote
from integration_hub.config import hub
from integration_hub.models import SfUser
from reports.columns import CellKind, Column, Row, days_since, summed, without
from reports.parameters import BadParameter, Parameter, ParameterKind
from reports.rows import QueryRows
from reports.shape import Answer, Question

GROUP = "From won to cash"
RESTS_ON = HANDED_OVER
SNOOZED = Parameter(
    name="snoozed",
    label="Snoozed rows",
    kind=ParameterKind.CHOICE,
    choices=(("", "Left out"), ("with", "Shown too"), ("only", "Shown alone")),
)
LAST_12_MONTHS = "12m"
CHOICES = (("", "All months"), (LAST_12_MONTHS, "Last 12 months"))


def _months() -> Sequence[tuple[str, str]]:
    """The months that an opportunity of the figures can have been won in, newest first."""
    today = current_day()
    if today is None:
        return CHOICES
    newest = (today + timedelta(days=31)).replace(day=1)
    months = (newest - relativedelta(months=back) for back in range(hub().handover.back_days // 30 + 3))
    return (*CHOICES, *((f"{month:%Y-%m}", formats.month(month)) for month in months))


MONTH = Parameter(name="month", label="Won in", kind=ParameterKind.CHOICE, choices=_months)


def customer_page(row: Row) -> str:
    """The customer of a row."""
    return reverse("customers:detail", args=[row.keys["customer"]])


NAME = Column(
    name="name",
    label="Opportunity",
    value=Coalesce(NullIf("opportunity__name", Value("")), Value("Without a name"), output_field=CharField()),
)
CUSTOMER = Column(name="customer", label="Customer", value="customer__name", url=customer_page)
OWNER = Column(
    name="owner",
    label="Owner",
    value=Subquery(SfUser.objects.filter(key=OuterRef("customer__owner")).values("name")[:1]),
    wide=True,
)
WON_ON = Column(name="closed_on", label="Closed", kind=CellKind.DATE, value="closed_on", wide=True)


def age(question: Question, path: str = "closed_on") -> Column:
    """Days from closing, or ordering, to the day of the figures."""
    return Column(name="age", label="Age", kind=CellKind.DAYS, value=days_since(path, question.as_of))


def amount(name: str, label: str, value: str | Combinable, **more: Any) -> Column:
    """An amount that adds up, empty where it is unknown."""
    return summed(name, label, CellKind.MONEY, value, **more)


def less(first: str, second: str) -> Combinable:
    """One amount less another; unknown where one of them is."""
    return ExpressionWrapper(F(first) - F(second), output_field=Handover._meta.get_field("won"))


def noted(question: Question, key: str) -> tuple[Column, ...]:
    """What somebody noted about a row, whose key stands in that field, and, where such rows are asked for, until when
    it is put aside.
    """
    notes = HandoverNote.objects.filter(key=OuterRef(key))
    comment = Column(name="comment", label="Comment", value=Subquery(notes.values("comment")[:1]), wide=True)
    if not question.values["snoozed"]:
        return (comment,)
    until = Column(
        name="snoozed_until",
        label="Snoozed until",
        kind=CellKind.DATE,
        value=Subquery(notes.values("snoozed_until")[:1], output_field=DateField()),
        wide=True,
    )
    return comment, until


def awake(question: Question, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    """The rows that are not put aside, or those that are, as the question wants them."""
    aside = Exists(HandoverNote.objects.filter(key=OuterRef(key), snoozed_until__gt=question.as_of))
    chosen = question.values["snoozed"]
    if chosen == "with":
        return rows
    return rows.filter(aside) if chosen == "only" else rows.filter(~aside)


def standing(question: Question, *standings: str) -> QuerySet[Handover]:
    """The handovers that stand so, as far as the reader may see them."""
    return question.seen(Handover.objects.filter(standing__in=standings))


def won(question: Question) -> QuerySet[Handover]:
    """All won opportunities that the reader may see, of the month that was asked for. Raises BadParameter."""
    rows = question.seen(Handover.objects.exclude(standing__in=("lost", "lost_ordered")))
    if not (month := question.values["month"]):
        return rows
    if month == LAST_12_MONTHS:
        first = question.as_of - relativedelta(years=1) + timedelta(days=1)
        return rows.filter(closed_on__range=(first, question.as_of))
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise BadParameter(f'"{MONTH.label}" is no month.') from error
    return rows.filter(closed_on__gte=first, closed_on__lt=first + relativedelta(months=1))


def handover_page(keys: Mapping[str, Any]) -> str:
    """The chain of an opportunity."""
    return reverse("customers:handover_deal", args=[keys["key"]])


def order_page(keys: Mapping[str, Any]) -> str:
    """What is known of an order without an opportunity."""
    return reverse("customers:handover_order", args=[keys["key"]])


def handover_answer(question: Question, rows: QuerySet[Any], columns: Sequence[Column], **more: Any) -> Answer:
    """An answer that lists opportunities, or with `key` and `opens` orders."""
    key, opens = more.pop("key", "opportunity_id"), more.pop("opens", handover_page)
    shown = without(columns, question.hidden)
    by = next((column for column in shown if column.name == question.sort), None)
    keys = {"key": key, "customer": "customer_id"}
    descending = question.descending or by is None
    listed = QueryRows(rows, shown, keys=keys, by=by or shown[3], descending=descending, ties=(key,))
    return Answer(
        columns=shown,
        rows=listed,
        row_url=opens,
        customers=lambda: Customer.objects.filter(pk__in=rows.order_by().values("customer_id")),
        **({"noun": "deal"} | more),
    )


def worklist(question: Question, name: str, own: Sequence[Column], *, empty: str, notes: Sequence[str]) -> Answer:
    """One row per opportunity of a worklist, with `own` columns between whose it is and when it was won; `empty` is
    what its being empty means.
    """
    rows = awake(question, standing(question, name), "opportunity_id")
    columns = (NAME, CUSTOMER, OWNER, age(question), *own, WON_ON, *noted(question, "opportunity_id"))
    return handover_answer(question, rows, columns, notes=(*(() if rows.exists() else (empty,)), *notes))


def unknown_note(rows: QuerySet[Handover], *names: str) -> tuple[str, ...]:
    """How many rows have an amount that is unknown, in words; nothing where none has."""
    missing = Q()
    for name in names:
        missing |= Q(**{name: None})
    count = rows.filter(missing).count()
    if not count:
        return ()
    have = "has an amount that is" if count == 1 else "have amounts that are"
    words = (
        f"{formats.plural(count, 'opportunity', 'opportunities')} {have} unknown, because there is none, no exchange "
        "rate, or the receivables do not know an invoice: they are empty and in no total."
    )
    return (words,)


def tolerance_words() -> str:
    """What still counts as agreement."""
    handover, currency = hub().handover, hub().company.reporting_currency
    return (
        f"Amounts agree within {handover.tolerance_percent} % of the won amount, and always within "
        f"{handover.tolerance_amount} {currency}."
    )


MATCHED = (
    "An order belongs to an opportunity by a number stored in it or by somebody's decision; else the one of the same "
    "customer that fits best by amount and day is proposed, and counts until it is refused. Where several fit equally "
    "well, none is chosen."
)
