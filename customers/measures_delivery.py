"""Measures of delivering: how often in full and on time, and which lines are late."""

from datetime import date
from typing import Literal

from django.db.models import F

from customers import counted
from customers.calendar import Period
from customers.counted import Documents
from customers.measures_shape import Customers, Measure, Unit

LATE_WITHOUT_RATE = {
    "sum": "What has no rate to the reporting currency is among the rows and adds nothing.",
    "count": "Also lines of orders without a rate to the reporting currency, which are in no amount.",
}
DUE = "the promised day, or the requested one where nothing was promised"


def _delivered(customers: Customers, as_of: date, period: Period) -> Documents:
    return counted.each_once(counted.delivered(customers, as_of, period))


def _in_time(customers: Customers, as_of: date, period: Period) -> Documents:
    found = counted.delivered(customers, as_of, period).filter(fully_delivered_on__lte=F("due"))
    return counted.each_once(found)


def _late_lines(customers: Customers, as_of: date, _period: Period) -> Documents:
    return counted.late_lines(customers, as_of)


def _delivery_count(name: str, label: str, period: str, words: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=Unit.COUNT,
        kind="count",
        definition=f"Orders delivered whole in {words} that were due on {DUE}. Orders closed short are left out.",
        document_kind="order",
        rows=_delivered,
        period_name=period,
    )


def _otif_count(name: str, label: str, period: str, words: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=Unit.COUNT,
        kind="count",
        definition=f"Orders delivered whole in {words} whose last delivery left by {DUE}.",
        document_kind="order",
        better="up",
        rows=_in_time,
        period_name=period,
    )


def _otif(name: str, label: str, parts: tuple[str, str], words: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=Unit.PERCENT,
        kind="ratio",
        definition=f"Of the orders delivered whole in {words}, how many were complete by {DUE}.",
        better="up",
        numerator=parts[0],
        denominator=parts[1],
        factor=100,
        places=1,
    )


def _late_measure(name: str, label: str, unit: Unit, kind: Literal["sum", "count"], words: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=unit,
        kind=kind,
        definition=f"{words} past the day promised for the line, or else for its order. {LATE_WITHOUT_RATE[kind]}",
        counted_as="late_lines_count" if kind == "sum" else "",
        document_kind="order_line",
        better="down",
        rows=_late_lines if kind == "sum" else lambda *scope: counted.each_once(_late_lines(*scope)),
    )


THIS, BEFORE = "the 12 months up to the day", "the 12 months before those"
ON_TIME = (
    _delivery_count("delivered_orders_12m", "Orders delivered, 12 months", "last_12_months", THIS),
    _otif_count("otif_count_12m", "On time in full, 12 months", "last_12_months", THIS),
    _otif("otif", "On time in full", ("otif_count_12m", "delivered_orders_12m"), THIS),
    _delivery_count("delivered_orders_prior_12m", "Orders delivered, 12 months before", "prior_12_months", BEFORE),
    _otif_count("otif_count_prior_12m", "On time in full, 12 months before (orders)", "prior_12_months", BEFORE),
    _otif(
        "otif_prior",
        "On time in full, 12 months before",
        ("otif_count_prior_12m", "delivered_orders_prior_12m"),
        BEFORE,
    ),
)
LATE_LINES = (
    _late_measure(
        "late_lines_amount", "Late lines", Unit.MONEY, "sum", "Undelivered part of the net amount of lines of goods"
    ),
    _late_measure(
        "late_lines_count", "Number of late lines", Unit.COUNT, "count", "Lines of goods with something to deliver"
    ),
)
