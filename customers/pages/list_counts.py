"""How many customers a list holds, what their figures are together, and how many of them each standard view keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict

from customers.access import User, scope, visible
from customers.models import CustomerRollup, RollupDay
from customers.pages.list_columns import Column
from customers.pages.list_filters import Filters
from customers.standard_views import STANDARD_VIEWS
from customers.totals import visible_sums
from integration_hub.one_request import once

KEPT_SECONDS = 900
Counted = TypeVar("Counted")


@dataclass(frozen=True)
class Numbers:
    """Over all customers found: how many, and their sums by measure. `views` is how many each standard view holds, by
    its name, of those that the other filters leave: what a view opens beside them.
    """

    customers: int
    sums: Mapping[str, Decimal]
    views: Mapping[str, int]


def count_list(
    user: User, as_of: date, filters: Filters, query: QueryDict, columns: Sequence[Column], counts: Mapping[str, int]
) -> Numbers:
    """The stored `counts` and sums where nothing is filtered, else counted once for each state of the figures."""
    if filters.empty:
        return Numbers(counts.get("", 0), visible_sums(user, as_of), counts)
    # Not by the names of the columns: a condition would take the sum for the column.
    sums: dict[str, Any] = {f"sum_{column.name}": Sum(column.name) for column in columns}
    views: dict[str, Any] = {
        f"view_{index}": Count("pk", filter=view.condition(as_of)) for index, view in enumerate(STANDARD_VIEWS)
    }

    def counted(filters: Filters, wanted: Mapping[str, Any]) -> dict[str, Any]:
        found: QuerySet[CustomerRollup] = visible(
            CustomerRollup.objects.filter(Q(filters.condition(as_of)), as_of=as_of, customer__gone_at=None), user
        )
        added: dict[str, Any] = found.aggregate(customers=Count("pk"), **wanted)
        return added

    # However they are sorted, and whichever columns beside the sums are shown, they are the same customers.
    narrowed = _without(query, "sort", "columns")
    beside = not filters.only_view
    together = beside and filters.view is None
    found = _kept(
        f"{list(sums)} {together}",
        user,
        as_of,
        narrowed,
        lambda: counted(filters, sums | views if together else sums),
    )
    held: Mapping[str, Any] = found
    if beside and not together:
        others = replace(filters, view=None)
        held = _kept("views", user, as_of, _without(narrowed, "view"), lambda: counted(others, views))
    return Numbers(
        customers=found["customers"],
        sums={column.name: Decimal(found[f"sum_{column.name}"] or 0) for column in columns},
        views={view.name: held[f"view_{index}"] for index, view in enumerate(STANDARD_VIEWS)} if beside else counts,
    )


def _kept(what: str, user: User, as_of: date, query: QueryDict, count: Callable[[], Counted]) -> Counted:
    """What is counted over the customers of a query, for one state of the figures and what the user may see of them."""
    completed = once(f"figures of {as_of} completed", lambda: _completed_at(as_of))
    asked = sha256(f"{what} {completed} {scope(user)} {query.urlencode()}".encode()).hexdigest()
    key = f"list-numbers:{asked}"
    kept: Counted | None = cache.get(key)
    if kept is None:
        kept = count()
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _completed_at(as_of: date) -> Any:
    return RollupDay.objects.filter(as_of=as_of).values_list("completed_at", flat=True).first()


def _without(query: QueryDict, *names: str) -> QueryDict:
    narrowed = query.copy()
    for name in names:
        narrowed.pop(name, None)
    return narrowed
