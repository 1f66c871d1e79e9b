"""What all customers of an owner are together, stored with the figures: a page over 200,000 of them adds nothing.

Counts are kept by name: "" for all customers, a standard view's name, "country=DE" for a value that occurs,
"needs=late,quiet" for those with just these reasons for attention, "links=open" or "links=divided".
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Case, CharField, Count, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Concat

from customers.access import User, owns_alone, prepared_visible, scope, sees_all, visible
from customers.attention_rules import RULES, Rule, any_of
from customers.measures import MEASURES
from customers.models import Customer, CustomerRollup, LinkStatus, OwnerTotal, RollupDay
from customers.standard_views import STANDARD_VIEWS

KEPT_SECONDS = 900
CHOICES = ("country", "industry", "currency")
NEEDS = "needs="
# ERP customers whose account nobody has decided yet.
OPEN_LINKS = "links=open"
# Customers whose links are of a part of an ERP customer's amounts: counts of their documents may have some twice.
DIVIDED_LINKS = "links=divided"
OPEN = Q(customer__links__status=LinkStatus.UNLINKED, customer__links__method="") | Q(
    customer__links__status=LinkStatus.CONFLICT
)
# What can be added over customers; a ratio, a first or a last day cannot.
Part = Mapping[str, tuple[Mapping[str, int], Mapping[str, Decimal]]]
"""Counts by name and sums by measure, of each owner."""
SUMS = tuple(measure.column for measure in MEASURES.values() if measure.kind in {"sum", "count"})


def store_totals(as_of: date) -> None:
    """Bring OwnerTotal up to date with the rollups of the current day, in the transaction that wrote them."""
    rollups = CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None)
    owners = _by_owner(rollups, as_of) | {OwnerTotal.EVERYBODY: (Counter(), {})}
    owners[OwnerTotal.EVERYBODY] = _added(owners)
    totals = [OwnerTotal(owner=owner, as_of=as_of, **_stored(*of)) for owner, of in owners.items()]
    OwnerTotal.objects.all().delete()
    OwnerTotal.objects.bulk_create(totals, batch_size=500)


def part_of(customers: Q, as_of: date) -> Part:
    """What some customers are together by owner; the condition is on Customer."""
    among = Customer.objects.filter(customers, gone_at=None)
    return _by_owner(
        CustomerRollup.objects.filter(as_of=as_of, customer__in=list(among.values_list("pk", flat=True))), as_of
    )


def move_totals(before: Part, after: Part, as_of: date) -> None:
    """Bring OwnerTotal up to date where only some customers changed: what they were goes, what they are comes. Where
    nothing is stored of the day, everything is added up.
    """
    stored = {row.owner: row for row in OwnerTotal.objects.filter(as_of=as_of, owner__in=_owners(before, after))}
    if OwnerTotal.EVERYBODY not in stored:
        store_totals(as_of)
        return
    for owner in _owners(before, after):
        row = stored.get(owner, OwnerTotal(owner=owner, as_of=as_of))
        counts, sums = _counted([row.counts]), _summed([row.sums])
        for part, sign in ((before, -1), (after, 1)):
            for moved, amounts in part.values() if owner == OwnerTotal.EVERYBODY else [part.get(owner, ({}, {}))]:
                for name, count in moved.items():
                    counts[name] += sign * count
                for name, amount in amounts.items():
                    sums[name] += sign * amount
        if counts[""] or owner == OwnerTotal.EVERYBODY:
            row.counts, row.sums = _stored(counts, sums).values()
            row.save()
        elif owner in stored:
            row.delete()


def _owners(*parts: Part) -> set[str]:
    return {OwnerTotal.EVERYBODY}.union(*parts)


def visible_counts(user: User, as_of: date) -> Mapping[str, int]:
    """The counts over all customers that the user may see."""
    return _counted(counts for (counts,) in _stored_for(user, as_of, "counts"))


def visible_totals(user: User, as_of: date) -> tuple[Mapping[str, int], Mapping[str, Decimal]]:
    """The counts and, by measure, the sums over all customers that the user may see."""
    stored = _stored_for(user, as_of, "counts", "sums")
    return _counted(each[0] for each in stored), _summed(each[1] for each in stored)


def visible_sums(user: User, as_of: date) -> Mapping[str, Decimal]:
    """The sums over all customers that the user may see, by measure."""
    return visible_totals(user, as_of)[1]


def owner_totals(owner: str, as_of: date) -> tuple[Mapping[str, int], Mapping[str, Decimal]] | None:
    """Counts and sums over all customers of one owner; None where none are stored."""
    stored = OwnerTotal.objects.filter(as_of=as_of, owner__in=(owner, OwnerTotal.EVERYBODY))
    found = {key: (counts, sums) for key, counts, sums in stored.values_list("owner", "counts", "sums")}
    if not found:
        return None
    counts, sums = found.get(owner, ({}, {}))
    return _counted([counts]), _summed([sums])


def needing(counts: Mapping[str, int], rules: Sequence[Rule]) -> tuple[int, dict[str, int]]:
    """How many customers any of the rules holds for, and how many each, from the stored counts."""
    together = [
        (frozenset(name.removeprefix(NEEDS).split(",")), count)
        for name, count in counts.items()
        if name.startswith(NEEDS)
    ]
    names = frozenset(rule.name for rule in rules)
    each = {rule.name: sum(count for holding, count in together if rule.name in holding) for rule in rules}
    return sum(count for holding, count in together if holding & names), each


def visible_owners(user: User, as_of: date) -> QuerySet[OwnerTotal, Any]:
    """The keys of the owners whose customers the user may see, for an IN."""
    owners = visible(OwnerTotal.objects.filter(as_of=as_of), user).exclude(owner__in=(OwnerTotal.EVERYBODY, ""))
    return owners.values("owner")


def _stored_for(user: User, as_of: date, *columns: str) -> list[tuple[Mapping[str, Any], ...]]:
    if owns_alone(user):
        names = ",".join(columns)
        found: list[tuple[Mapping[str, Any], ...]] = _of_owners(user, as_of, names, everybody=sees_all(user))
        if found or OwnerTotal.objects.filter(as_of=as_of).exists():
            return found
        # Rolled up by a version that stored none, or others: added now, until the next publish stores them.
    added = _added_for(user, as_of)
    return [tuple(added[column] for column in columns)]


@prepared_visible
def _of_owners(as_of: date, columns: str, *, everybody: bool) -> "QuerySet[Any, Any]":
    stored = OwnerTotal.objects.filter(as_of=as_of)
    mine = stored.filter(owner=OwnerTotal.EVERYBODY) if everybody else stored
    return mine.values_list(*columns.split(","))


def _counted(several: Iterable[Mapping[str, int]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in several:
        counts.update(one)
    return counts


def _summed(several: Iterable[Mapping[str, str | Decimal]]) -> dict[str, Decimal]:
    sums = dict.fromkeys(SUMS, Decimal(0))
    for one in several:
        for name, value in one.items():
            sums[name] += Decimal(value)
    return sums


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
    waiting = rollups.filter(OPEN).order_by().values_list("customer__owner")
    for owner, customers in waiting.annotate(customers=Count("customer__links", distinct=True)):
        found[owner][0][OPEN_LINKS] = customers
    divided = rollups.filter(customer__links__part_to__isnull=False).order_by().values_list("customer__owner")
    for owner, customers in divided.annotate(customers=Count("customer", distinct=True)):
        found[owner][0][DIVIDED_LINKS] = customers
    for column in CHOICES:
        grouped = rollups.order_by().values_list("customer__owner", f"customer__{column}")
        for owner, value, customers in grouped.annotate(customers=Count("pk")):
            found[owner][0][f"{column}={value}"] = customers
    empty = Value("", output_field=CharField())
    held = (Case(When(rule.condition, then=Value(f"{rule.name},")), default=empty) for rule in RULES)
    needy = rollups.filter(any_of(RULES)).order_by().values_list("customer__owner", Concat(*held))
    for owner, names, customers in needy.annotate(customers=Count("pk")):
        found[owner][0][NEEDS + names.rstrip(",")] = customers
    return found


def _added(
    owners: Mapping[str, tuple[Counter[str], Mapping[str, Decimal]]],
) -> tuple[Counter[str], dict[str, Decimal]]:
    return _counted(counts for counts, _sums in owners.values()), _summed(sums for _counts, sums in owners.values())


def _stored(counts: Mapping[str, int], sums: Mapping[str, Decimal]) -> dict[str, Mapping[str, Any]]:
    return {
        "counts": {name: count for name, count in counts.items() if count},
        "sums": {name: str(value) for name, value in sums.items() if value},
    }


def chosen_values(counts: Mapping[str, int], column: str) -> list[str]:
    """The values of an attribute that occur, in their order."""
    prefix = f"{column}="
    return sorted(name.removeprefix(prefix) for name in counts if name.startswith(prefix) and name != prefix)
