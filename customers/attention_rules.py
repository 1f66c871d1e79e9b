"""When a customer needs its account manager: rules on the stored figures, and the money behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Case, DecimalField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

# Also the model of the figures stores what these rules say, so nothing of customers.models is read here.
NUMBER: "DecimalField[Decimal, Decimal]" = DecimalField(max_digits=40, decimal_places=20)
# From here a new order may not go through: a warning before the limit itself.
CREDIT_WARNING = Decimal("0.9")


@dataclass(frozen=True)
class Rule:
    """Why a customer needs attention. `money` is the stored figure that is at stake, `measure` the page with its rows;
    `explanation` says the rule in words; the figures it `rests_on`, and the money, must not be hidden from the reader.
    """

    name: str
    label: str
    money: str
    counts: str
    explanation: str
    condition: Q
    rests_on: frozenset[str]

    @property
    def at_stake(self) -> Case:
        """The money where the rule holds, nothing where it is below zero or the rule does not hold."""
        return Case(
            When(self.condition, then=Greatest(F(self.money), Value(Decimal(0)), output_field=NUMBER)),
            default=Value(Decimal(0)),
            output_field=NUMBER,
        )


RULES = (
    Rule(
        "overdue",
        "Newly overdue",
        "aging_1_30",
        "Newly overdue",
        "Something fell due in the last 30 days and is not paid.",
        Q(aging_1_30__gt=0),
        frozenset({"aging_1_30", "overdue_amount"}),
    ),
    Rule(
        "late",
        "Delivery late",
        "late_orders_amount",
        "To deliver",
        "An open order is past its promised day, or the requested one where nothing was promised.",
        Q(late_orders_count__gt=0),
        frozenset({"late_orders_count", "late_orders_amount", "open_orders_amount"}),
    ),
    Rule(
        "quiet",
        "Quiet",
        "revenue_12m",
        "Revenue, 12 months",
        "No order for more than twice the customer’s usual gap between orders, and more than 14 days beyond it. The"
        " usual gap is the median of 24 months with at least three days of ordering.",
        Q(quiet_since__isnull=False),
        frozenset({"last_order_on", "revenue_12m"}),
    ),
    Rule(
        "credit",
        "Credit limit",
        "open_amount",
        "Open amount",
        "More than 90% of the ERP’s credit limit is used by open items in its currency. A customer with open items in"
        " another currency is left out: two currencies are not added.",
        Q(credit_used__gt=CREDIT_WARNING),
        frozenset({"credit_limit", "open_amount"}),
    ),
    Rule(
        "blocked",
        "Blocked",
        "open_orders_amount",
        "Open orders",
        "The ERP has blocked the customer.",
        Q(blocked_count__gt=0),
        frozenset({"open_orders_amount"}),
    ),
)


def rules_for(hidden: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that give no hidden figure away."""
    return tuple(rule for rule in RULES if not rule.rests_on & hidden)


def any_of(rules: Sequence[Rule]) -> Q:
    """Customers that one of the rules holds for; none where there is no rule."""
    return reduce(or_, (rule.condition for rule in rules)) if rules else Q(pk__in=[])


def greatest_stake(rules: Sequence[Rule]) -> Combinable:
    """The most money that any of the rules sees at stake, at least nothing."""
    nothing = Value(Decimal(0), output_field=NUMBER)
    return Greatest(nothing, *(rule.at_stake for rule in rules), output_field=NUMBER) if rules else nothing


def stored_stake() -> Case:
    """That of all rules, as the figures keep it: null where no rule holds."""
    return Case(When(any_of(RULES), then=greatest_stake(RULES)), default=None, output_field=NUMBER)


def get_rule(name: str, hidden: frozenset[str]) -> Rule | None:
    """The rule of that name; None for an unknown or empty one, and for one that would give a hidden figure away."""
    return next((rule for rule in rules_for(hidden) if rule.name == name), None)
