"""What the layers above want to stand in Salesforce: one row per account, one value per pushed field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from integration_hub.config import PushField
from integration_hub.sources import SourceProblem


class Kind(StrEnum):
    """What a value is, so that a field of the wrong type is refused before any value is looked at.

    MONEY is an amount in the reporting currency with two decimals; NUMBER any other number; DATE a calendar day; TEXT
    anything else.
    """

    MONEY = "money"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FieldNeed:
    """What a field must be able to hold, known before there are figures.

    `decimals` counts those of a number, `length` the characters of the longest text (0: not known), `values` are all
    texts there can be (none: any). `names_currency` marks the text that says which currency the amounts are in,
    `names_day` the date that says of which day they are.
    """

    kind: Kind
    decimals: int = 0
    length: int = 0
    values: tuple[str, ...] = ()
    names_currency: bool = False
    names_day: bool = False


class NothingToPush(SourceProblem):
    """There are no figures yet that could be wanted."""


@dataclass(frozen=True, slots=True)
class WantedSet:
    """What is wanted of one day, as a query, so that many accounts are compared where the live values are.

    Its first column is the 18-character id of a live account, each once; then comes one column per field, in the order
    in which they were asked for: numeric for MONEY and NUMBER, a date, or a text. Null means that the figure does not
    exist for this account; `PushField.when_empty` then decides.
    """

    as_of: date
    query: str
    parameters: tuple[Any, ...]


def needs_of(fields: Sequence[PushField]) -> dict[str, FieldNeed]:
    """What each field must hold, by its API name, from the function named in settings.PUSH_NEED; needs no figures yet.

    KeyError for a measure that does not exist.
    """
    ask: Callable[[str], FieldNeed] = import_string(settings.PUSH_NEED)
    return {rule.field: ask(rule.measure) for rule in fields}


def kinds_of(fields: Sequence[PushField]) -> dict[str, Kind]:
    """What each field holds, by its API name. KeyError for a measure that does not exist."""
    return {name: need.kind for name, need in needs_of(fields).items()}


def wanted_values(fields: Sequence[PushField]) -> WantedSet:
    """Ask the function named in settings.PUSH_WANTED_VALUES. Raises NothingToPush before the first rollup."""
    ask: Callable[[Sequence[PushField]], WantedSet] = import_string(settings.PUSH_WANTED_VALUES)
    return ask(fields)
