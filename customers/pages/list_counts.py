"""How many customers a list holds, what their figures are together, and how many of them each standard view keeps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum
from django.http import QueryDict

from customers.access import User, scope, visible
from customers.models import CustomerRollup, RollupDay
from customers.pages.list_columns import Column
from customers.pages.list_filters import Filters
from customers.standard_views import STANDARD_VIEWS
from customers.totals import visible_sums

KEPT_SECONDS = 900
Counted = TypeVar("Counted")


def found_totals(
    user: User,
    as_of: date,
    found: QuerySet[CustomerRollup],
    query: QueryDict,
    columns: list[Column],
    counts: Mapping[str, int] | None,
) -> tuple[int, Mapping[str, Decimal]]:
    """Number and sums of everything found: the stored ones where `counts` is given, as nothing is filtered, else added
    once for each state of the figures.
    """
    if counts is not None:
        return counts.get("", 0), visible_sums(user, as_of)
    names = [column.name for column in columns]

    def added() -> tuple[int, Mapping[str, Decimal]]:
        sums = found.aggregate(customers=Count("pk"), **{name: Sum(name) for name in names})
        return sums.pop("customers"), {name: Decimal(value or 0) for name, value in sums.items()}

    return _kept(f"totals {names}", user, as_of, _without(query, "sort", "columns"), added)


def view_counts(
    user: User, as_of: date, filters: Filters, query: QueryDict, counts: Mapping[str, int]
) -> Mapping[str, int]:
    """How many customers each standard view holds of those that the other filters leave, by its name: the stored
    `counts` where there is no other filter, else counted once for each state of the figures.
    """
    if filters.only_view:
        return counts

    def counted() -> Mapping[str, int]:
        every = visible(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None), user)
        left = every.filter(replace(filters, view=None).condition(as_of))
        each = {f"view_{index}": Count("pk", filter=view.condition(as_of)) for index, view in enumerate(STANDARD_VIEWS)}
        found = left.aggregate(**each)
        return {view.name: found[f"view_{index}"] for index, view in enumerate(STANDARD_VIEWS)}

    return _kept("views", user, as_of, _without(query, "sort", "columns", "view"), counted)


def _kept(what: str, user: User, as_of: date, query: QueryDict, count: Callable[[], Counted]) -> Counted:
    """What is counted over the customers of a query, for one state of the figures and what the user may see of them."""
    completed = RollupDay.objects.filter(as_of=as_of).values_list("completed_at", flat=True).first()
    asked = sha256(f"{what} {completed} {scope(user)} {query.urlencode()}".encode()).hexdigest()
    key = f"list-totals:{asked}"
    kept: Counted | None = cache.get(key)
    if kept is None:
        kept = count()
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _without(query: QueryDict, *names: str) -> QueryDict:
    """However they are sorted, and whichever columns beside the sums are shown, they are the same customers."""
    narrowed = query.copy()
    for name in names:
        narrowed.pop(name, None)
    return narrowed
