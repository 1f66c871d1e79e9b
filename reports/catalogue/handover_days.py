"""How long each step from won to paid takes: median and ninetieth percentile per month of winning."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Aggregate, Count, FloatField
from django.db.models.functions import TruncMonth

from customers.models import Customer
from reports.catalogue.won_to_cash import DAYS
from reports.columns import CellKind, Column, Row, Total
from reports.handover_rows import GROUP, MONTH, RESTS_ON, won
from reports.rows import ListedRows, listed
from reports.shape import Answer, Chart, Question, Report, Table, list_url

PARTS = (("median", Decimal("0.5")), ("p90", Decimal("0.9")))


class Percentile(Aggregate):
    """The value that a share of the known values does not exceed, between two of them by their distance."""

    function = "percentile_cont"
    name = "Percentile"
    template = "%(function)s(%(share)s) within group (order by %(expressions)s)"

    def __init__(self, column: str, share: Decimal) -> None:
        super().__init__(column, share=share, output_field=FloatField())


def answer(question: Question) -> Answer:
    """One row per month, the newest first; each figure opens the opportunities in the order of that step."""
    wanted: dict[str, Any] = {f"{name}_{part}": Percentile(name, share) for name, _ in DAYS for part, share in PARTS}
    rows = won(question)
    months: Any = (
        rows.order_by().annotate(month=TruncMonth("closed_on")).values("month").annotate(n=Count("pk"), **wanted)
    )
    columns = _columns()
    made = [
        Row(
            (
                f"{month['month']:%Y-%m}",
                month["n"],
                *(_days(month[f"{name}_{part}"]) for name, _ in DAYS for part, _ in PARTS),
            ),
            {"month": f"{month['month']:%Y-%m}"},
        )
        for month in months.order_by("-month")
    ]
    oldest_first = Table(columns=columns, rows=ListedRows(tuple(reversed(made)), columns), row_url=_month_url)
    charts = tuple(
        Chart(
            title=f"{label}, days",
            category="month",
            series=(f"{name}_median", f"{name}_p90"),
            kind="lines",
            table=oldest_first,
        )
        for name, label in (DAYS[0], DAYS[3])
    )
    return Answer(
        columns=columns,
        rows=listed(columns, made, by=question.sort, descending=question.descending),
        row_url=_month_url,
        noun="month",
        charts=charts if made else (),
        notes=NOTES if made else ("No won opportunity is in this selection.", *NOTES),
        customers=lambda: Customer.objects.filter(pk__in=rows.order_by().values("customer_id")),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column(name="month", label="Won in"),
        Column(name="won", label="Won", kind=CellKind.COUNT, total=Total(""), url=_list_of("")),
        *(
            Column(
                name=f"{name}_{part}",
                label=f"{label}, {part}",
                kind=CellKind.NUMBER,
                url=_list_of(name),
                wide=(name, part) not in {("days_to_order", "median"), ("days_to_last_delivery", "median")},
            )
            for name, label in DAYS
            for part, _ in PARTS
        ),
    )


def _month_url(keys: Mapping[str, Any]) -> str:
    return list_url("won-to-cash", month=keys["month"])


def _list_of(step: str) -> Any:
    return lambda row: list_url("won-to-cash", month=row.keys["month"], sort=step)


def _days(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)


NOTES = (
    (
        "Days of the opportunities won in a month whose step has happened; p90 is the number of days that nine in ten "
        "do not exceed. The newest months tell only of the quick ones."
    ),
    (
        "Won is the close date in Salesforce. A negative number says that the order came before. The ERP states no day "
        "of confirmation, so its promised day stands for it. Of several orders the first day of ordering counts, and "
        "the last promised one; a last delivery or invoice is known once all orders of the opportunity are through."
    ),
)


REPORT = Report(
    name="handover-days",
    title="Days from won to cash",
    description="How long each step from a won opportunity to its money takes, by month of winning.",
    group=GROUP,
    answer=answer,
    parameters=(MONTH,),
    sort="month",
    rests_on=RESTS_ON,
    picture="lines",
    position=75,
    pages=(("Overview", "customers:handover"),),
)
