"""Reports whose rows are documents: of which customers, which period, and where a document opens."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Case, CharField, QuerySet, TextChoices, Value, When
from django.urls import reverse

from customers.calendar import Period, periods
from customers.measures_sales import REVENUE
from customers.models import AccountLink, Customer
from reports.columns import Column, without
from reports.parameters import Parameter, ParameterKind
from reports.rows import QueryRows
from reports.shape import Answer, Question, label_of
from reports.years import YEAR, documents_of

PERIODS = (
    ("last_12_months", "Last 12 months"),
    ("year_to_date", "This year to date"),
    ("same_days_last_year", "Same days last year"),
    ("last_year", "Last year"),
    ("prior_12_months", "12 months before"),
    ("year_before_last", "Year before last"),
)
PERIOD = Parameter(
    name="period",
    label="Period",
    kind=ParameterKind.CHOICE,
    default="last_12_months",
    choices=PERIODS,
    replaced_by=YEAR.name,
)
# What the documents of some period or other add up to.
OF_INVOICES = frozenset(measure.name for measure in REVENUE)
OF_ORDERS = frozenset(
    {
        *("order_intake", "order_intake_ytd", "order_intake_last_year", "order_intake_12m"),
        *("order_count", "order_count_12m", "priced_order_count_12m", "order_parts_12m"),
    }
)
# Over rows of a document: its customer as the ERP names it.
CUSTOMER = Column(name="customer", label="Customer", value="customer__name")
CUSTOMER_NUMBER = Column(name="customer_number", label="Customer number", value="customer__number", wide=True)


def in_words(field: str, choices: type[TextChoices]) -> Case:
    """The label of a field's choice."""
    whens = [When(**{field: each.value}, then=Value(str(each.label))) for each in choices]
    return Case(*whens, default=Value(""), output_field=CharField())


def customers_seen(question: Question) -> QuerySet[Customer]:
    """The customers whose documents the reader may see."""
    return question.seen(Customer.objects.filter(gone_at=None))


def period_of(question: Question) -> Period:
    """The days that were asked for."""
    return periods(question.as_of)[question.values["period"]]


def period_words(question: Question) -> str:
    """The same in words."""
    period = period_of(question)
    return f"{label_of(PERIODS, question.values['period'])}: {period.start.isoformat()} to {period.end.isoformat()}"


def chosen(question: Question) -> tuple[QuerySet[Customer], Period, tuple[str, ...]]:
    """Whose documents of which days, in words too: those of the form, or those that a figure of a year names."""
    return documents_of(question) or (customers_seen(question), period_of(question), (period_words(question),))


def document_answer(
    question: Question,
    documents: QuerySet[Any],
    columns: Sequence[Column],
    *,
    opens: Callable[[Mapping[str, Any]], str],
    keys: Mapping[str, str],
    **more: Any,
) -> Answer:
    """An answer that lists these documents; `opens` gives the page of one by its keys."""
    shown = without(columns, question.hidden)
    by = next((column for column in shown if column.name == question.sort), None)
    descending = question.descending or by is None
    rows = QueryRows(documents, shown, keys=keys, by=by or shown[1], descending=descending, ties=("key",))
    return Answer(columns=shown, rows=rows, row_url=opens, customers=lambda: _customers_of(documents), **more)


def _customers_of(documents: QuerySet[Any]) -> QuerySet[Customer]:
    keys = documents.order_by().values("customer_id")
    links = AccountLink.objects.filter(erp_customer__in=keys)
    return Customer.objects.filter(pk__in=links.values("customer_id"))


def page_of(kind: str) -> Callable[[Mapping[str, Any]], str]:
    """Where a document of a kind ("invoice", "order") opens by its key."""
    return lambda keys: reverse(f"customers:{kind}", args=[keys["key"]]) if keys["key"] else ""
