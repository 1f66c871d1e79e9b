"""An account and everything below it in the hierarchy of Salesforce, and their figures together."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, Sum
from django.db.models.aggregates import Aggregate

from customers.measures import MEASURES, Measure
from customers.models import Customer, CustomerRollup
from integration_hub import planned

# Columns of the rollup that are numbers of documents but no measure of their own.
COUNTS = (
    "not_converted_count",
    "invoice_count",
    "delivery_count",
    "listed_order_count",
    "payment_count",
    "left_out_count",
)
AGGREGATES: dict[str, type[Aggregate]] = {"sum": Sum, "count": Sum, "min": Min, "max": Max}
# `union` keeps each customer once, so that a circle of parents ends.
BELOW = """
with recursive below(id) as (
    select %s::bigint
    union
    select customer.id from customer join below on customer.parent_id = below.id where customer.gone_at is null
)
select id from below
"""


def below(customer: Customer) -> tuple[int, ...]:
    """The customer and all customers below it, each once."""
    return tuple(pk for (pk,) in planned.fetch(BELOW, [customer.pk]))


def figures_together(customer: Customer, members: Iterable[int], as_of: date) -> CustomerRollup | None:
    """The figures of several customers at a day as one unsaved rollup that bears the name of `customer`.

    Sums and counts are added, the earliest and the latest day are taken, ratios are divided anew from the added parts.
    None when no member has figures of that day.
    """
    rollups = CustomerRollup.objects.filter(customer__in=tuple(members), as_of=as_of)
    stored = [measure for measure in MEASURES.values() if measure.kind != "ratio"]
    columns: dict[str, Aggregate] = {one.column: AGGREGATES[one.kind](one.column) for one in stored}
    columns |= {name: Sum(name) for name in COUNTS}
    found = rollups.aggregate(at=Max("computed_at"), **{f"all_{name}": how for name, how in columns.items()})
    if found["at"] is None:
        return None
    values: dict[str, Any] = {name: found[f"all_{name}"] for name in columns}
    together = CustomerRollup(customer=customer, as_of=as_of, computed_at=found["at"], **values)
    for measure in MEASURES.values():
        if measure.kind == "ratio":
            setattr(together, measure.column, _ratio(measure, values))
    return together


def _ratio(measure: Measure, values: dict[str, Any]) -> Decimal | None:
    return measure.ratio(values[measure.numerator], values[measure.denominator])
