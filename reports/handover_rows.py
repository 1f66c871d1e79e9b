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
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.urls import reverse

from customers import formats
from customers.hidden import HANDED_OVER
from customers.models import Customer, Handover, HandoverNote
from integration_hub.config import hub
from integration_hub.models import SfUser
from reports.columns import CellKind, Column, Row, days_since, summed, without
from reports.parameters import BadParameter, Parameter, ParameterKind
from reports.rows import QueryRows
from reports.shape import Answer, Question

LOST = ("lost", "lost_ordered")
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
WHO = Parameter(
    name="who",
    label="Assigned",
    kind=ParameterKind.CHOICE,
    choices=(("", "To anybody"), ("me", "To me"), ("others", "To somebody"), ("nobody", "To nobody")),
)
ASKED = (SNOOZED, WHO)


def _months() -> Sequence[tuple[str, str]]:
    """The months that the figures know won opportunities of, newest first."""
    won_in = Handover.objects.exclude(standing__in=LOST).aggregate(first=Min("closed_on"), last=Max("closed_on"))
    if won_in["first"] is None:
        return CHOICES
    oldest, newest = (won_in[name].replace(day=1) for name in ("first", "last"))
    count = (newest.year - oldest.year) * 12 + newest.month - oldest.month + 1
    months = (newest - relativedelta(months=back) for back in range(count))
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


def less(first: str, *others: str, plus: str = "") -> Combinable:
    """One amount less others, and with another added; unknown where one of them is."""
    made: Any = F(first)
    for other in others:
        made -= F(other)
    return ExpressionWrapper(made + F(plus) if plus else made, output_field=Handover._meta.get_field("won"))


REMAINS = less("ordered", "cancelled", "won")
CANCELLED = amount(
    "cancelled",
    "Cancelled",
    "cancelled",
    definition="Of what was ordered the part that is cancelled, or left over of a closed order: it does not come.",
)


def noted(question: Question, key: str) -> tuple[Column, ...]:
    """What somebody noted about a row, whose key stands in that field, and, where such rows are asked for, until when
    it is put aside.
    """
    notes = HandoverNote.objects.filter(key=OuterRef(key))
    person = Trim(Concat("assignee__first_name", Value(" "), "assignee__last_name"))
    named = Coalesce(NullIf(person, Value("")), F("assignee__username"), output_field=CharField())
    whom = Column(
        name="assignee",
        label="Assigned to",
        value=Subquery(notes.annotate(whom=named).values("whom")[:1]),
        wide=True,
        definition="By default a row falls to the customer’s owner.",
    )
    comment = Column(name="comment", label="Comment", value=Subquery(notes.values("comment")[:1]), wide=True)
    if not question.values["snoozed"]:
        return whom, comment
    until = Column(
        name="snoozed_until",
        label="Snoozed until",
        kind=CellKind.DATE,
        value=Subquery(notes.values("snoozed_until")[:1], output_field=DateField()),
        wide=True,
    )
    return whom, comment, until


def awake(question: Question, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    """The rows that are not put aside, or those that are, and whose, as the question wants them."""
    rows = _given(question, rows, key)
    aside = Exists(HandoverNote.objects.filter(key=OuterRef(key), snoozed_until__gt=question.as_of))
    chosen = question.values["snoozed"]
    if chosen == "with":
        return rows
    return rows.filter(aside) if chosen == "only" else rows.filter(~aside)


def _given(question: Question, rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    chosen = question.values["who"]
    if not chosen:
        return rows
    notes = HandoverNote.objects.filter(key=OuterRef(key), assignee__isnull=False)
    if chosen == "me":
        return rows.filter(Exists(notes.filter(assignee=question.user.pk if question.user else None)))
    return rows.filter(Exists(notes) if chosen == "others" else ~Exists(notes))


def standing(question: Question, *standings: str) -> QuerySet[Handover]:
    """The handovers that stand so, as far as the reader may see them."""
    return question.seen(Handover.objects.filter(standing__in=standings))


def won(question: Question) -> QuerySet[Handover]:
    """All won opportunities that the reader may see, of the month that was asked for. Raises BadParameter."""
    rows = question.seen(Handover.objects.exclude(standing__in=LOST))
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
    """An answer that lists opportunities, or with `key` and `opens` orders; `order` is the column that orders them
    where none of those shown is chosen.
    """
    usual = more.pop("order", None)
    key, opens = more.pop("key", "opportunity_id"), more.pop("opens", handover_page)
    shown = without(columns, question.hidden)
    by = next((column for column in shown if column.name == question.sort), None)
    keys = {"key": key, "customer": "customer_id"}
    descending = question.descending or by is None
    listed = QueryRows(rows, shown, keys=keys, by=by or usual or shown[3], descending=descending, ties=(key,))
    return Answer(
        columns=shown,
        rows=listed,
        cards=True,
        row_url=opens,
        customers=lambda: Customer.objects.filter(pk__in=rows.order_by().values("customer_id")),
        **({"noun": "deal"} | more),
    )


def worklist(
    question: Question, name: str, own: Sequence[Column], *, empty: str, notes: Sequence[str], **more: Any
) -> Answer:
    """One row per opportunity of a worklist, with `own` columns between whose it is and when it was won; `empty` is
    what its being empty means, `among` a condition that rows have to meet.
    """
    rows = awake(question, standing(question, name), "opportunity_id").filter(more.pop("among", Q()))
    columns = (NAME, CUSTOMER, OWNER, age(question), *own, WON_ON, *noted(question, "opportunity_id"))
    return handover_answer(question, rows, columns, notes=(*(() if rows.exists() else (empty,)), *notes), **more)


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
        f"Amounts agree within {handover.tolerance_percent}% of the won amount, and always within "
        f"{handover.tolerance_amount} {currency}."
    )


MATCHED = (
    "An order belongs to an opportunity by a number stored in it or by somebody's decision; else the one of the same "
    "customer that fits best by amount and day is proposed, and counts until it is refused. Where several fit equally "
    "well, none is chosen."
)
