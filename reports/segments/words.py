"""A segment's rules as sentences, and the names of what they name by key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from customers.rules.bound import Bound, BoundGroup, BoundRule
from customers.rules.wording import rule_words
from integration_hub.models import SfUser


@dataclass(frozen=True)
class WordedGroup:
    """A group in words: its rules and groups, each as a text or a group."""

    kind: str
    members: tuple["str | WordedGroup", ...]


def labels_of(bound: Bound) -> Mapping[str, str]:
    """Names of the owners that rules name by key."""
    keys = {value for rule in bound.root.rules() if rule.field.name == "owner" for value in rule.rule.values}
    return owner_names(keys)


def owner_names(keys: set[str]) -> Mapping[str, str]:
    """Names of Salesforce users by key."""
    return dict(SfUser.objects.filter(key__in=keys).values_list("key", "name")) if keys else {}


def worded(bound: Bound, currency: str) -> WordedGroup:
    """The rules as a page shows them."""
    return _worded(bound.root, currency, labels_of(bound))


def _worded(group: BoundGroup, currency: str, labels: Mapping[str, str]) -> WordedGroup:
    members: list[str | WordedGroup] = []
    for member in group.members:
        if isinstance(member, BoundRule):
            members.append(rule_words(member, currency, labels))
        else:
            members.append(_worded(member, currency, labels))
    return WordedGroup(group.kind, tuple(members))


def group_lines(bound: Bound, currency: str) -> tuple[str, ...]:
    """The rules as lines of a file: alternatives of a group in one line, with their groups in brackets."""
    words = worded(bound, currency)
    if words.kind == "any":
        return (f"Any of: {_joined(words)}",)
    return tuple(member if isinstance(member, str) else _joined(member) for member in words.members)


def _joined(group: WordedGroup) -> str:
    return (" or " if group.kind == "any" else " and ").join(_parts(group))


def _parts(group: WordedGroup) -> Iterator[str]:
    for member in group.members:
        yield member if isinstance(member, str) else f"({_joined(member)})"
