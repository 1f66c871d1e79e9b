"""COUNT, SUM, AVG, MIN, MAX and GROUP BY."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..access import Caller
from ..errors import ApiError
from ..fields import NUMBER_TYPES, Record
from ..org import Org
from ..values import for_json
from .binding import Binder
from .execution import sort_key
from .plan import Column, Plan
from .syntax import Aggregate, Order, Query, Selected

Show = Callable[[list[Record]], Any]


def group(org: Org, caller: Caller, plan: Plan, rows: list[Record]) -> list[dict[str, Any]]:
    """AggregateResult rows: one per group, or a single one without GROUP BY."""
    query = plan.query
    binder = Binder(org, caller, query, plan.sobject)
    keys = [binder.usable(name, "grouped") for name in query.group_by]
    groups: dict[tuple[Any, ...], list[Record]] = {} if keys else {(): rows}
    if keys:
        for row in rows:
            groups.setdefault(tuple(column.get(row) for column in keys), []).append(row)
    outputs = _outputs(query, binder, {column.header for column in keys})
    ordered = _ordered(list(groups.values()), query.order_by, binder)[query.offset :]
    if query.limit is not None:
        ordered = ordered[: query.limit]
    return [
        {"attributes": {"type": "AggregateResult"}, **{name: show(members) for name, show in outputs}}
        for members in ordered
    ]


def _outputs(query: Query, binder: Binder, grouped: set[str]) -> list[tuple[str, Show]]:
    outputs: list[tuple[str, Show]] = []
    for each in query.select:
        if isinstance(each, Query):
            raise ApiError(400, "MALFORMED_QUERY", "A grouped query can not have a subquery")
        if isinstance(each, Selected):
            column = binder.column(each.name)
            if column.header not in grouped:
                raise ApiError(
                    400, "MALFORMED_QUERY", f"Field must be grouped or aggregated: {each.name.text}", [each.name.text]
                )
            outputs.append((each.alias or column.path[-1], _first(column)))
        else:
            unnamed = sum(1 for name, _ in outputs if name.startswith("expr"))
            outputs.append((each.alias or f"expr{unnamed}", computed(each, binder)))
    return outputs


def _first(column: Column) -> Show:
    return lambda members: for_json(column.field, column.get(members[0]))


def computed(aggregate: Aggregate, binder: Binder) -> Show:
    """The function that an aggregate applies to the rows of a group; null values never take part."""
    if aggregate.name is None:
        return len
    column = binder.usable(aggregate.name, "aggregated")
    if aggregate.function in {"SUM", "AVG"} and column.field.type not in NUMBER_TYPES | {"int"}:
        raise ApiError(
            400,
            "MALFORMED_QUERY",
            f"field {aggregate.name.text} does not support aggregate operator {aggregate.function}",
        )

    def compute(members: list[Record]) -> Any:
        values = [value for value in map(column.get, members) if value is not None]
        if aggregate.function == "COUNT":
            return len(values)
        if aggregate.function == "COUNT_DISTINCT":
            return len(set(map(sort_key, values)))
        if not values:
            return None
        if aggregate.function in {"SUM", "AVG"}:
            total = sum((Decimal(value) for value in values), Decimal(0))
            return total if aggregate.function == "SUM" else total / len(values)
        best = (min if aggregate.function == "MIN" else max)(values, key=sort_key)
        return for_json(column.field, best)

    return compute


def _ordered(groups: list[list[Record]], orders: tuple[Order, ...], binder: Binder) -> list[list[Record]]:
    for order in reversed(orders):
        term = order.term
        value = computed(term, binder) if isinstance(term, Aggregate) else _first(binder.usable(term, "sorted"))
        known = sorted(
            (members for members in groups if value(members) is not None),
            key=lambda members, value=value: sort_key(value(members)),  # type: ignore[misc]
            reverse=order.descending,
        )
        unknown = [members for members in groups if value(members) is None]
        groups = [*known, *unknown] if order.nulls_last else [*unknown, *known]
    return groups
