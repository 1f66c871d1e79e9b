"""How many customers rules find, and how much money these are: for the builder while one types, and for the list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum

from customers.access import User, hidden_columns, scope, visible
from customers.measures import get_measure
from customers.models import CustomerRollup, RollupDay
from customers.rules.binding import Problem, RuleProblems, bind
from customers.rules.bound import Bound
from customers.rules.contradictions import contradictions
from customers.rules.fields import Fields, fields_without
from customers.rules.query import condition_of, count_and_sums, matching, with_aliases
from customers.rules.shape import Group, as_data

KEPT_SECONDS = 900
# The money that is told of every segment.
MONEY = ("revenue_12m", "overdue_amount")


@dataclass(frozen=True)
class Amount:
    """One sum over the members."""

    label: str
    value: Decimal


@dataclass(frozen=True)
class Found:
    """What rules find; where they cannot be used `problems` say why, and there is no count. `notes` tell of single
    rules that match nobody, `clashes` of pairs that cannot be met together.
    """

    customers: int | None
    amounts: tuple[Amount, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


def fields_of(user: User | None) -> Fields:
    """The fields that a user may build rules of; without one (command line) those of an analyst."""
    return fields_without(hidden_columns(user) if user is not None else frozenset())


def find(group: Group, user: User, as_of: date, fields: Fields) -> Found:
    """What one set of rules finds."""
    return find_all([group], user, as_of, fields)[0]


def find_all(groups: Sequence[Group], user: User, as_of: date, fields: Fields) -> list[Found]:
    """What each set of rules finds: those not yet counted for this state of the figures in one query together."""
    readings = [_read(group, as_of, fields) for group in groups]
    bounds = {place: bound for place, bound in enumerate(readings) if isinstance(bound, Bound)}
    counts = _counts(groups, bounds, user, as_of)
    hidden = hidden_columns(user)
    return [_found(reading, counts.get(place, {}), hidden) for place, reading in enumerate(readings)]


def _read(group: Group, as_of: date, fields: Fields) -> Bound | RuleProblems:
    try:
        return bind(group, fields, as_of)
    except RuleProblems as wrong:
        return wrong


def _found(reading: Bound | RuleProblems, counts: Mapping[str, Any], hidden: frozenset[str]) -> Found:
    if isinstance(reading, RuleProblems):
        return Found(None, problems=reading.problems)
    amounts = tuple(
        Amount(get_measure(name).label, Decimal(counts.get(name) or 0)) for name in MONEY if name not in hidden
    )
    return Found(counts["customers"], amounts, notes=reading.notes, clashes=clash_sentences(reading))


def clash_sentences(bound: Bound) -> tuple[str, ...]:
    """The pairs of rules that nobody can meet together."""
    return tuple(
        f"Rules {one.number} and {other.number} contradict each other: no customer has “{one.field.label}” both ways."
        for one, other in contradictions(bound)
    )


def _counts(
    groups: Sequence[Group], bounds: Mapping[int, Bound], user: User, as_of: date
) -> Mapping[int, Mapping[str, Any]]:
    if not bounds:
        return {}
    completed = _completed(as_of)
    keys = {place: _key(groups[place], completed, user) for place in bounds}
    kept = cache.get_many(keys.values())
    missing = {place: bound for place, bound in bounds.items() if keys[place] not in kept}
    if missing:
        counted = _counted(missing, visible(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None), user))
        kept |= {keys[place]: counts for place, counts in counted.items()}
        cache.set_many({keys[place]: counts for place, counts in counted.items()}, KEPT_SECONDS)
    return {place: kept[key] for place, key in keys.items()}


def state_of(group: Group, as_of: date, user: User) -> str:
    """What the members rest on: the figures, what the reader sees, the rules."""
    return _state(group, _completed(as_of), user)


def _completed(as_of: date) -> object:
    return RollupDay.objects.filter(as_of=as_of).values_list("completed_at", flat=True).first()


def _state(group: Group, completed: object, user: User) -> str:
    return f"{completed} {scope(user)} {json.dumps(as_data(group), sort_keys=True)}"


def _key(group: Group, completed: object, user: User) -> str:
    return f"segment:{sha256(_state(group, completed, user).encode()).hexdigest()}"


def _counted(bounds: Mapping[int, Bound], rollups: QuerySet[CustomerRollup]) -> dict[int, dict[str, Any]]:
    if len(bounds) == 1:
        ((place, bound),) = bounds.items()
        return {place: count_and_sums(matching(rollups, bound), *MONEY)}
    aliases: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    for place, bound in bounds.items():
        condition, needed = condition_of(bound, f"s{place}_")
        aliases |= needed
        wanted[f"s{place}_customers"] = Count("customer_id", filter=condition)
        wanted |= {f"s{place}_{name}": Sum(name, filter=condition) for name in MONEY}
    found = with_aliases(rollups, aliases).order_by().aggregate(**wanted)
    return {place: {name: found[f"s{place}_{name}"] for name in ("customers", *MONEY)} for place in bounds}
