"""Rules that were checked: each knows its field and what it asks at a day. `binding` makes them from plain ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Union

from customers.rules.conditions import Changed, Condition, Nobody
from customers.rules.fields import RuleField
from customers.rules.operators import Operator
from customers.rules.shape import GroupKind, Path, Rule

BoundMember = Union["BoundRule", "BoundGroup"]


@dataclass(frozen=True)
class Earlier:
    """What a figure is compared with: another column of the same rollup, or the same column of a kept day."""

    column: str
    day: date | None
    words: str

    @property
    def alias(self) -> str:
        """The relation to the rollups of the kept day; empty for the same rollup."""
        return f"past_{self.day:%Y%m%d}" if self.day else ""

    @property
    def path(self) -> str:
        """From a rollup to the value."""
        return f"{self.alias}__{self.column}" if self.day else self.column


@dataclass(frozen=True)
class BoundRule:
    """One rule; `number` counts the rules from 1 in reading order. `earlier` is set where `asks` is a change."""

    number: int
    path: Path
    rule: Rule
    field: RuleField
    operator: Operator
    asks: Condition | Changed | Nobody
    earlier: Earlier | None = None


@dataclass(frozen=True)
class BoundGroup:
    """All or any of its members."""

    kind: GroupKind
    members: tuple[BoundMember, ...]

    def rules(self) -> Iterator[BoundRule]:
        """Every rule below it, in reading order."""
        for member in self.members:
            if isinstance(member, BoundRule):
                yield member
            else:
                yield from member.rules()

    def groups(self) -> Iterator["BoundGroup"]:
        """Itself and every group below it."""
        yield self
        for member in self.members:
            if isinstance(member, BoundGroup):
                yield from member.groups()


@dataclass(frozen=True)
class Bound:
    """Checked rules at a day."""

    root: BoundGroup
    as_of: date

    @property
    def notes(self) -> tuple[str, ...]:
        """Why single rules match nobody."""
        return tuple(
            f"Rule {rule.number} ({rule.field.label}): {rule.asks.because}"
            for rule in self.root.rules()
            if isinstance(rule.asks, Nobody)
        )

    @property
    def fields(self) -> tuple[RuleField, ...]:
        """The fields that the rules name, each once, in reading order."""
        return tuple({rule.field.name: rule.field for rule in self.root.rules()}.values())
