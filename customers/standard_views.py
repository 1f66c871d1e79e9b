"""Questions about customers that people ask every week, as named conditions on the current rollups."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, Q

QUIET_DAYS = 90
SLOWING_SHARE = Decimal("0.8")


@dataclass(frozen=True)
class View:
    """A named condition on CustomerRollup at a day; `explanation` says it in words, `measures` are what it
    rests on.
    """

    name: str
    label: str
    explanation: str
    condition: Callable[[date], Q]
    measures: frozenset[str] = frozenset()

    def may_show(self, hidden: frozenset[str]) -> bool:
        """Whether the view gives no hidden figure away."""
        return not self.measures & hidden


OVERDUE = View(
    "overdue",
    "Overdue",
    "Something is overdue.",
    lambda _: Q(overdue_count__gt=0),
    frozenset({"overdue_count", "overdue_amount"}),
)
LONG_OVERDUE = View(
    "overdue-60",
    "Overdue 60+ days",
    "The oldest overdue item is more than 60 days late.",
    lambda _: Q(oldest_overdue_days__gt=60),
    frozenset({"oldest_overdue_days"}),
)
SLOWING = View(
    "slowing",
    "Slowing down",
    "Revenue this year is below 80% of the same days last year.",
    lambda _: Q(revenue_ytd_prior__gt=0, revenue_ytd__lt=F("revenue_ytd_prior") * SLOWING_SHARE),
    frozenset({"revenue_ytd", "revenue_ytd_prior"}),
)
QUIET = View(
    "quiet",
    f"No order in {QUIET_DAYS} days",
    f"The last order is more than {QUIET_DAYS} days old.",
    lambda as_of: Q(last_order_on__lt=as_of - timedelta(days=QUIET_DAYS)),
    frozenset({"last_order_on"}),
)
LATE = View(
    "late",
    "Late orders",
    "An open order is past its promised date.",
    lambda _: Q(late_orders_count__gt=0),
    frozenset({"late_orders_count"}),
)
PROSPECTS = View(
    "prospects",
    "Not yet customers",
    "A Salesforce account without a customer in the ERP: a suspect or a prospect.",
    lambda _: Q(customer__is_prospect=True),
)
UNLINKED = View(
    "unlinked",
    "Not linked",
    "A customer in the ERP that no Salesforce account names.",
    lambda _: Q(customer__account=None),
)

STANDARD_VIEWS = (OVERDUE, LONG_OVERDUE, SLOWING, QUIET, LATE, PROSPECTS, UNLINKED)
IN_SIDEBAR = (LONG_OVERDUE, SLOWING, QUIET)


def get_view(name: str) -> View | None:
    """The view of that name; None for an unknown or empty one."""
    return next((view for view in STANDARD_VIEWS if view.name == name), None)
