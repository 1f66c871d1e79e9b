"""How the overdue amount developed, from the figures kept of past days."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from customers.account_fields import narrowed
from customers.calendar import comparable_days
from customers.models import CustomerRollup
from reports.columns import CellKind, Column, Row
from reports.customer_rows import field_words
from reports.parameters import ACCOUNT_FIELD
from reports.rows import listed
from reports.shape import Answer, Chart, Question, Report

MONTHS = 24


def answer(question: Question) -> Answer:
    """One row for the last kept day of each month, and the current day."""
    days = _days(question.as_of)
    found = {row["as_of"]: row for row in _sums(question, days)}
    rows = [_row(day, found.get(day, {})) for day in days]
    columns = (
        Column(name="day", label="Day", kind=CellKind.DATE),
        Column(name="overdue_amount", label="Overdue", kind=CellKind.MONEY),
        Column(name="open_amount", label="Open", kind=CellKind.MONEY),
        Column(name="share", label="Overdue share", kind=CellKind.PERCENT, definition="Overdue of open, at that day."),
        Column(name="customers", label="Customers overdue", kind=CellKind.COUNT),
        Column(name="over_90", label="Older than 90 days", kind=CellKind.MONEY, wide=True),
    )
    known = f"Figures are kept of {len(days)} month{'s' if len(days) != 1 else ''} so far, since {days[0].isoformat()}."
    return Answer(
        columns=columns,
        rows=listed(columns, rows, by=question.sort, descending=question.descending),
        noun="day",
        charts=(
            Chart(
                title="Overdue and open amount",
                category="day",
                series=("overdue_amount", "open_amount"),
                kind="lines",
                colours={"Overdue": "--age-3", "Open": "--bar"},
            ),
        ),
        words=field_words(question),
        notes=(f"{known} A day shows what was known then, with the customers and owners of today.",),
    )


def _days(as_of: date) -> list[date]:
    """The last kept day of each month, ascending, and the day itself."""
    kept = comparable_days().filter(as_of__lte=as_of).order_by("as_of").values_list("as_of", flat=True)
    last = {(day.year, day.month): day for day in kept}
    last[as_of.year, as_of.month] = as_of
    return sorted(last.values())[-MONTHS:]


def _sums(question: Question, days: Sequence[date]) -> Sequence[dict[str, object]]:
    rollups = question.seen(CustomerRollup.objects.filter(as_of__in=days, customer__gone_at=None))
    sums = narrowed(rollups, question.values["field"]).order_by().values("as_of")
    rows: Any = sums.annotate(
        overdue=Sum("overdue_amount"),
        open=Sum("open_amount"),
        over_90=Sum("aging_over_90"),
        customers=Count("pk", filter=Q(overdue_count__gt=0)),
    )
    return list(rows)


def _row(day: date, sums: dict[str, object]) -> Row:
    overdue, whole = Decimal(str(sums.get("overdue") or 0)), Decimal(str(sums.get("open") or 0))
    share = (overdue * 100 / whole).quantize(Decimal("0.1")) if whole > 0 else None
    over_90 = Decimal(str(sums.get("over_90") or 0))
    return Row((day, overdue, whole, share, int(str(sums.get("customers") or 0)), over_90), {})


REPORT = Report(
    name="overdue-trend",
    title="Overdue trend",
    description="What was overdue at the end of each month.",
    group="Receivables",
    answer=answer,
    parameters=(ACCOUNT_FIELD,),
    sort="day",
    rests_on=frozenset({"overdue_amount", "open_amount", "aging_over_90", "overdue_count"}),
    position=33,
)
