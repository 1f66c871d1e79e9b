"""What was found broken: by invariant, with the first few words of each."""

from collections import Counter
from dataclasses import dataclass, field

SHOWN = 5
INVARIANTS = {
    1: "mirror is the ERP, row by row",
    2: "nothing of an unpublished run is visible",
    3: "no cursor ahead of the rows that are there",
    4: "one process at a time does a run",
    5: "figures are those of the mirror's rows",
    6: "Salesforce, acknowledged and shown values agree",
    7: "no write without an intent written down before",
    8: "nothing is written that stands there already",
    9: "tries have an end, and what is parked says why",
    10: "rows read are rows accounted for",
    11: "nothing is lost in linking: sums agree",
    12: "pages answer, whatever runs",
    13: "written audit rows stay as they are",
    14: "marks come from the source, not from a clock",
    15: "a stopped push writes nothing",
}


@dataclass
class Found:
    """All violations of a run. `checks` counts how often each invariant was looked at."""

    checks: Counter[int] = field(default_factory=Counter)
    counts: Counter[int] = field(default_factory=Counter)
    examples: dict[int, list[str]] = field(default_factory=dict)

    def looked(self, *numbers: int) -> None:
        """These invariants were checked once more."""
        self.checks.update(numbers)

    def add(self, number: int, words: str) -> None:
        """One violation."""
        self.counts[number] += 1
        shown = self.examples.setdefault(number, [])
        if len(shown) < SHOWN:
            shown.append(words)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())
