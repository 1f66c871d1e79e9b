"""When a customer needs its account manager: rules on the stored figures, and the money behind each."""

from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Case, F, Q, Value, When

from customers.counted import NUMBER

# From here a new order may not go through: a warning before the limit itself.
CREDIT_WARNING = Decimal("0.9")


@dataclass(frozen=True)
class Rule:
    """Why a customer needs attention. `money` is the stored figure that is at stake, `measure` the page with its rows;
    `explanation` says the rule in words.
    """

    name: str
    label: str
    money: str
    counts: str
    explanation: str
    condition: Q

    @property
    def at_stake(self) -> Case:
        """The money where the rule holds, else nothing."""
        return Case(When(self.condition, then=F(self.money)), default=Value(Decimal(0)), output_field=NUMBER)


RULES = (
    Rule(
        "overdue",
        "Newly overdue",
        "aging_1_30",
        "Newly overdue",
        "Something fell due in the last 30 days and is not paid.",
        Q(aging_1_30__gt=0),
    ),
    Rule(
        "late",
        "Delivery late",
        "late_orders_amount",
        "To deliver",
        "An open order is past its promised day, or the requested one where nothing was promised.",
        Q(late_orders_count__gt=0),
    ),
    Rule(
        "quiet",
        "Quiet",
        "revenue_12m",
        "Revenue, 12 months",
        "No order for more than twice the customer’s usual gap between orders, and more than 14 days beyond it. The"
        " usual gap is the median of 24 months with at least three days of ordering.",
        Q(quiet_since__isnull=False),
    ),
    Rule(
        "credit",
        "Credit limit",
        "open_amount",
        "Open amount",
        "More than 90% of the ERP’s credit limit is used by open items in its currency. A customer with open items in"
        " another currency is left out: two currencies are not added.",
        Q(credit_used__gt=CREDIT_WARNING),
    ),
    Rule(
        "blocked",
        "Blocked",
        "open_orders_amount",
        "Open orders",
        "The ERP has blocked the customer.",
        Q(blocked_count__gt=0),
    ),
)
ANY = reduce(or_, (rule.condition for rule in RULES))


def get_rule(name: str) -> Rule | None:
    """The rule of that name; None for an unknown or empty one."""
    return next((rule for rule in RULES if rule.name == name), None)
