"""Wanted values for tests: a JSON file named in the environment, so that a child process sees the same ones."""

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from integration_hub.config import PushField
from integration_hub.push.comparison import COLUMN_TYPES
from integration_hub.push.wanted import FieldNeed, Kind, WantedSet

VARIABLE = "PUSH_TEST_FIGURES"
NEEDS = {
    "overdue_amount": FieldNeed(Kind.MONEY, decimals=2),
    "overdue_count": FieldNeed(Kind.NUMBER),
    "as_of": FieldNeed(Kind.DATE, names_day=True),
    "currency": FieldNeed(Kind.TEXT, length=3, names_currency=True),
}


def wanted(fields: Sequence[PushField]) -> WantedSet:
    """The rows of the file as a query; its values are keyed by measure."""
    data = json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
    columns = "".join(
        f", (each -> 'values' ->> '{rule.measure}')::{COLUMN_TYPES[NEEDS[rule.measure].kind]}" for rule in fields
    )
    query = f"select each ->> 'account'{columns} from jsonb_array_elements(%s::jsonb) as each"
    return WantedSet(date.fromisoformat(data["as_of"]), query, (json.dumps(data["rows"]),))


def need(measure: str) -> FieldNeed:
    """What a measure of the tests needs of its field."""
    return NEEDS[measure]
