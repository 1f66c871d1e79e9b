"""Customers of a calendar year: who they are, what they ordered and brought, and the documents that make it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from customers.models import Customer, CustomerMonth, CustomerRollup
from customers.period import Period
from integration_hub.models.common import MoneyField
from reports.customer_rows import asked_of, field_words
from reports.parameters import ACCOUNT_FIELD, BadParameter, Parameter, ParameterKind, written
from reports.shape import Question, label_of, list_url

LEAST, MOST = Decimal(1900), Decimal(2999)
YEAR = Parameter(name="year", label="Calendar year", kind=ParameterKind.WHOLE, default=None, least=LEAST, most=MOST)
FIRST = Parameter(name="first", label="First order in", kind=ParameterKind.WHOLE, default=None, least=LEAST, most=MOST)
ORDERED = Parameter(
    name="ordered",
    label="In that year",
    kind=ParameterKind.CHOICE,
    choices=(("", "All"), ("yes", "Ordered"), ("no", "Did not order")),
)
# How a figure of such a customer, or of all of them, names its documents; no form offers that.
OF_DOCUMENTS = (
    *(
        Parameter(
            name=each.name,
            label=each.label,
            kind=each.kind,
            default=each.default,
            choices=each.choices,
            least=each.least,
            most=each.most,
            quiet=True,
        )
        for each in (YEAR, FIRST, ORDERED)
    ),
    Parameter(name="customer", label="Customer", kind=ParameterKind.WHOLE, default=None, quiet=True),
    Parameter(name="field", label="Account field", kind=ParameterKind.ACCOUNT_FIELD, default=None, quiet=True),
)


def year_of(question: Question) -> int:
    """The year that is asked for; that of the figures where none is."""
    return int(question.values[YEAR.name] or question.as_of.year)


def customers_of_year(question: Question) -> QuerySet[Any]:
    """Rollups of the day of the customers asked for, with year_orders and year_revenue; who neither ordered nor was
    billed in the year is left out, unless a first year or an answer to "ordered" chooses.
    """
    first, ordered = question.values[FIRST.name], question.values[ORDERED.name]
    rows = _with_year(asked_of(question), year_of(question), question.as_of)
    if first:
        rows = rows.filter(first_order_on__year=first)
    if ordered:
        return rows.filter(year_orders__gt=0) if ordered == "yes" else rows.filter(year_orders=0)
    return rows if first else rows.filter(Q(year_orders__gt=0) | ~Q(year_revenue=0))


def _with_year(rollups: QuerySet[CustomerRollup], year: int, as_of: date) -> QuerySet[Any]:
    """With the sums of the monthly figures up to the day."""
    last = min(date(year, 12, 1), as_of)
    months = CustomerMonth.objects.filter(customer=OuterRef("customer_id"), month__range=(date(year, 1, 1), last))
    sums: Any = months.order_by().values("customer").annotate(orders=Sum("order_count"), revenue=Sum("revenue"))
    none: Any = Value(Decimal(0), output_field=MoneyField())
    return rollups.annotate(
        year_orders=Coalesce(Subquery(sums.values("orders"), output_field=IntegerField()), Value(0)),
        year_revenue=Coalesce(Subquery(sums.values("revenue"), output_field=MoneyField()), none),
    )


def year_words(question: Question) -> tuple[str, ...]:
    """What is asked for, in words."""
    first, ordered = question.values[FIRST.name], question.values[ORDERED.name]
    return (
        f"Calendar year {year_of(question)}",
        *((f"First order in {first}",) if first else ()),
        *((label_of(ORDERED.options(), ordered),) if ordered else ()),
        *field_words(question),
    )


def documents_url(name: str, question: Question, customer: int | None = None) -> str:
    """The documents of the year of one customer, or of all that are asked for; `name` is that of their report."""
    if customer is not None:
        return list_url(name, year=str(year_of(question)), customer=str(customer))
    given = {each.name: written(each, question.values[each.name]) for each in (FIRST, ORDERED, ACCOUNT_FIELD)}
    return list_url(name, year=str(year_of(question)), **given)


def documents_of(question: Question) -> tuple[QuerySet[Customer], Period, tuple[str, ...]] | None:
    """Whose documents of which days such an address names, in words too; None where it names no year. Raises
    BadParameter for a customer that the reader does not see.
    """
    if not question.values[YEAR.name]:
        return None
    if question.values[FIRST.name] and "first_order_on" in question.hidden:
        raise BadParameter(f'"{FIRST.label}" rests on a figure that your role does not see.')
    year, one = year_of(question), question.values["customer"]
    customers = question.seen(Customer.objects.filter(gone_at=None))
    words: tuple[str, ...]
    if one is not None:
        chosen = customers.filter(pk=one).values_list("name", flat=True).first()
        if chosen is None:
            raise BadParameter("There is no such customer, or it is none of yours.")
        customers, words = customers.filter(pk=one), (f"Customer {chosen}", f"Calendar year {year}")
    else:
        customers = customers.filter(pk__in=customers_of_year(question).order_by().values("customer_id"))
        words = year_words(question)
    return customers, Period(date(year, 1, 1), min(date(year, 12, 31), question.as_of)), words
