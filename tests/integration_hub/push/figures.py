"""Wanted values for tests: a JSON file named in the environment, so that a child process sees the same ones."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from integration_hub.config import PushField
from integration_hub.push.wanted import FieldNeed, Kind, WantedRow, WantedSet, WantedValue

VARIABLE = "PUSH_TEST_FIGURES"
NEEDS = {
    "overdue_amount": FieldNeed(Kind.MONEY, decimals=2),
    "overdue_count": FieldNeed(Kind.NUMBER),
    "as_of": FieldNeed(Kind.DATE),
    "currency": FieldNeed(Kind.TEXT, length=3, names_currency=True),
}
KINDS = {measure: need.kind for measure, need in NEEDS.items()}


def wanted(fields: Sequence[PushField]) -> WantedSet:
    """The rows of the file; its values are keyed by measure."""
    data = json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
    rows = [
        WantedRow(
            row["account"],
            row["name"],
            {
                rule.field: _typed(row["values"][rule.measure], KINDS[rule.measure])
                for rule in fields
                if rule.measure in row["values"]
            },
        )
        for row in data["rows"]
    ]
    return WantedSet(
        date.fromisoformat(data["as_of"]), iter(rows), {rule.field: KINDS[rule.measure] for rule in fields}
    )


def need(measure: str) -> FieldNeed:
    """What a measure of the tests needs of its field."""
    return NEEDS[measure]


def _typed(text: str | None, kind: Kind) -> WantedValue:
    if text is None:
        return None
    readers: dict[Kind, Callable[[str], WantedValue]] = {
        Kind.MONEY: Decimal,
        Kind.NUMBER: int,
        Kind.DATE: date.fromisoformat,
        Kind.TEXT: str,
    }
    return readers[kind](text)
