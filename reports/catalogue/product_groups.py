"""Product groups by customer: who buys what, and what they stopped buying."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from customers.account_fields import with_field
from customers.models import Customer, CustomerCategory
from integration_hub.models import SfUser
from reports.columns import CellKind, Column, Row, Total, summed
from reports.customer_rows import field_words
from reports.parameters import ACCOUNT_FIELD, Parameter, ParameterKind
from reports.rows import ListedRows, QueryRows
from reports.shape import Answer, Chart, Question, Report, Table


def _categories() -> tuple[tuple[str, str], ...]:
    names = CustomerCategory.objects.order_by("category").values_list("category", flat=True).distinct()
    return (("", "All"), *((name, name) for name in names))


GROUP = Parameter(name="group", label="Product group", kind=ParameterKind.CHOICE, choices=_categories)
CHANGE = Parameter(
    name="change",
    label="Change",
    kind=ParameterKind.CHOICE,
    choices=(("", "All"), ("stopped", "Stopped buying"), ("new", "New"), ("less", "Buys less"), ("more", "Buys more")),
)
CONDITIONS: Mapping[str, Q] = {
    "stopped": Q(revenue_12m__lte=0, revenue_prior_12m__gt=0),
    "new": Q(revenue_12m__gt=0, revenue_prior_12m__lte=0),
    "less": Q(revenue_12m__lt=F("revenue_prior_12m")),
    "more": Q(revenue_12m__gt=F("revenue_prior_12m")),
}


def _bought(row: Row) -> str:
    """The lines of invoices that a customer bought of a group in 12 months."""
    return reverse("customers:product", args=[row.keys["customer"], row.keys["category"]])


COLUMNS = (
    Column(name="name", label="Customer", value="customer__name"),
    Column(
        name="owner",
        label="Owner",
        value=Subquery(SfUser.objects.filter(key=OuterRef("customer__owner")).values("name")[:1]),
        wide=True,
    ),
    Column(
        name="category",
        label="Product group",
        value="category",
        url=_bought,
    ),
    summed("revenue_12m", "Revenue, 12 months", CellKind.MONEY, "revenue_12m", url=_bought),
    summed(
        "revenue_prior_12m",
        "12 months before",
        CellKind.MONEY,
        "revenue_prior_12m",
        url=lambda row: f"{_bought(row)}?period=before",
    ),
    summed("change", "Change", CellKind.MONEY, F("revenue_12m") - F("revenue_prior_12m")),
    Column(name="last_on", label="Last bought", kind=CellKind.DATE, value="last_on"),
    Column(name="usual_gap", label="Usual gap", kind=CellKind.DAYS, value="usual_gap", wide=True),
)
NOTE = "A customer is counted in every product group it buys, so the numbers of customers do not add up."


def answer(question: Question) -> Answer:
    """One row per customer and product group; above, one per group."""
    asked = question.seen(CustomerCategory.objects.filter(customer__gone_at=None))
    if chosen := question.values["field"]:
        asked = asked.filter(customer__account__in=with_field(chosen).values("key"))
    if change := question.values["change"]:
        asked = asked.filter(CONDITIONS[change])
    group = question.values["group"]
    rows = asked.filter(category=group) if group else asked
    by = next((column for column in COLUMNS if column.name == question.sort), COLUMNS[0])
    return Answer(
        columns=COLUMNS,
        rows=QueryRows(
            rows,
            COLUMNS,
            keys={"customer": "customer_id", "category": "category"},
            by=by,
            descending=question.descending,
            ties=("customer__name", "customer_id", "category"),
        ),
        row_url=lambda keys: reverse("customers:detail", args=[keys["customer"]]),
        noun="row",
        overview=_overview(asked, question),
        charts=(
            Chart(title="Revenue by product group", category="category", series=("revenue_12m", "revenue_prior_12m")),
        ),
        words=_words(question),
        notes=(NOTE,),
        customers=lambda: Customer.objects.filter(pk__in=rows.order_by().values("customer_id")),
    )


def _overview(asked: QuerySet[CustomerCategory], question: Question) -> Table:
    found: Any = (
        asked.order_by()
        .values("category")
        .annotate(customers=Count("customer"), now=Sum("revenue_12m"), before=Sum("revenue_prior_12m"))
        .order_by("-now", "category")
    )
    rows = tuple(
        Row((row["category"], row["customers"], row["now"], row["before"]), {"group": row["category"]}) for row in found
    )

    def buyers(keys: Mapping[str, Any]) -> str:
        return f"?{REPORT.query(question, group=keys['group'])}"

    def of_group(row: Row) -> str:
        return buyers(row.keys)

    whole = f"?{REPORT.query(question, group='')}"
    columns = (
        Column(name="category", label="Product group"),
        Column(name="customers", label="Customers", kind=CellKind.COUNT, url=of_group),
        *(
            Column(name=name, label=label, kind=CellKind.MONEY, total=Total(""), url=of_group, total_url=whole)
            for name, label in (("revenue_12m", "Revenue, 12 months"), ("revenue_prior_12m", "12 months before"))
        ),
    )
    return Table(
        title="Product groups",
        columns=columns,
        rows=ListedRows(rows, columns),
        row_url=buyers,
        noun="group",
    )


def _words(question: Question) -> tuple[str, ...]:
    lines = [f"Product group: {question.values['group']}"] if question.values["group"] else []
    lines += [label for value, label in CHANGE.options() if value and value == question.values["change"]]
    return (*lines, *field_words(question))


REPORT = Report(
    name="product-groups",
    title="Product groups by customer",
    description="Who buys which product group, and who stopped.",
    group="Revenue",
    answer=answer,
    parameters=(GROUP, CHANGE, ACCOUNT_FIELD),
    sort="revenue_12m",
    rests_on=frozenset({"revenue_12m", "revenue_prior_12m"}),
    picture="bars",
    newest_only="what was bought of each product group is kept as it stands now, not day by day.",
    position=17,
)
