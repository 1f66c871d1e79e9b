"""The verdict of one check."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

PUSH_FIELD, PUSH_RULES = "Push field: ", "Validation rules"


class Light(IntEnum):
    """GREEN: works. AMBER: works, but somebody should look. RED: does not work. The numbers are exit codes."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, what to do about it (empty when green); `topic` groups checks on a page."""

    name: str
    light: Light
    finding: str
    remedy: str = ""
    topic: str = ""

    @property
    def word(self) -> str:
        """The light as a word: green, amber or red."""
        return self.light.name.lower()


def worst(checks: Iterable[Check]) -> Light:
    """The worst light of all; green when there is none."""
    return max((check.light for check in checks), default=Light.GREEN)


def name_of_finding(field: str) -> str:
    """How the preflight's finding on a pushed field is named; one that concerns no single field is about rules."""
    return PUSH_FIELD + field if field else PUSH_RULES
