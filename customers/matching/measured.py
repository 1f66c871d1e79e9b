"""How matching did on labelled data when it was last measured (tests/benchmarks/matching.py writes the file)."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

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
