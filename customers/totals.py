"""What all customers of an owner are together, stored with the figures: a page over 200,000 of them adds nothing.

Counts are kept by name: "" for all customers, a standard view's name, or "country=DE" for a value that occurs.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum

from customers.access import User, owns_alone, prepared_visible, scope, sees_all, visible
from customers.measures import MEASURES
from customers.models import CustomerRollup, OwnerTotal, RollupDay
from customers.standard_views import STANDARD_VIEWS

KEPT_SECONDS = 900
CHOICES = ("country", "industry", "currency")
# What can be added over customers; a ratio, a first or a last day cannot.
SUMS = tuple(measure.column for measure in MEASURES.values() if measure.kind in {"sum", "count"})


def store_totals(as_of: date) -> None:
    """Bring OwnerTotal up to date with the rollups of the current day, in the transaction that wrote them."""
    rollups = CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None)
    owners = _by_owner(rollups, as_of) | {OwnerTotal.EVERYBODY: (Counter(), {})}
    owners[OwnerTotal.EVERYBODY] = _added(owners)
    totals = [OwnerTotal(owner=owner, as_of=as_of, **_stored(*of)) for owner, of in owners.items()]
    OwnerTotal.objects.all().delete()
    OwnerTotal.objects.bulk_create(totals, batch_size=500)


def visible_counts(user: User, as_of: date) -> Mapping[str, int]:
    """The counts over all customers that the user may see."""
    counts: Counter[str] = Counter()
    for one in _stored_for(user, as_of, "counts"):
        counts.update(one)
    return counts


def visible_sums(user: User, as_of: date) -> Mapping[str, Decimal]:
    """The sums over all customers that the user may see, by measure."""
    sums = dict.fromkeys(SUMS, Decimal(0))
    for one in _stored_for(user, as_of, "sums"):
        for name, value in one.items():
            sums[name] += Decimal(value)
    return sums


def visible_owners(user: User, as_of: date) -> list[str]:
    """The keys of the owners whose customers the user may see."""
    owners = visible(OwnerTotal.objects.filter(as_of=as_of), user).exclude(owner__in=(OwnerTotal.EVERYBODY, ""))
    return list(owners.values_list("owner", flat=True))


def _stored_for(user: User, as_of: date, column: str) -> list[Mapping[str, Any]]:
    if not owns_alone(user):
        return [_added_for(user, as_of)[column]]
    found: list[Mapping[str, Any]] = _of_owners(user, as_of, column, everybody=sees_all(user))
    if found or OwnerTotal.objects.filter(as_of=as_of).exists():
        return found
    # Rolled up by a version that did not store totals: added now, until the next publish stores them.
    return [_added_for(user, as_of)[column]]


@prepared_visible
def _of_owners(as_of: date, column: str, *, everybody: bool) -> "QuerySet[Any, Any]":
    stored = OwnerTotal.objects.filter(as_of=as_of)
    mine = stored.filter(owner=OwnerTotal.EVERYBODY) if everybody else stored
    return mine.values_list(column, flat=True)


def _added_for(user: User, as_of: date) -> Mapping[str, Mapping[str, Any]]:
    """Both columns added up over what the user sees, kept for each state of the figures: who sees customers by an
    account team sees single ones of many owners.
    """
    completed = RollupDay.objects.filter(as_of=as_of).values_list("completed_at", flat=True).first()
    key = f"totals:{sha256(f'{completed} {scope(user)}'.encode()).hexdigest()}"
    kept: Mapping[str, Mapping[str, Any]] | None = cache.get(key)
    if kept is None:
        rollups = visible(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None), user)
        kept = _stored(*_added(_by_owner(rollups, as_of)))
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _by_owner(rollups: QuerySet[CustomerRollup], as_of: date) -> dict[str, tuple[Counter[str], dict[str, Decimal]]]:
    counts: dict[str, Any] = {
        f"view_{index}": Count("pk", filter=view.condition(as_of)) for index, view in enumerate(STANDARD_VIEWS)
    }
    sums: dict[str, Any] = {f"sum_{name}": Sum(name) for name in SUMS}
    found: dict[str, tuple[Counter[str], dict[str, Decimal]]] = {}
    rows: Any = rollups.order_by().values("customer__owner").annotate(customers=Count("pk"), **counts, **sums)
    for row in rows:
        of = Counter({view.name: row[f"view_{index}"] for index, view in enumerate(STANDARD_VIEWS)})
        of[""] = row["customers"]
        found[row["customer__owner"]] = (of, {name: Decimal(row[f"sum_{name}"] or 0) for name in SUMS})
    for column in CHOICES:
        grouped = rollups.order_by().values_list("customer__owner", f"customer__{column}")
        for owner, value, customers in grouped.annotate(customers=Count("pk")):
            found[owner][0][f"{column}={value}"] = customers
    return found


def _added(
    owners: Mapping[str, tuple[Counter[str], Mapping[str, Decimal]]],
) -> tuple[Counter[str], dict[str, Decimal]]:
    counts: Counter[str] = Counter()
    sums = dict.fromkeys(SUMS, Decimal(0))
    for of, amounts in owners.values():
        counts.update(of)
        for name, value in amounts.items():
            sums[name] += value
    return counts, sums


def _stored(counts: Mapping[str, int], sums: Mapping[str, Decimal]) -> dict[str, Mapping[str, Any]]:
    return {
        "counts": {name: count for name, count in counts.items() if count},
        "sums": {name: str(value) for name, value in sums.items() if value},
    }


def chosen_values(counts: Mapping[str, int], column: str) -> list[str]:
    """The values of an attribute that occur, in their order."""
    prefix = f"{column}="
    return sorted(name.removeprefix(prefix) for name in counts if name.startswith(prefix) and name != prefix)
