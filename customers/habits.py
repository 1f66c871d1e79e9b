"""How a customer orders and pays, in words: rules over its figures of one day, for reports and for Salesforce."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.db.models import DateField, Expression, ExpressionWrapper, F, Q

from customers.segments import Rules, case_of

LAPSED_AFTER_DAYS, DROP_PERCENT = 365, Decimal(30)
LATE_FROM_DAYS, VERY_LATE_FROM_DAYS = 1, 30
ORDERING: Mapping[str, str] = {
    "lapsed": "Lapsed",
    "quiet": "At risk: quiet",
    "less": "At risk: buys less",
    "active": "Active",
    "never": "Never ordered",
}
PAYING: Mapping[str, str] = {
    "on_time": "On time",
    "late": "Late",
    "very_late": "Very late",
    "unknown": "Nothing paid in 12 months",
}


def ordering_rules(lapsed_after: int = LAPSED_AFTER_DAYS, drop: Decimal = DROP_PERCENT) -> Rules:
    """Lapsed: no order for more than so many days. Quiet: beyond its own rhythm. Buys less: revenue of 12 months down
    by `drop` percent or more. All over a CustomerRollup and its day.
    """
    limit = ExpressionWrapper(F("as_of") - timedelta(days=lapsed_after), output_field=DateField())
    return (
        (Q(last_order_on=None), "never"),
        (Q(last_order_on__lt=limit), "lapsed"),
        (Q(quiet_since__isnull=False, quiet_since__lte=F("as_of")), "quiet"),
        (Q(revenue_prior_12m__gt=0, revenue_12m__lte=F("revenue_prior_12m") * (1 - drop / 100)), "less"),
        (None, "active"),
    )


def paying_rules(late: int = LATE_FROM_DAYS, very_late: int = VERY_LATE_FROM_DAYS) -> Rules:
    """By the average number of days after the due date, weighted by amount; unknown where nothing was paid."""
    return (
        (Q(days_late_paid=None), "unknown"),
        (Q(days_late_paid__gte=very_late), "very_late"),
        (Q(days_late_paid__gte=late), "late"),
        (None, "on_time"),
    )


def ordering_words() -> Expression:
    """The words of how a rollup's customer orders, at the usual limits."""
    return case_of(ordering_rules(), ORDERING)


def paying_words() -> Expression:
    """The words of how a rollup's customer pays, at the usual limits."""
    return case_of(paying_rules(), PAYING)
