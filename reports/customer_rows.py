"""Reports whose rows are customers: who, whose, and figures of one day that open their documents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery, Value
from django.urls import reverse

from customers.account_fields import in_words, narrowed
from customers.calendar import current_day
from customers.links_then import links_at
from customers.measures import get_measure
from customers.measures_text import STAGE
from customers.models import Customer, CustomerRollup
from customers.several_accounts import WHY, several_of, several_words, shared_among
from integration_hub.models import ErpCustomer, SfUser
from reports.columns import CellKind, Column, without
from reports.parameters import ACCOUNT_FIELD, FIGURES_OF
from reports.rows import QueryRows
from reports.shape import Answer, Question

# Over rows of CustomerRollup.
CUSTOMER = Column(name="name", label="Customer", value="customer__name")
ERP_NUMBERS = Column(name="erp_numbers", label="ERP number", value="customer__erp_numbers", wide=True)
OWNER = Column(
    name="owner",
    label="Owner",
    value=Subquery(SfUser.objects.filter(key=OuterRef("customer__owner")).values("name")[:1]),
)
WHO = (CUSTOMER, ERP_NUMBERS, OWNER)
KEYS = {"customer": "customer_id"}
ON_PHONES = 3
TIES = ("customer__name", "customer_id")


# What every report on customers can be asked for.
ASKED = (ACCOUNT_FIELD, FIGURES_OF)


def stage_today() -> Column:
    """The stage of each customer; its limit is that of hub.toml now."""
    return Column(name=STAGE.name, label=STAGE.label, value=STAGE.expression(), definition=STAGE.definition, wide=True)


def customer_url(keys: Mapping[str, Any], day: date | None = None) -> str:
    """The customer's page, of a past day where one is given."""
    return reverse("customers:detail", args=[keys["customer"]]) + past(day)


def past(day: date | None) -> str:
    """What an address of a customer ends with so that it shows that day; nothing for the newest."""
    return f"?as_of={day.isoformat()}" if day else ""


def customer_answer(
    question: Question, rollups: QuerySet[CustomerRollup], columns: Sequence[Column], **more: Any
) -> Answer:
    """An answer that lists these rollups; its account field is applied by `asked_of`."""
    shown = _for_phones(without(_numbers_then(columns, question.as_of), question.hidden), question.sort)
    by = next((column for column in shown if column.name == question.sort), None)
    descending = question.descending and by is not None

    def customers() -> QuerySet[Customer]:
        return Customer.objects.filter(pk__in=rollups.order_by().values("customer_id"))

    rows = QueryRows(rollups, shown, keys=KEYS, by=by or CUSTOMER, descending=descending, ties=TIES)
    return Answer(
        columns=shown,
        rows=rows,
        row_url=lambda keys: customer_url(keys, question.values.get("day")),
        noun="customer",
        customers=customers,
        notes=(*more.pop("notes", ()), *_shared(customers(), shown, question.as_of)),
        **more,
    )


def _shared(customers: QuerySet[Customer], shown: Sequence[Column], as_of: date) -> tuple[str, ...]:
    """Why totals of counts are more than the documents that there are, and by how many."""
    counts = [column for column in shown if column.total and column.measure and column.kind is CellKind.COUNT]
    shared = shared_among(customers, as_of) if counts else ()
    told = [(column.label, several_words(several_of(get_measure(column.measure), shared, as_of))) for column in counts]
    words = "; ".join(f"of “{label}” {text}" for label, text in told if text)
    return (f"Some documents count for several accounts, {WHY}: {words}.",) if words else ()


def _numbers_then(columns: Sequence[Column], as_of: date) -> tuple[Column, ...]:
    """The columns with the numbers of the ERP customers that were linked at a past day, where it is one."""
    today = current_day()
    if today is None or as_of == today:
        return tuple(columns)
    linked = links_at(as_of).filter(customer=OuterRef(OuterRef("customer_id"))).values("erp_customer")
    numbers = ErpCustomer.objects.filter(key__in=linked).order_by("number", "key").values("number")
    joined = Func(ArraySubquery(numbers), Value(", "), function="array_to_string", output_field=CharField())
    return tuple(replace(each, value=joined) if each.name == ERP_NUMBERS.name else each for each in columns)


def _for_phones(columns: Sequence[Column], sort: str) -> tuple[Column, ...]:
    """On a narrow screen the customer, the first figures and the one that orders remain; the rest is wide."""
    who = {column.name for column in WHO}
    figures = [column.name for column in columns if column.name not in who]
    kept = {CUSTOMER.name, sort, *figures[:ON_PHONES]}
    return tuple(column if column.name in kept else replace(column, wide=True) for column in columns)


def asked_of(question: Question) -> QuerySet[CustomerRollup]:
    """The rollups of the day that the reader may see, narrowed by the account field of the question."""
    return narrowed(question.rollups(), question.values.get("field"))


def field_words(question: Question) -> tuple[str, ...]:
    """The account field of the question in words."""
    chosen = question.values.get("field")
    return (in_words(chosen),) if chosen else ()
