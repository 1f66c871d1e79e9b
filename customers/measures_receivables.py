"""Measures of getting paid: open and overdue amounts, aging, credits, days to pay, DSO."""

from datetime import date

from django.db.models import ExpressionWrapper, F

from customers import counted
from customers import counted_receivables as receivables
from customers.calendar import Period
from customers.counted import NUMBER, Documents
from customers.measures_shape import Customers, Measure, Unit

AT_RATE = "An item in another currency counts at the rate of its invoice."


def _bucket(name: str, label: str, first: int, last: int | None) -> Measure:
    words = f"{first} to {last} days" if last else f"more than {first - 1} days"
    return Measure(
        name=name,
        label=label,
        unit=Unit.MONEY,
        kind="sum",
        definition=f"Open items {words} past their due date at the day.",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: receivables.late_between(customers, as_of, first, last),
    )


def _weighted(customers: Customers, _as_of: date, period: Period) -> Documents:
    weighted = ExpressionWrapper(F("paid") * F("days"), output_field=NUMBER)
    return counted.annotated(receivables.payments(customers, period), counted=weighted)


def _paid(customers: Customers, _as_of: date, period: Period) -> Documents:
    return counted.annotated(receivables.payments(customers, period), counted=F("paid"))


OPEN = (
    Measure(
        name="open_amount",
        label="Open amount",
        unit=Unit.MONEY,
        kind="sum",
        definition=f"What is still to be paid of items issued by the day, instalment by instalment, with tax. {AT_RATE}"
        " Credits stand beside.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.open_items(customers, as_of),
    ),
    Measure(
        name="credits_amount",
        label="Open credits",
        unit=Unit.MONEY,
        kind="sum",
        definition="Credit notes and overpayments not yet set off at the day; negative. In no other figure.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.open_credits(customers, as_of),
    ),
    Measure(
        name="overdue_amount",
        label="Overdue",
        unit=Unit.MONEY,
        kind="sum",
        definition="Open items due before the day; an item due on the day itself is not overdue. Credits stand beside.",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: receivables.overdue(customers, as_of),
    ),
    Measure(
        name="overdue_count",
        label="Overdue items",
        unit=Unit.COUNT,
        kind="count",
        definition="Number of open items due before the day; each instalment is one.",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: counted.each_once(receivables.overdue(customers, as_of)),
    ),
    Measure(
        name="oldest_overdue_days",
        label="Oldest overdue",
        unit=Unit.DAYS,
        kind="max",
        definition="Days from the earliest due date among the overdue items to the day.",
        document_kind="open_item",
        better="down",
        rows=lambda customers, as_of, _period: receivables.by_days_late(receivables.overdue(customers, as_of)),
    ),
)

AGING = (
    Measure(
        name="aging_not_due",
        label="Not due",
        unit=Unit.MONEY,
        kind="sum",
        definition="Open items due on the day or later.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.not_due(customers, as_of),
    ),
    _bucket("aging_1_30", "1 to 30 days", 1, 30),
    _bucket("aging_31_60", "31 to 60 days", 31, 60),
    _bucket("aging_61_90", "61 to 90 days", 61, 90),
    _bucket("aging_over_90", "Over 90 days", 91, None),
    Measure(
        name="aging_no_due_date",
        label="No due date",
        unit=Unit.MONEY,
        kind="sum",
        definition="Open items to which nobody gave a due date: open, but never overdue.",
        document_kind="open_item",
        rows=lambda customers, as_of, _period: receivables.without_due_date(customers, as_of),
    ),
)

PAYING = (
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
        rows=_weighted,
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
