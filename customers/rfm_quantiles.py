"""Scales that share customers out equally: computed once from a day's figures, kept as numbers from then on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Expression

from customers.rfm import at_day, expressions
from customers.rfm_scales import CLASSES, LABELS, Scales

# Customers with the same value may lie across the border of two scores. They get the same one: which?
TIES: Mapping[str, str] = {
    "middle": "The score of the middle one of them",
    "lower": "The score of the lowest one of them",
    "higher": "The score of the highest one of them",
}
MIDDLE = "middle"


class NothingToShareOut(LookupError):
    """No customer has an order; the message says what to do."""


def equal_shares(day: date, settings: Scales, ties: str = MIDDLE) -> Scales:
    """Scales by which each score holds a fifth of the customers with an order at a day, as far as equal values allow:
    they always score the same. Which orders and revenue count, and who is new, is taken from `settings`. Raises
    NothingToShareOut where nobody has an order.
    """
    told = expressions(settings)
    recency = shared_out([(-days, count) for days, count in reversed(_counted(day, told["days"]))], ties)
    if not recency:
        raise NothingToShareOut(
            "No customer has an order, so there is nothing to share out. Set the numbers by hand, or wait for orders."
        )
    monetary = shared_out([(_cents(amount), count) for amount, count in _counted(day, told["amount"])], ties)
    return replace(
        settings,
        recency=tuple(None if days is None else -days for days in recency),
        frequency=shared_out(_counted(day, told["orders"]), ties),
        monetary=monetary or (None,) * len(CLASSES),
    ).checked()


def shared_out(counted: Iterable[tuple[Any, int]], ties: str = MIDDLE) -> tuple[Any, ...]:
    """Where the scores 2 to 5 begin, from values in ascending order with the number of customers that have each; None
    for a score that nobody reaches, nothing at all without customers. Of n customers the i-th one from below is in
    fifth 5 (i - 1/2) / n, counted from 0 and rounded down; of those with the same value one stands for all.
    """
    counted = list(counted)
    everybody = sum(count for _value, count in counted)
    limits: dict[int, Any] = {}
    below = 0
    for value, count in counted:
        # Twice the place, so that it is a whole number.
        place = {"middle": 2 * below + count, "lower": 2 * below + 1, "higher": 2 * (below + count) - 1}[ties]
        for reached in range(2, 5 * place // (2 * everybody) + 2):
            limits.setdefault(reached, value)
        below += count
    return tuple(limits.get(score) for score in CLASSES) if counted else ()


def _counted(day: date, value: Expression) -> list[tuple[Any, int]]:
    """Each value of the customers with an order at a day, ascending, with their number."""
    ordered: Any = at_day(day).filter(last_order_on__isnull=False).order_by()
    rows = ordered.annotate(shared=value).exclude(shared=None).values_list("shared")
    return list(rows.annotate(customers=Count("pk")).order_by("shared"))


def _cents(amount: Decimal) -> Decimal:
    """A border in whole cents, never above the amount that it was taken from."""
    cents = amount.quantize(Decimal("0.01"), rounding="ROUND_FLOOR")
    return Decimal(int(cents)) if cents == cents.to_integral_value() else cents


def same_for_all(day: date, scales: Scales) -> tuple[str, ...]:
    """A sentence for each scale by which all customers with an order score the same at a day."""
    told = expressions(scales)
    ordered = at_day(day).filter(last_order_on__isnull=False).order_by()
    sentences = []
    for name, label in LABELS.items():
        scores = list(ordered.values_list(told[name[0]], flat=True).distinct()[:2])
        if len(scores) == 1:
            sentences.append(f"{label} tells nobody apart: every customer with an order scores {scores[0]}.")
    return tuple(sentences)
