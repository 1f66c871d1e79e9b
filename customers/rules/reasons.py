"""Why a customer is in a segment, or is not: each rule with the customer's own value, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from customers.rules.bound import Bound, BoundGroup, BoundRule
from customers.rules.conditions import Changed, Nobody


@dataclass(frozen=True)
class Verdict:
    """One rule for one customer: its value, what that is compared with, whether it is met, and why not where the
    value alone does not say it.
    """

    rule: BoundRule
    value: Any
    before: Any
    met: bool
    because: str = ""


def facts_of(bound: Bound, rollup: Any) -> Mapping[str, Any]:
    """The values that `query.with_facts` gave a rollup, by their names."""
    names = [f"{prefix}_{rule.number}" for rule in bound.root.rules() for prefix in ("fact", "before")]
    return {name: getattr(rollup, name) for name in names if hasattr(rollup, name)}


def verdict(rule: BoundRule, facts: Mapping[str, Any]) -> Verdict:
    """One rule judged by the customer's values."""
    value, before = facts[f"fact_{rule.number}"], facts.get(f"before_{rule.number}")
    if isinstance(rule.asks, Nobody):
        return Verdict(rule, value, None, met=False, because=rule.asks.because)
    if isinstance(rule.asks, Changed):
        met = rule.asks.holds(value, before)
        return Verdict(rule, value, before, met=met, because="" if met else _incomparable(rule.asks, value, before))
    return Verdict(rule, value, None, met=rule.asks.holds(value))


def _incomparable(asks: Changed, value: Any, before: Any) -> str:
    if value is None or before is None:
        return "There is nothing to compare: one of the two is unknown."
    if asks.percent and Decimal(before) <= 0:
        return "A change in per cent needs something above 0 to compare with."
    return ""


def verdicts(bound: Bound, facts: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """Every rule judged, in reading order."""
    return tuple(verdict(rule, facts) for rule in bound.root.rules())


def is_member(group: BoundGroup, facts: Mapping[str, Any]) -> bool:
    """Whether the customer with these values meets a group."""
    met = (
        verdict(member, facts).met if isinstance(member, BoundRule) else is_member(member, facts)
        for member in group.members
    )
    return any(met) if group.kind == "any" else all(met)


def reasons(bound: Bound, facts: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """The rules that bring a member in: of alternatives those that are met."""
    return tuple(_reasons(bound.root, facts))


def _reasons(group: BoundGroup, facts: Mapping[str, Any]) -> Iterator[Verdict]:
    for member in group.members:
        if isinstance(member, BoundGroup):
            if is_member(member, facts):
                yield from _reasons(member, facts)
        elif (judged := verdict(member, facts)).met:
            yield judged
