"""Overdue and DSO at the ends of twelve months, from the figures stored on those days; a day without them is a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Max, Min, QuerySet, Sum
from django.db.models.functions import TruncMonth

from customers import formats
from customers.calendar import comparable_days
from customers.hidden import rests_on
from customers.measures import get_measure
from customers.models import CustomerRollup
from customers.pages.scope import Scope
from integration_hub.prepared import prepared

MONTHS = 12
WIDTH, HEIGHT, STEP = 600, 64, 50
BAR = 34


@dataclass(frozen=True)
class TrendMonth:
    """One month: the last day of it that figures are kept of, and those; None where no figures are kept."""

    month: date
    day: date | None
    overdue: Decimal | None
    dso: Decimal | None
    url: str


@dataclass(frozen=True)
class TrendBar:
    """One bar in a box of 600 by 64 units; months without a figure have a short mark on the base line instead."""

    x: str
    y: str
    height: str
    css: str
    title: str


@dataclass(frozen=True)
class ReceivableTrend:
    """Two small charts of the same months, their latest and highest values, and since when figures are kept."""

    months: tuple[TrendMonth, ...]
    overdue: tuple[TrendBar, ...]
    dso: tuple[TrendBar, ...]
    overdue_words: str
    dso_words: str
    kept_since: date | None
    known: int

    @property
    def no_dso(self) -> str:
        """What stands in place of a chart that would show nothing; empty where it shows something."""
        values = [one.dso for one in self.months]
        if any(values):
            return ""
        if any(value is not None for value in values):
            return "Zero at each of these month ends."
        return "Nothing was billed in the time that it looks at, so there is none."


@rests_on("overdue_amount", "dso")
def build_trend(scope: Scope) -> ReceivableTrend:
    """The month of the scope's day and the eleven before it; two queries, whatever the size of the group."""
    as_of = scope.figures.as_of
    first = as_of.replace(day=1) - relativedelta(months=MONTHS - 1)
    starts = [first + relativedelta(months=index) for index in range(MONTHS)]
    days = _kept_days(as_of)
    ends = {row.month: row.last for row in days if row.month >= first}
    stored = _stored(scope, frozenset(ends.values()))
    months = tuple(_month(scope, start, ends.get(start), stored) for start in starts)
    return ReceivableTrend(
        months=months,
        overdue=_bars([(one, one.overdue, formats.money(one.overdue, scope.currency, places=0)) for one in months]),
        dso=_bars([(one, one.dso, formats.days(one.dso)) for one in months]),
        overdue_words=formats.money_compact(months[-1].overdue, scope.currency),
        dso_words=formats.days(months[-1].dso),
        kept_since=min((row.first for row in days), default=None),
        known=sum(1 for one in months if one.overdue is not None),
    )


def _stored(scope: Scope, days: frozenset[date]) -> dict[date, tuple[Decimal, Decimal | None]]:
    """Overdue and DSO of all members together by day; DSO is divided anew from the added parts."""
    dso = get_measure("dso")
    return {day: (overdue, dso.ratio(above, below)) for day, overdue, above, below in _sums(scope.members, days)}


@prepared
def _kept_days(as_of: date) -> "QuerySet[Any, Any]":
    """By month the first and the last day that figures are kept of."""
    kept = comparable_days().filter(as_of__lte=as_of).annotate(month=TruncMonth("as_of")).values("month").order_by()
    sums = kept.annotate(first=Min("as_of"), last=Max("as_of"))
    return sums.values_list("month", "first", "last", named=True)


@prepared
def _sums(members: tuple[int, ...], days: frozenset[date]) -> "QuerySet[Any, Any]":
    dso = get_measure("dso")
    rows = CustomerRollup.objects.filter(customer__in=members, as_of__in=sorted(days)).order_by()
    return rows.values_list("as_of").annotate(
        overdue=Sum("overdue_amount"), above=Sum(dso.numerator), below=Sum(dso.denominator)
    )


def _month(
    scope: Scope, start: date, day: date | None, stored: dict[date, tuple[Decimal, Decimal | None]]
) -> TrendMonth:
    overdue, dso = stored.get(day, (None, None)) if day else (None, None)
    url = scope.changed(as_of=day) if day and overdue is not None else ""
    return TrendMonth(start, day, overdue, dso, url)


def _bars(values: Sequence[tuple[TrendMonth, Decimal | None, str]]) -> tuple[TrendBar, ...]:
    highest = max((value for _, value, _ in values if value is not None), default=Decimal(0))
    bars = []
    for index, (month, value, words) in enumerate(values):
        share = value / highest if value is not None and highest > 0 else Decimal(0)
        height = max((share * (HEIGHT - 4)).quantize(Decimal("0.1")), Decimal(2))
        title = f"{formats.day(month.day)}: {words}" if value is not None else f"{formats.month(month.month)}: unknown"
        css = "gap" if value is None else ("cur now" if index == len(values) - 1 else "cur")
        bars.append(TrendBar(str(index * STEP + (STEP - BAR) // 2), str(HEIGHT - height), str(height), css, title))
    return tuple(bars)
