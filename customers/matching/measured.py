"""How matching did on labelled data when it was last measured (tests/benchmarks/matching.py writes the file)."""

import json
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import cache
from math import comb
from pathlib import Path

UNLIKELY = 0.05
MEASURED = Path(__file__).parent / "measured.json"


@dataclass(frozen=True)
class Threshold:
    """What proposals with this score or more were: how many of them were right (`precision`, 0 to 1), how many of all
    true pairs they were (`recall`, 0 to 1), and how many each of the ERP customers had on average (`each`).
    """

    score: Decimal
    proposed: int
    right: int
    precision: Decimal
    recall: Decimal
    each: Decimal


@dataclass(frozen=True)
class Automatic:
    """Links that an exact identifier made by itself: how many of how many true pairs, and how many were wrong."""

    links: int
    wrong: int
    same: int

    @property
    def at_least(self) -> Decimal:
        """The precision that this shows with 95 % confidence: below it, so few wrong ones were seen in less than one of
        twenty such measurements (Clopper and Pearson 1934, one-sided), rounded down.
        """
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            seen = sum(
                comb(self.links, k) * (1 - middle) ** k * middle ** (self.links - k) for k in range(self.wrong + 1)
            )
            low, high = (middle, high) if seen < UNLIKELY else (low, middle)
        return Decimal(low).quantize(Decimal("0.0001"), ROUND_DOWN)


@cache
def automatic() -> Automatic:
    """Of the same invented companies."""
    kept = json.loads(MEASURED.read_text(encoding="utf-8"))["automatic"]
    return Automatic(kept["links"], kept["wrong"], kept["same"])


@cache
def curve() -> tuple[Threshold, ...]:
    """The lowest score first; on invented companies, so what people decide about real ones counts for more."""
    kept = json.loads(MEASURED.read_text(encoding="utf-8"), parse_float=Decimal)
    return tuple(
        Threshold(
            Decimal(row["threshold"]),
            row["proposed"],
            row["right"],
            row["precision"],
            row["recall"],
            Decimal(row["proposed"]) / kept["customers"],
        )
        for row in kept["thresholds"]
    )
