"""The one line above the figures that says how much is overdue, of the customer and of its whole group."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from customers import formats
from customers.access import User, visible
from customers.hidden import rests_on
from customers.hierarchy import below
from customers.models import CustomerRollup
from customers.pages.scope import Scope
from customers.pages.without_rate import overdue_words


@dataclass(frozen=True)
class OverdueBanner:
    """What is overdue in words; `group_words` is empty where the group adds nothing or is itself what is shown,
    `without_rate` where everything has a rate.
    """

    amount: Decimal
    count: int
    oldest: int | None
    url: str
    without_rate: str
    group_words: str
    group_url: str


@rests_on("overdue_amount", "overdue_count", "oldest_overdue_days")
def build_overdue_banner(scope: Scope, user: User) -> OverdueBanner | None:
    """The banner from the stored figures; None where neither the customer nor its group owes anything overdue."""
    rollup = scope.figures
    words = "" if scope.group or not scope.has_group else _group_words(scope, user)
    if not (rollup.overdue_amount or rollup.overdue_count or words):
        return None
    return OverdueBanner(
        amount=rollup.overdue_amount,
        count=rollup.overdue_count,
        oldest=rollup.oldest_overdue_days,
        url=scope.figure_url("overdue_amount"),
        without_rate=overdue_words(scope) if rollup.overdue_count else "",
        group_words=words,
        group_url=scope.changed(group=True),
    )


def _group_words(scope: Scope, user: User) -> str:
    """What the members owe together that the user may see, when that is more than the customer alone."""
    rollups = visible(CustomerRollup.objects.all(), user).filter(
        customer__in=below(scope.customer), customer__gone_at=None, as_of=scope.figures.as_of
    )
    found = rollups.aggregate(amount=Sum("overdue_amount"), count=Sum("overdue_count"))
    amount, count = found["amount"] or Decimal(0), found["count"] or 0
    if amount <= scope.figures.overdue_amount and count <= scope.figures.overdue_count:
        return ""
    worth = f"{formats.money(amount, scope.currency, places=0)} on " if amount else ""
    return f"{worth}{formats.plural(count, 'item')} in the whole group"
