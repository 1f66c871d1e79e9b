"""What a file would change here, line by line for hub.toml and value by value for what is in the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from integration_hub.transfer.bundle import Bundle
from integration_hub.transfer.parts import NotMoved, Row, parts

LONGEST = 200


@dataclass(frozen=True)
class PartDifference:
    """The rows of one part by name: new ones, changed ones with each value before and after, and those only here,
    which stay.
    """

    name: str
    label: str
    new: Mapping[str, Row]
    changed: Mapping[str, Mapping[str, tuple[Any, Any]]]
    only_here: tuple[str, ...]

    @property
    def to_write(self) -> tuple[str, ...]:
        """The names of the rows that would be written."""
        return (*self.new, *self.changed)


@dataclass(frozen=True)
class Difference:
    """`configuration` are the lines of a unified diff, empty where hub.toml is the same."""

    configuration: tuple[str, ...]
    parts: tuple[PartDifference, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not self.configuration and not any(part.to_write for part in self.parts)


def compare(now: Bundle, wanted: Bundle) -> Difference:
    """From what is to what the file says. Raises NotMoved for parts that this release does not know."""
    known = {part.name: part for part in parts()}
    if unknown := sorted(set(wanted.parts) - set(known)):
        raise NotMoved(f"This release does not know {', '.join(unknown)}: bring it to the release the file is from.")
    lines = unified_diff(now.configuration.split("\n"), wanted.configuration.split("\n"), "here", "file", lineterm="")
    return Difference(
        tuple(lines),
        tuple(_part(part.name, part.label, now, wanted) for name, part in known.items() if name in wanted.parts),
    )


def _part(name: str, label: str, now: Bundle, wanted: Bundle) -> PartDifference:
    there, here = wanted.parts[name], now.parts[name]
    changed = {
        row: {key: (here[row].get(key), there[row].get(key)) for key in sorted({*here[row], *there[row]})}
        for row in there
        if row in here and here[row] != there[row]
    }
    return PartDifference(
        name,
        label,
        new={row: there[row] for row in there if row not in here},
        changed={
            row: {key: pair for key, pair in values.items() if pair[0] != pair[1]} for row, values in changed.items()
        },
        only_here=tuple(row for row in here if row not in there),
    )


def in_words(difference: Difference) -> list[str]:
    """The difference as lines to read."""
    if difference.is_empty:
        return ["Nothing differs."]
    lines = ["hub.toml:", *difference.configuration] if difference.configuration else ["hub.toml: the same"]
    for part in difference.parts:
        lines.append(f"{part.label}: {len(part.new)} new, {len(part.changed)} changed, {len(part.only_here)} only here")
        lines += [f"+ {name}" for name in part.new]
        for name, values in part.changed.items():
            lines.append(f"~ {name}")
            lines += [f"    {key}: {_short(before)} -> {_short(after)}" for key, (before, after) in values.items()]
        lines += [f"  {name} (only here, stays)" for name in part.only_here]
    return lines


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
