"""Measures of getting paid: payments not allocated, days to pay, days late, DSO."""

from datetime import date

from django.db.models import F

from customers import counted
from customers import counted_payments as payments
from customers.calendar import Period
from customers.counted import Documents
from customers.measures_receivables import AT_RATE
from customers.measures_shape import Customers, Measure, Unit


def _paid(customers: Customers, _as_of: date, period: Period) -> Documents:
    return counted.annotated(payments.paid_since_issue(customers, period), counted=F("paid"))


def _paid_due(customers: Customers, _as_of: date, period: Period) -> Documents:
    return counted.annotated(payments.paid_since_due(customers, period), counted=F("paid"))


PAYING = (
    Measure(
        name="unallocated_amount",
        label="Payments not allocated",
        unit=Unit.MONEY,
        kind="sum",
        definition="What was paid up to the day but settled no item then, at the rate of the day it was paid. In no "
        "other figure.",
        document_kind="payment",
        rows=lambda customers, as_of, _period: payments.unallocated(customers, as_of),
    ),
    Measure(
        name="paid_amount_12m",
        label="Paid, 12 months",
        unit=Unit.MONEY,
        kind="sum",
        definition=f"Payments set off against items in the 12 months up to the day. {AT_RATE}",
        document_kind="allocation",
        rows=_paid,
        period_name="last_12_months",
    ),
    Measure(
        name="paid_days_weighted_12m",
        label="Paid amount times days, 12 months",
        unit=Unit.MONEY_DAYS,
        kind="sum",
        definition="Each payment of the 12 months up to the day times the days from issue of its item to the payment.",
        document_kind="allocation",
        rows=lambda customers, _as_of, period: payments.times(payments.paid_since_issue(customers, period), "days"),
        period_name="last_12_months",
    ),
    Measure(
        name="days_to_pay",
        label="Days to pay",
        unit=Unit.DAYS,
        kind="ratio",
        definition="Average days from issue of an item to its payment, weighted by amount; payments of 12 months.",
        better="down",
        numerator="paid_days_weighted_12m",
        denominator="paid_amount_12m",
        places=1,
    ),
    Measure(
        name="paid_due_amount_12m",
        label="Paid with a due date, 12 months",
        unit=Unit.MONEY,
        kind="sum",
        definition=f"Payments of the 12 months up to the day on items that have a due date. {AT_RATE}",
        document_kind="allocation",
        rows=_paid_due,
        period_name="last_12_months",
    ),
    Measure(
        name="late_days_weighted_12m",
        label="Paid amount times days late, 12 months",
        unit=Unit.MONEY_DAYS,
        kind="sum",
        definition="Each payment of the 12 months up to the day times the days from the due date of its item to the "
        "payment; negative where it came early.",
        document_kind="allocation",
        rows=lambda customers, _as_of, period: payments.times(payments.paid_since_due(customers, period), "days_late"),
        period_name="last_12_months",
    ),
    Measure(
        name="days_late_paid",
        label="Days late when paying",
        unit=Unit.DAYS,
        kind="ratio",
        definition="Average days from the due date of an item to its payment, weighted by amount; payments of 12 "
        "months. Negative when the customer pays early.",
        better="down",
        numerator="late_days_weighted_12m",
        denominator="paid_due_amount_12m",
        places=1,
    ),
    Measure(
        name="dso",
        label="DSO",
        unit=Unit.DAYS,
        kind="ratio",
        definition="Days sales outstanding: open amount divided by the revenue of 12 months, times 365. "
        "The open amount includes tax, revenue does not.",
        better="down",
        numerator="open_amount",
        denominator="revenue_12m",
        factor=365,
        places=1,
    ),
)
