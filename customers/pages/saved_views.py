"""Questions about customers that people ask every week, as named conditions on the current rollups."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q

from customers.access import User, hidden_columns, visible
from customers.models import CustomerRollup

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
    "Prospects",
    "A Salesforce account without a customer in the ERP.",
    lambda _: Q(customer__is_prospect=True),
)
UNLINKED = View(
    "unlinked",
    "Not linked",
    "A customer in the ERP that no Salesforce account names.",
    lambda _: Q(customer__account=None),
)

CHIPS = (OVERDUE, LONG_OVERDUE, SLOWING, QUIET, LATE, PROSPECTS, UNLINKED)
SAVED_VIEWS = (LONG_OVERDUE, SLOWING, QUIET)


def get_view(name: str, hidden: frozenset[str] = frozenset()) -> View | None:
    """The view of that name; None for an unknown or empty one, and for one that would give a hidden figure away."""
    return next((view for view in CHIPS if view.name == name and view.may_show(hidden)), None)


def count_views(user: User, as_of: date, views: tuple[View, ...] = SAVED_VIEWS) -> dict[str, int]:
    """How many customers that the user may see each view holds, in one query; without views of hidden figures."""
    hidden = hidden_columns(user)
    views = tuple(view for view in views if view.may_show(hidden))
    rollups = visible(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None), user)
    counts = {view.name.replace("-", "_"): Count("pk", filter=view.condition(as_of)) for view in views}
    found = rollups.aggregate(**counts)
    return {view.name: found[view.name.replace("-", "_")] for view in views}
