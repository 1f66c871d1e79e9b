"""The list in mutations.toml: one line of a protection, and what it becomes when the protection is gone."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("mutations.toml")
TRAPS = 40
EXTRA = (
    "bom",
    "crlf",
    "deleted",
    "person_account",
    "multi_currency",
    "owner_deactivated",
    "refresh",
    "host_clock",
    "proxies",
    "log_lines",
)
"""The cheap ones beside the forty."""
EVERY_TRAP = (*map(str, range(1, TRAPS + 1)), *(f"extra_{name}" for name in EXTRA))


class Misfit(Exception):
    """A mutation that does not fit the source any more; the text says how."""


@dataclass(frozen=True)
class Mutation:
    """One line changed in one file. Of `tests`, pytest node ids, one must turn red; `trap` is one of EVERY_TRAP."""

    trap: str
    what: str
    file: str
    line: str
    instead: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """How the trap is called in the table."""
        return f"{self.trap}: {self.what}"

    @property
    def group(self) -> str:
        """ "extra" for all of those, a number for itself."""
        return self.trap.partition("_")[0]

    def mutated(self, text: str) -> str:
        """The file's text with the line changed. Raises Misfit unless the line stands there exactly once."""
        lines = text.split("\n")
        places = [number for number, line in enumerate(lines) if line.strip() == self.line]
        if len(places) != 1:
            raise Misfit(f"trap {self.name}: {self.file} has the line {len(places)} times: {self.line}")
        old = lines[places[0]]
        lines[places[0]] = old[: len(old) - len(old.lstrip())] + self.instead
        return "\n".join(lines)


def mutations() -> list[Mutation]:
    """Every mutation of the list, in its order. TypeError for an entry with other keys."""
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["mutation"]
    return [Mutation(**{**each, "trap": str(each["trap"]), "tests": tuple(each["tests"])}) for each in entries]


def name_of(node: str) -> str:
    """The function's name in a pytest node id, without its parameters."""
    return node.rpartition("::")[2].partition("[")[0]
