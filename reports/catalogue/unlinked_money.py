"""The revenue and the overdue that no account shows: its share, how that moves, and whose it is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Round
from django.urls import NoReverseMatch, reverse

from customers import unlinked_money
from customers.access import sees_all
from customers.models import AccountLink, Customer, CustomerRollup, UnlinkedDay
from integration_hub.models.common import MoneyField
from reports.columns import CellKind, Column, Row, Total, measure_column
from reports.customer_rows import CUSTOMER, customer_url, past
from reports.parameters import FIGURES_OF
from reports.rows import ListedRows, QueryRows
from reports.shape import Answer, Chart, Question, Report, Table, figure_url

WEEKS = 13
# Where somebody decides whose an ERP customer is.
DECIDE = "customers:link_case"
FIGURES = ("revenue_12m", "overdue_amount")
KEYS = {
    "customer": "customer_id",
    "erp_customer": "customer__erp_customer",
    "gone": "customer__gone_at",
}
TIES = ("customer__name", "customer_id")
NOT_SEEN = "Customers of the ERP without an account belong to nobody’s book: analysts and administrators see them."
NOTE = (
    "A past day is shown as it was stored, with the links of that moment: whoever was linked since is still listed "
    "there, and in its account today."
)


def answer(question: Question) -> Answer:
    """ERP customers without account by their money; above, the share of each of the last weeks."""
    seen = question.seen(CustomerRollup.objects.filter(as_of=question.as_of, customer__account=None))
    rollups = seen.filter(~Q(revenue_12m=0) | ~Q(overdue_amount=0))
    if question.user is not None and not sees_all(question.user):
        columns = _columns(question, None)
        return Answer(columns=columns, rows=ListedRows((), columns), noun="customer", notes=(NOT_SEEN,))
    days = _weekly(unlinked_money.kept_days(question.as_of, 7 * WEEKS))
    today = days[-1] if days else None
    columns = _columns(question, today)
    by = next((column for column in columns if column.name == question.sort), None)
    overview = _trend(question, days)
    return Answer(
        columns=columns,
        rows=QueryRows(
            rollups, columns, keys=KEYS, by=by or CUSTOMER, descending=question.descending and by is not None, ties=TIES
        ),
        row_url=lambda keys: _decide(keys, question),
        noun="customer",
        overview=overview,
        charts=(
            Chart(
                title="Share that no account shows",
                category="day",
                series=("revenue_share", "overdue_share"),
                kind="lines",
                colours={"Of revenue": "--bar", "Of overdue": "--age-3"},
            ),
        ),
        cards=True,
        words=tuple(" ".join(lead) for lead in _leads(today)),
        leads=_leads(today),
        notes=_notes(question, rollups),
        customers=None if _is_past(question) else lambda: _customers(rollups),
    )


def _customers(rollups: QuerySet[CustomerRollup]) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=rollups.order_by().values("customer_id"))


def _is_past(question: Question) -> bool:
    return question.values.get("day") is not None


def _leads(today: UnlinkedDay | None) -> tuple[tuple[str, str], ...]:
    """Each share, and of what it is."""
    if today is None:
        return ()
    shares = (
        (unlinked_money.share(today.unlinked_revenue, today.revenue), "of the revenue of 12 months"),
        (unlinked_money.share(today.unlinked_overdue, today.overdue), "of overdue"),
    )
    return tuple((f"{value}%", f"{what} is on no account") for value, what in shares if value is not None)


def _notes(question: Question, rollups: QuerySet[CustomerRollup]) -> tuple[str, ...]:
    none = () if rollups.exists() else ("All revenue of 12 months and everything overdue is on an account.",)
    return (*none, NOTE) if _is_past(question) or not none else none


def _columns(question: Question, today: UnlinkedDay | None) -> tuple[Column, ...]:
    detail = Subquery(AccountLink.objects.filter(customer=OuterRef("customer_id")).order_by("pk").values("detail")[:1])
    day = question.values.get("day")

    def figure(name: str) -> Any:
        # Whoever was linked since has its documents in the account: its own page has none of them any more.
        def url(row: Row) -> str:
            gone = row.keys.get("gone") is not None
            return "" if gone else reverse("customers:figure", args=[row.keys["customer"], name]) + past(day)

        return url

    columns = (
        CUSTOMER,
        measure_column("revenue_12m", url=figure("revenue_12m")),
        *(
            (Column(name="share", label="Share", kind=CellKind.PERCENT, value=_share(today), total=_whole(today),
                    wide=True,
                    definition="Of the revenue of all customers, 12 months."),)
            if today is not None and today.revenue > 0 else ()
        ),
        measure_column("overdue_amount", url=figure("overdue_amount")),
        Column(name="erp_numbers", label="ERP number", value="customer__erp_numbers", wide=True),
        Column(name="why", label="Why it is on no account", value=detail, long=True),
        measure_column("last_order_on", url=figure("last_order_on"), wide=True),
    )  # fmt: skip
    return tuple(column for column in columns if not {column.name, column.measure} & question.hidden)


def _share(today: UnlinkedDay) -> Combinable:
    exact: Any = F("revenue_12m") * Value(100) / Value(today.revenue, output_field=MoneyField())
    return Round(exact, precision=2)


def _whole(today: UnlinkedDay) -> Total:
    return Total("revenue_12m", of=today.revenue, factor=100, places=2)


def _decide(keys: Mapping[str, Any], question: Question) -> str:
    """Where its account is decided, else its own page."""
    if keys["gone"] is None and not _is_past(question):
        try:
            return reverse(DECIDE, args=[keys["erp_customer"]])
        except NoReverseMatch:
            return customer_url(keys)
    return customer_url(keys, question.values.get("day"))


def _weekly(days: Sequence[UnlinkedDay]) -> list[UnlinkedDay]:
    """The last kept day of each week, and so the newest."""
    last = {day.as_of.isocalendar()[:2]: day for day in days}
    return list(last.values())[-WEEKS:]


def _trend(question: Question, days: Sequence[UnlinkedDay]) -> Table:
    def of(day: date) -> str:
        newest = day == question.as_of and not _is_past(question)
        return f"?{urlencode({} if newest else {'day': day.isoformat()})}"

    def documents(name: str) -> Any:
        def url(row: Row) -> str:
            day: date = row.keys["day"]
            newest = day == question.as_of and not _is_past(question)
            return figure_url(REPORT, question, name) if newest else of(day)

        return url

    columns = (
        Column(name="day", label="Day", kind=CellKind.DATE),
        Column(name="revenue", label="Revenue 12 months", kind=CellKind.MONEY, url=documents("revenue_12m"), wide=True),
        Column(name="revenue_share", label="Of revenue", kind=CellKind.PERCENT),
        Column(name="overdue", label="Overdue", kind=CellKind.MONEY, url=documents("overdue_amount"), wide=True),
        Column(name="overdue_share", label="Of overdue", kind=CellKind.PERCENT),
        Column(
            name="customers", label="Customers", kind=CellKind.COUNT, url=lambda row: of(row.keys["day"]), wide=True
        ),
    )
    rows = tuple(
        Row(
            (
                day.as_of,
                day.unlinked_revenue,
                unlinked_money.share(day.unlinked_revenue, day.revenue),
                day.unlinked_overdue,
                unlinked_money.share(day.unlinked_overdue, day.overdue),
                day.customers,
            ),
            {"day": day.as_of},
        )
        for day in days
    )
    return Table(
        title="On no account",
        columns=columns,
        rows=ListedRows(rows, columns),
        row_url=lambda keys: of(keys["day"]),
        noun="day",
    )


REPORT = Report(
    name="unlinked-money",
    title="Unlinked money",
    description="Revenue and overdue of ERP customers that no Salesforce account names.",
    group="From prospect to customer",
    answer=answer,
    parameters=(FIGURES_OF,),
    sort="revenue_12m",
    rests_on=frozenset(FIGURES),
    picture="lines",
    position=42,
)
