"""Conditions carried over from a row to the rows that are related to it."""

from typing import Any, cast

from django.db.models import Q


def through(relation: str, condition: Q) -> Q:
    """The condition on a related row instead of the row itself."""
    children: list[Any] = [
        through(relation, child) if isinstance(child, Q) else (f"{relation}__{child[0]}", child[1])
        for child in cast("list[Any]", condition.children)
    ]
    return Q(*children, _connector=condition.connector, _negated=condition.negated)
