"""Scores customers by recency, frequency and monetary value from the stored figures of a day: expressions over
CustomerRollup, and the same in Python for one rollup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db.models import Case, Expression, ExpressionWrapper, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.fields import CharField
from django.db.models.functions import Cast, NullIf
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from customers.models import CustomerRollup
from customers.parts import NUMBER
from customers.rfm_scales import CLASSES, Scales
from customers.rfm_segments import GRID, NEW, NO_ORDERS, SEGMENTS, segment_of

# What the scores are made of; whoever may not see one of these sees no RFM.
SCORED_BY = frozenset(
    {
        *("first_order_on", "last_order_on", "order_count", "order_count_12m", "order_parts_12m"),
        *("revenue_12m", "revenue_prior_12m"),
    }
)
# An average is per order that has an amount: revenue without a rate is in no sum either. Where a rule divides revenue,
# it divides orders alike.
PRICED = "order_parts_12m"
COUNTED_ORDERS = {"all": "order_count", "12m": "order_count_12m"}


@dataclass(frozen=True)
class Score:
    """One customer at one day. The three scores are None without an order; `days` since the last order, `orders` and
    `amount` are what they were given for, `amount` None where an average has nothing to divide by.
    """

    segment: str
    recency: int | None
    frequency: int | None
    monetary: int | None
    days: int | None
    orders: int
    amount: Decimal | None

    @property
    def digits(self) -> str:
        """ "545", or nothing without an order."""
        return f"{self.recency}{self.frequency}{self.monetary}" if self.recency else ""


def score_of(rollup: CustomerRollup, scales: Scales) -> Score:
    """The score of a rollup, also of one that is not stored, as `scored` has it."""
    orders, amount = getattr(rollup, COUNTED_ORDERS[scales.orders]), _amount_of(rollup, scales)
    if rollup.last_order_on is None or rollup.first_order_on is None:
        return Score(NO_ORDERS, None, None, None, None, orders, amount)
    days = (rollup.as_of - rollup.last_order_on).days
    recency = _reached([limit is not None and days <= limit for limit in scales.recency])
    frequency = _reached([limit is not None and orders >= limit for limit in scales.frequency])
    monetary = _reached([limit is not None and _amount_reached(rollup, scales, limit) for limit in scales.monetary])
    new = (rollup.as_of - rollup.first_order_on).days < scales.new_days
    return Score(
        NEW if new else segment_of(recency, frequency, monetary), recency, frequency, monetary, days, orders, amount
    )


def _amount_of(rollup: CustomerRollup, scales: Scales) -> Decimal | None:
    if scales.amount == "24m":
        return rollup.revenue_12m + rollup.revenue_prior_12m
    if scales.amount == "12m":
        return rollup.revenue_12m
    return rollup.revenue_12m / rollup.order_parts_12m if rollup.order_parts_12m else None


def _amount_reached(rollup: CustomerRollup, scales: Scales, limit: Decimal) -> bool:
    if scales.amount == "average":
        # Without a division, as the expression has it.
        return rollup.order_parts_12m > 0 and rollup.revenue_12m >= limit * rollup.order_parts_12m
    amount = _amount_of(rollup, scales)
    return amount is not None and amount >= limit


def _reached(fulfilled: Sequence[bool]) -> int:
    return max((score for score, true in zip(CLASSES, fulfilled, strict=True) if true), default=1)


def scored(
    rollups: QuerySet[CustomerRollup], scales: Scales, *, prefix: str = "rfm", relation: str = ""
) -> QuerySet[Any]:
    """Annotate each rollup with <prefix>_r, _f, _m (1 to 5, null without an order), _days, _orders, _amount, _segment
    and further `expressions`; with a relation those of the related rollup, null where there is none.
    """
    return rollups.annotate(
        **{f"{prefix}_{name}": expression for name, expression in expressions(scales, relation).items()}
    )


@lru_cache(maxsize=64)
def expressions(scales: Scales, relation: str = "") -> Mapping[str, Expression]:
    """By name what `scored` annotates, also `label`, the words of the segment, and `digits`: "545".

    Made once for the same scales, because each query copies what it takes: they are hundreds of objects.
    """
    row = _Row(scales, f"{relation}__" if relation else "")
    made = {
        "days": row.days(),
        "orders": row.orders(),
        "amount": row.amount(),
        "r": row.recency(),
        "f": row.frequency(),
        "m": row.monetary(),
        "segment": row.segment({name: name for name in SEGMENTS}),
        "label": row.segment({name: each.label for name, each in SEGMENTS.items()}),
        "digits": row.digits(),
    }
    return MappingProxyType(made)


class _Row:
    """The rollup that a row of the query stands for, or one related to it."""

    def __init__(self, scales: Scales, prefix: str) -> None:
        self.scales, self.prefix = scales, prefix

    def column(self, name: str) -> F:
        return F(f"{self.prefix}{name}")

    def since(self, name: str) -> Expression:
        """Days from a date to the day of the figures."""
        return Func(
            self.column("as_of"),
            self.column(name),
            template="(%(expressions)s)",
            arg_joiner=" - ",
            output_field=IntegerField(),
        )

    def days(self) -> Expression:
        return self.since("last_order_on")

    def orders(self) -> Expression:
        return ExpressionWrapper(self.column(COUNTED_ORDERS[self.scales.orders]), IntegerField())

    def amount(self) -> Expression:
        if self.scales.amount == "24m":
            return ExpressionWrapper(self.column("revenue_12m") + self.column("revenue_prior_12m"), NUMBER)
        if self.scales.amount == "12m":
            return ExpressionWrapper(self.column("revenue_12m"), NUMBER)
        orders = Cast(NullIf(self.column(PRICED), Value(0)), NUMBER)
        return ExpressionWrapper(self.column("revenue_12m") / orders, NUMBER)

    def recency(self) -> Expression:
        return self._case(
            [None if limit is None else LessThanOrEqual(self.days(), limit) for limit in self.scales.recency]
        )

    def frequency(self) -> Expression:
        return self._case(
            [None if limit is None else GreaterThanOrEqual(self.orders(), limit) for limit in self.scales.frequency]
        )

    def monetary(self) -> Expression:
        return self._case([None if limit is None else self._amount_reaches(limit) for limit in self.scales.monetary])

    def _amount_reaches(self, limit: Decimal) -> Any:
        if self.scales.amount != "average":
            return GreaterThanOrEqual(self.amount(), Value(limit, NUMBER))
        # Without a division, so that nothing is rounded and nothing divided by zero.
        needed = ExpressionWrapper(Cast(self.column(PRICED), NUMBER) * Value(limit, NUMBER), NUMBER)
        reached = GreaterThanOrEqual(ExpressionWrapper(self.column("revenue_12m"), NUMBER), needed)
        return Q(reached, **{f"{self.prefix}{PRICED}__gt": 0})

    def _case(self, conditions: Sequence[Any]) -> Expression:
        """The highest score whose condition holds, else 1; null without an order."""
        whens = [
            When(condition, then=Value(score))
            for score, condition in zip(CLASSES, conditions, strict=True)
            if condition
        ]
        none = When(**{f"{self.prefix}last_order_on__isnull": True}, then=Value(None))
        return Case(none, *reversed(whens), default=Value(1), output_field=IntegerField())

    def segment(self, words: Mapping[str, str]) -> Expression:
        """The segment, written by the words for its name."""
        cells = ",".join(f"'{words[name]}'" for row in GRID for name in row)
        value = (self.frequency() + self.monetary() + 1) / 2
        place = ExpressionWrapper((self.recency() - 1) * 5 + value, IntegerField())
        # One look into an array instead of 25 conditions, each of which would compute the three scores again.
        cell = Func(place, template=f"(array[{cells}])[%(expressions)s]", output_field=CharField())
        return Case(
            *([When(**{f"{self.prefix}pk__isnull": True}, then=Value(None))] if self.prefix else []),
            When(**{f"{self.prefix}last_order_on__isnull": True}, then=Value(words[NO_ORDERS])),
            When(Q(*[_less(self.since("first_order_on"), self.scales.new_days)]), then=Value(words[NEW])),
            default=cell,
            output_field=CharField(),
        )

    def digits(self) -> Expression:
        number = self.recency() * 100 + self.frequency() * 10 + self.monetary()
        return Cast(ExpressionWrapper(number, IntegerField()), CharField())


def _less(days: Expression, limit: int) -> Any:
    return LessThanOrEqual(days, limit - 1)


def label_of(segment: Expression | F) -> Expression:
    """The words of a segment by its name, null for null."""
    whens = [When(_Is(segment, Value(name)), then=Value(each.label)) for name, each in SEGMENTS.items()]
    return Case(*whens, default=Value(None), output_field=CharField())


class _Is(Func):
    """Equality of two expressions, as a condition."""

    template = "(%(expressions)s)"
    arg_joiner = " = "
    conditional = True


class Differ(_Is):
    """Whether two expressions have different values, each computed once."""

    arg_joiner = " is distinct from "


def at_day(day: date) -> QuerySet[CustomerRollup]:
    """The rollups of all live customers at a day."""
    return CustomerRollup.objects.filter(as_of=day, customer__gone_at=None)
