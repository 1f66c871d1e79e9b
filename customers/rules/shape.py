"""Rules as data: groups of rules, as they stand in a saved segment. Nothing here knows which fields there are, so that
a rule whose measure was withdrawn is kept as it was written.

JSON: a group is {"all": [...]} or {"any": [...]}, a rule {"field": "revenue_ytd", "is": "at_least",
"values": ["5000"]}.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, Union

MOST_RULES = 200
DEEPEST = 5
MOST_VALUES = 100
LONGEST = 400
UNREADABLE = "rules that cannot be read"
GroupKind = Literal["all", "any"]
Path = tuple[int, ...]
Member = Union["Rule", "Group"]


class UnreadableRules(ValueError):
    """The data is no tree of rules, or larger than one may be; the message says what is wrong."""


@dataclass(frozen=True)
class Rule:
    """A field, an operator and its values, all as text; whether they make sense is for `binding` to say."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Its members hold all together, or any one of them."""

    kind: GroupKind = "all"
    members: tuple[Member, ...] = ()


def read_group(data: Any) -> Group:
    """The tree that JSON describes. Raises UnreadableRules."""
    group = _read(data, 1)
    if not isinstance(group, Group):
        raise UnreadableRules("Rules stand in a group: all of them, or any of them.")
    if (count := sum(1 for _ in rules_of(group))) > MOST_RULES:
        raise UnreadableRules(
            f"These are {count:,} rules; a segment has at most {MOST_RULES}. Use “is one of” for a list of values."
        )
    return group


def stored_group(data: Any) -> Group:
    """The tree of a saved segment. Where it cannot be read (restored from an old copy, or longer than is allowed) it
    is one rule on UNREADABLE, which says why in place of an operator: whatever uses it finds a problem like any other.
    """
    try:
        return read_group(data)
    except UnreadableRules as wrong:
        return Group("all", (Rule(UNREADABLE, str(wrong)),))


def readable_part(data: Any) -> Group:
    """The first rules of a tree that is too large or too deep, all in one group: what can be kept of it."""
    kind: GroupKind = "any" if isinstance(data, Mapping) and "any" in data else "all"
    return Group(kind, tuple(islice(_each_rule(data), MOST_RULES)))


def _each_rule(data: Any) -> Iterator[Rule]:
    if not isinstance(data, Mapping):
        return
    if "field" in data:
        values = data.get("values")
        yield _rule({**data, "values": values[:MOST_VALUES] if isinstance(values, list) else []})
        return
    for members in (data.get("all"), data.get("any")):
        for member in members if isinstance(members, list) else ():
            yield from _each_rule(member)


def as_data(member: Member) -> dict[str, Any]:
    """The tree as JSON."""
    if isinstance(member, Rule):
        return {"field": member.field, "is": member.operator, "values": list(member.values)}
    return {member.kind: [as_data(each) for each in member.members]}


def rules_of(group: Group) -> Iterator[tuple[Path, Rule]]:
    """Every rule with its path, which is the position in each group from the outermost on, in reading order."""
    return ((path, member) for path, member in members_of(group) if isinstance(member, Rule))


def members_of(group: Group, at: Path = ()) -> Iterator[tuple[Path, Member]]:
    """Every rule and group below a group with its path, in reading order."""
    for position, member in enumerate(group.members):
        path = (*at, position)
        yield path, member
        if isinstance(member, Group):
            yield from members_of(member, path)


def _read(data: Any, depth: int) -> Member:
    if not isinstance(data, Mapping):
        raise UnreadableRules("A rule or group could not be read: it is no object with a field or with “all” or “any”.")
    if "field" in data:
        return _rule(data)
    if depth > DEEPEST:
        raise UnreadableRules(f"Groups stand at most {DEEPEST} deep in each other; take the innermost one out.")
    kinds: tuple[GroupKind, ...] = ("all", "any")
    for kind in kinds:
        if isinstance(members := data.get(kind), list):
            return Group(kind, tuple(_read(member, depth + 1) for member in members))
    raise UnreadableRules("A group names neither “all” nor “any” with a list of rules.")


def _rule(data: Mapping[str, Any]) -> Rule:
    values = data.get("values", [])
    if not isinstance(values, list):
        raise UnreadableRules(f"The values of the rule on “{str(data['field'])[:60]}” are no list.")
    if len(values) > MOST_VALUES:
        raise UnreadableRules(
            f"The rule on “{str(data['field'])[:60]}” has {len(values):,} values; a rule has at most {MOST_VALUES}."
        )
    texts = tuple(str(value).replace("\x00", "")[:LONGEST] for value in values)
    return Rule(str(data["field"])[:LONGEST], str(data.get("is", ""))[:LONGEST], texts)
