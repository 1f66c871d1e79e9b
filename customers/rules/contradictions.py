"""Two rules that no customer can meet together: found without asking the database, where that is cheap to tell."""

from collections.abc import Iterator
from itertools import combinations

from customers.rules.bound import Bound, BoundGroup, BoundRule
from customers.rules.conditions import Condition, Known, Text, Truth, Within, upper


def contradictions(bound: Bound) -> tuple[tuple[BoundRule, BoundRule], ...]:
    """Pairs of rules on one field that must hold together and cannot, in reading order."""
    return tuple(_within(bound.root))


def _within(group: BoundGroup) -> Iterator[tuple[BoundRule, BoundRule]]:
    together = list(_required(group))
    by_field: dict[str, list[BoundRule]] = {}
    for rule in together:
        by_field.setdefault(rule.field.name, []).append(rule)
    for rules in by_field.values():
        yield from ((one, other) for one, other in combinations(rules, 2) if _clash(one.asks, other.asks))
    for member in _alternatives(group):
        yield from _within(member)


def _required(group: BoundGroup) -> Iterator[BoundRule]:
    """Rules that must all hold: those of the group, and of groups in it that ask for all."""
    if group.kind == "any" and len(group.members) > 1:
        return
    for member in group.members:
        if isinstance(member, BoundRule):
            yield member
        else:
            yield from _required(member)


def _alternatives(group: BoundGroup) -> Iterator[BoundGroup]:
    """Groups below it whose rules `_required` did not give."""
    either = group.kind == "any" and len(group.members) > 1
    for member in group.members:
        if isinstance(member, BoundGroup):
            if either or (member.kind == "any" and len(member.members) > 1):
                yield member
            else:
                yield from _alternatives(member)


def _clash(one: object, other: object) -> bool:
    if isinstance(one, Known) and isinstance(other, Known):
        return one.known is not other.known
    if isinstance(one, Truth) and isinstance(other, Truth):
        return one.truth is not other.truth
    if isinstance(one, Within) and isinstance(other, Within):
        return not one.met(other)
    if isinstance(one, Text) and isinstance(other, Text):
        return _texts_clash(one, other)
    return (_unknown(one) and isinstance(other, Within)) or (_unknown(other) and isinstance(one, Within))


def _unknown(asks: object) -> bool:
    return isinstance(asks, Known) and not asks.known


def _texts_clash(one: Text, other: Text) -> bool:
    """Where one of them lists the only texts there can be, whether the other takes none of these."""
    listing, judge = (one, other) if one.how == "is" and not one.refused else (other, one)
    if listing.how != "is" or listing.refused:
        return False
    written = listing.texts if listing.exact else tuple(upper(text) for text in listing.texts)
    asked: Condition = judge
    return not any(asked.holds(text) for text in written)
