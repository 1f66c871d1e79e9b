"""Rules as the fields of a form, and as a URL: "0.f" is the field of the first rule, "1.g" makes the second member a
group, "1.0.f" is the field of its first rule; "is" is an operator, "v" a value. "g" is the outermost group.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from customers.rules.fields import Fields
from customers.rules.operators import ALL, BASES, PRIOR, Operator, Slot
from customers.rules.shape import (
    Group,
    Member,
    Path,
    Rule,
    UnreadableRules,
    as_data,
    members_of,
    read_group,
    readable_part,
)

_NAME = re.compile(r"(\d{1,4}(?:\.\d{1,4}){0,8})\.(f|is|v|g)")
# What a browser, a proxy and a server are all known to take.
LONGEST_QUERY = 3500
MOST_NUMBERED = 5000


def read_state(query: QueryDict) -> Group:
    """The rules of a form or a URL. Raises UnreadableRules."""
    nodes, data = _sent(query)
    if len(nodes) > MOST_NUMBERED:
        raise UnreadableRules(f"These are {len(nodes):,} rules and groups, more than any segment may have.")
    return read_group(data)


def read_part(query: QueryDict) -> Group:
    """What can be shown of rules that are too many or too deep."""
    return readable_part(_sent(query)[1])


def _sent(query: QueryDict) -> tuple[Mapping[Path, Any], Any]:
    nodes: dict[Path, dict[str, list[str]]] = {}
    for name, values in query.lists():
        if match := _NAME.fullmatch(name):
            path = tuple(int(part) for part in match[1].split("."))
            nodes.setdefault(path, {})[match[2]] = values
    children: dict[Path, set[int]] = {}
    for path in nodes:
        for depth in range(len(path)):
            children.setdefault(path[:depth], set()).add(path[depth])
    return nodes, _data((), {(): {"g": [query.get("g", "all")]}, **nodes}, children)


def _data(path: Path, nodes: Mapping[Path, Mapping[str, list[str]]], children: Mapping[Path, set[int]]) -> Any:
    node = nodes.get(path, {})
    if "f" in node:
        operator = node.get("is", [""])[-1]
        return {"field": node["f"][-1], "is": operator, "values": _values(operator, node.get("v", []))}
    kind = "any" if node.get("g", [""])[-1] == "any" else "all"
    return {kind: [_data((*path, position), nodes, children) for position in sorted(children.get(path, ()))]}


def _values(operator: str, values: list[str]) -> list[str]:
    """A list of values is one text with a line for each, or several texts."""
    known = ALL.get(operator)
    if known is None or known.slots != (Slot.TEXTS,):
        return values
    return [line.strip() for value in values for line in value.splitlines() if line.strip()]


def as_query(group: Group) -> str:
    """The rules as a query string."""
    query = QueryDict(mutable=True)
    query["g"] = group.kind
    for path, member in members_of(group):
        name = ".".join(map(str, path))
        if isinstance(member, Group):
            query[f"{name}.g"] = member.kind
        else:
            query[f"{name}.f"] = member.field
            query[f"{name}.is"] = member.operator
            query.setlist(f"{name}.v", list(member.values))
    return query.urlencode()


def fits_url(query: str) -> bool:
    """Whether the rules can stand in an address."""
    return len(query) <= LONGEST_QUERY


def acted(group: Group, action: str) -> Group:
    """The rules after a button: "rule:1" adds a rule to the group at 1, "group:" one group to the outermost, "drop:0"
    takes the first member out. An action that names nothing there changes nothing. Raises UnreadableRules.
    """
    kind, _, at = action.partition(":")
    path = tuple(int(part) for part in at.split(".") if part.isascii() and part.isdigit())
    if kind in {"rule", "group"}:
        new: Member = Rule("", "") if kind == "rule" else Group("any", (Rule("", ""),))
        return _checked(_added(group, path, new))
    return _dropped(group, path) if kind == "drop" and path else group


def _checked(group: Group) -> Group:
    return read_group(as_data(group))


def _added(group: Group, path: Path, new: Member) -> Group:
    if not path:
        return Group(group.kind, (*group.members, new))
    return _replaced(
        group, path[0], lambda member: _added(member, path[1:], new) if isinstance(member, Group) else member
    )


def _dropped(group: Group, path: Path) -> Group:
    if len(path) == 1:
        return Group(group.kind, tuple(each for place, each in enumerate(group.members) if place != path[0]))
    return _replaced(group, path[0], lambda member: _dropped(member, path[1:]) if isinstance(member, Group) else member)


def _replaced(group: Group, place: int, change: Any) -> Group:
    return Group(group.kind, tuple(change(each) if at == place else each for at, each in enumerate(group.members)))


def settled(member: Member, fields: Fields) -> Member:
    """Each rule with an operator that its field has and as many values as that takes; a field nobody knows is left."""
    if isinstance(member, Group):
        return Group(member.kind, tuple(settled(each, fields) for each in member.members))
    known = fields.get(member.field)
    if known is None:
        return member
    operator = next((each for each in known.operators if each.name == member.operator), None)
    if operator is None:
        operator = known.operators[0]
        return Rule(member.field, operator.name, _usual(operator, (), has_prior=bool(known.prior)))
    return Rule(member.field, operator.name, _usual(operator, member.values, has_prior=bool(known.prior)))


def _usual(operator: Operator, values: tuple[str, ...], *, has_prior: bool) -> tuple[str, ...]:
    if operator.slots == (Slot.TEXTS,):
        return values
    usual = {
        Slot.UNIT: "days",
        Slot.PERIOD: "this_month",
        Slot.BASE: PRIOR if has_prior else "years",
        Slot.WHOLE: "1" if Slot.BASE in operator.slots else "30",
    }
    filled = [values[place] if place < len(values) else "" for place in range(len(operator.slots))]
    told = [value or usual.get(slot, "") for slot, value in zip(operator.slots, filled, strict=True)]
    # The unit of a date is none of a comparison: what an earlier operator left there is replaced.
    if Slot.BASE in operator.slots and told[-1] not in {PRIOR, *BASES}:
        told[-1] = usual[Slot.BASE]
    return tuple(told)
