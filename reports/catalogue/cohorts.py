"""Cohorts by first order: how many of those who began in a year still order, and what they bring, year by year."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import ExtractYear

from customers import formats
from customers.account_fields import with_field
from customers.measures_shape import ratio_of
from customers.models import CustomerMonth
from reports.columns import CellKind, Column, Row, Total
from reports.customer_rows import asked_of, field_words
from reports.document_rows import OF_INVOICES
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind, written
from reports.rows import ListedRows, listed
from reports.shape import Answer, Chart, Question, Report, Table, list_url

SHOW = Parameter(
    name="show",
    label="Show",
    kind=ParameterKind.CHOICE,
    default="customers",
    choices=(("customers", "Customers who ordered"), ("share", "Share who ordered"), ("revenue", "Revenue")),
)
MOST_YEARS = 12
NOTE = (
    "Years are calendar years; a customer belongs to the year of its first order and counts in every year with at "
    "least one order, also one without a rate; only revenue needs a rate."
)
Cells = dict[tuple[int, int], Any]
NOBODY = "No customer has ordered yet, so there is no cohort."


def answer(question: Question) -> Answer:
    """One row for each calendar year of first orders, one column for each year since."""
    sizes = dict(_sizes(question))
    cells = _cells(question)
    last = question.as_of.year
    begun = sorted(year for year in sizes if year <= last)
    cohorts = begun[-MOST_YEARS:]
    show = question.values["show"]
    width = last - cohorts[0] + 1 if cohorts else 0
    kind = {"customers": CellKind.COUNT, "share": CellKind.PERCENT, "revenue": CellKind.MONEY}[show]
    total = None if show == "share" else Total("")
    columns = (
        Column(name="cohort", label="First order in"),
        Column(
            name="size",
            label="Customers",
            kind=CellKind.COUNT,
            total=Total(""),
            url=lambda row: _members(question, row.keys["cohort"]),
        ),
        *(
            Column(
                name=f"year_{since}",
                label=f"Year {since + 1}" if since else "First year",
                kind=kind,
                total=total,
                url=_cell_url(question, since),
            )
            for since in range(width)
        ),
    )
    rows = [
        Row((str(year), sizes[year], *_cohort(cells, year, sizes[year], show, last, width)), {"cohort": year})
        for year in cohorts
    ]
    return Answer(
        columns=columns,
        rows=listed(columns, rows, by=question.sort, descending=question.descending),
        row_url=lambda keys: _members(question, keys["cohort"]),
        noun="cohort",
        charts=(_chart(width, show, Table(columns=columns, rows=ListedRows(tuple(rows), columns))),) if rows else (),
        words=(dict(SHOW.options())[show], *field_words(question)),
        notes=(_note(question) if rows else NOBODY, *_left_out(begun[:-MOST_YEARS], sizes)),
    )


def _note(question: Question) -> str:
    return f"{NOTE} The year {question.as_of.year} ends at {question.as_of.isoformat()}."


def _left_out(years: Sequence[int], sizes: Mapping[int, int]) -> tuple[str, ...]:
    """What the report has no room for, in words."""
    if not years:
        return ()
    count = formats.plural(sum(sizes[year] for year in years), "customer")
    began = str(years[0]) if len(years) == 1 else f"{years[0]} to {years[-1]}"
    told = f"The {MOST_YEARS} newest cohorts are shown, and totals are of these. {count} with a first order in {began}"
    return (f"{told} are left out; “Customers of a year” lists them.",)


def _members(question: Question, first: int, year: int | None = None, **more: str) -> str:
    """The customers of a cohort, with what they brought in one year; in its first one where none is given."""
    field = written(ACCOUNT_FIELD, question.values["field"])
    return list_url("customer-years", first=str(first), year=str(year or first), field=field, **more)


def _cell_url(question: Question, since: int) -> Callable[[Row], str]:
    ordered = "" if question.values["show"] == "revenue" else "yes"
    return lambda row: _members(question, row.keys["cohort"], row.keys["cohort"] + since, ordered=ordered)


def _chart(width: int, show: str, table: Table) -> Chart:
    return Chart(
        title=f"{dict(SHOW.options())[show]}, by year since the first order",
        category="cohort",
        series=tuple(f"year_{since}" for since in range(width)),
        kind="heat",
        across="Year since the first order",
        table=table,
    )


def _sizes(question: Question) -> list[tuple[int, int]]:
    begun = asked_of(question).filter(first_order_on__isnull=False).order_by()
    rows: Any = begun.values(year=ExtractYear("first_order_on")).annotate(count=Count("pk"))
    return [(row["year"], row["count"]) for row in rows]


def _cells(question: Question) -> Cells:
    """By first year and year the number of customers with an order, and their revenue."""
    months = question.seen(CustomerMonth.objects.filter(month__lte=question.as_of, customer__gone_at=None))
    if chosen := question.values["field"]:
        months = months.filter(customer__account__in=with_field(chosen).values("key"))
    rows: Any = (
        months.filter(customer__rollups__as_of=question.as_of, customer__rollups__first_order_on__isnull=False)
        .order_by()
        .values(first=ExtractYear("customer__rollups__first_order_on"), year=ExtractYear(F("month")))
        .annotate(customers=Count("customer", filter=Q(order_count__gt=0), distinct=True), revenue=Sum("revenue"))
    )
    cells: Cells = defaultdict(lambda: (0, Decimal(0)))
    for row in rows:
        cells[row["first"], row["year"]] = (row["customers"], row["revenue"])
    return cells


def _cohort(cells: Cells, first: int, size: int, show: str, last: int, width: int) -> list[Any]:
    """The cells of one cohort; nothing for years that have not begun."""
    found: list[Any] = []
    for since in range(width):
        if first + since > last:
            found.append(None)
            continue
        customers, revenue = cells[first, first + since]
        share = ratio_of(customers, size, 100, 1)
        found.append({"customers": customers, "share": share, "revenue": revenue}[show])
    return found


REPORT = Report(
    name="cohorts",
    title="Cohorts by first order",
    description="How many of those who began in a year still order, and what they bring.",
    answer=answer,
    parameters=(SHOW, ACCOUNT_FIELD),
    sort="cohort",
    rests_on=OF_INVOICES | {"first_order_on"},
    picture="heat",
    newest_only="orders and revenue are kept by whole months, so a month that had only begun cannot be told any more.",
    position=18,
)
