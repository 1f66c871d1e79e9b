"""How the overdue amount developed, from the figures kept of past days."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from customers.account_fields import narrowed
from customers.calendar import comparable_days
from customers.links_then import there
from customers.measures_shape import ratio_of
from customers.models import CustomerRollup, RollupDay
from reports.columns import CellKind, Column, Row
from reports.customer_rows import field_words
from reports.parameters import ACCOUNT_FIELD, written
from reports.rows import ListedRows, listed
from reports.shape import Answer, Chart, Question, Report, Table, list_url

MONTHS = 24
UNKNOWN = (None,) * 5


def answer(question: Question) -> Answer:
    """One row for the last kept day of each month, and the current day."""
    kept = _days(question.as_of)
    days = kept[-MONTHS:]
    found = {row["as_of"]: row for row in _sums(question, days)}
    packed = set(RollupDay.objects.filter(as_of__in=days, stored=False).values_list("as_of", flat=True))
    rows = [Row((day, *UNKNOWN), {"day": day}) if day in packed else _row(day, found.get(day, {})) for day in days]
    columns = _columns(question)
    known = f"Figures are kept of {len(kept)} month{'s' if len(kept) != 1 else ''} so far, since {kept[0].isoformat()}."
    if len(kept) > MONTHS:
        known += f" The last {MONTHS} are shown."
    if packed:
        known += " Where nothing is said of a day, its figures are packed: opening its list brings them back."
    return Answer(
        columns=columns,
        rows=listed(columns, rows, by=question.sort, descending=question.descending),
        row_url=lambda keys: _receivables(question, keys["day"]),
        noun="day",
        charts=(
            Chart(
                title="Overdue and open amount",
                category="day",
                series=("overdue_amount", "open_amount"),
                kind="lines",
                colours={"Overdue": "--age-3", "Open": "--bar"},
                table=_chronological(question, columns, rows),
            ),
        ),
        words=field_words(question),
        notes=(f"{known} A day shows what was known then, with the links of that day and the owners of today.",),
    )


def _columns(question: Question) -> tuple[Column, ...]:
    def owing(age: str = "", sort: str = "") -> Callable[[Row], str]:
        return lambda row: _receivables(question, row.keys["day"], age=age, sort=sort)

    return (
        Column(name="day", label="Day", kind=CellKind.DATE),
        Column(
            name="overdue_amount",
            label="Overdue",
            kind=CellKind.MONEY,
            url=owing("overdue", "overdue_amount"),
        ),
        Column(name="open_amount", label="Open", kind=CellKind.MONEY, url=owing()),
        Column(name="share", label="Overdue share", kind=CellKind.PERCENT, definition="Overdue of open, at that day."),
        Column(
            name="customers", label="Customers overdue", kind=CellKind.COUNT, url=owing("overdue", "overdue_amount")
        ),
        Column(
            name="over_90",
            label="Older than 90 days",
            kind=CellKind.MONEY,
            wide=True,
            url=owing("aging_over_90", "aging_over_90"),
        ),
    )


def _receivables(question: Question, day: date, **more: str) -> str:
    """The customers that owed at a day."""
    kept = "" if day == question.as_of else day.isoformat()
    return list_url("receivables", field=written(ACCOUNT_FIELD, question.values["field"]), day=kept, **more)


def _chronological(question: Question, columns: tuple[Column, ...], rows: Sequence[Row]) -> Table:
    """What the chart draws: time goes from left to right, whatever the order of the table."""
    return Table(
        columns=columns,
        rows=ListedRows(tuple(rows), columns),
        row_url=lambda keys: _receivables(question, keys["day"]),
    )


def _days(as_of: date) -> list[date]:
    """The last kept day of each month, ascending, and the day itself. A day that is packed stands for its month only
    where no other can.
    """
    kept = comparable_days().filter(as_of__lte=as_of).order_by("stored", "as_of").values_list("as_of", flat=True)
    last = {(day.year, day.month): day for day in kept}
    last[as_of.year, as_of.month] = as_of
    return sorted(last.values())


def _sums(question: Question, days: Sequence[date]) -> Sequence[dict[str, Any]]:
    rollups = question.seen(CustomerRollup.objects.filter(there(None), as_of__in=days))
    sums = narrowed(rollups, question.values["field"]).order_by().values("as_of")
    rows: Any = sums.annotate(
        overdue=Sum("overdue_amount"),
        open=Sum("open_amount"),
        over_90=Sum("aging_over_90"),
        customers=Count("pk", filter=Q(overdue_count__gt=0)),
    )
    return list(rows)


def _row(day: date, sums: dict[str, Any]) -> Row:
    overdue, whole = sums.get("overdue") or Decimal(0), sums.get("open") or Decimal(0)
    share = ratio_of(overdue, whole, 100, 1) if whole > 0 else None
    cells = (day, overdue, whole, share, sums.get("customers", 0), sums.get("over_90") or Decimal(0))
    return Row(cells, {"day": day})


REPORT = Report(
    name="overdue-trend",
    title="Overdue trend",
    description="What was overdue at the end of each month.",
    group="Receivables",
    answer=answer,
    parameters=(ACCOUNT_FIELD,),
    sort="day",
    rests_on=frozenset({"overdue_amount", "open_amount", "aging_over_90", "overdue_count"}),
    picture="lines",
    position=33,
)
