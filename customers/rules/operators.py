"""The operators that a rule may use, by the kind of its field, and how their values are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType

from customers import written_numbers


class FieldKind(Enum):
    """What a field is; MONEY is in the reporting currency, PERCENT 0 to 100."""

    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    PERCENT = "percent"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    YES_NO = "yes_no"


class Slot(Enum):
    """What one value of an operator is."""

    NUMBER = "number"
    SHARE = "share"
    DATE = "date"
    TEXT = "text"
    TEXTS = "texts"
    WHOLE = "whole"
    UNIT = "unit"
    PERIOD = "period"
    BASE = "base"


NUMBERS = frozenset({FieldKind.MONEY, FieldKind.COUNT, FieldKind.DAYS, FieldKind.PERCENT, FieldKind.NUMBER})
UNITS: Mapping[str, str] = MappingProxyType({"days": "days", "weeks": "weeks", "months": "months"})
PERIODS: Mapping[str, str] = MappingProxyType(
    {
        "this_month": "this fiscal month",
        "last_month": "last fiscal month",
        "this_quarter": "this fiscal quarter",
        "last_quarter": "last fiscal quarter",
        "this_year": "this fiscal year",
        "last_year": "last fiscal year",
    }
)
PRIOR = "prior"
BASES: Mapping[str, str] = MappingProxyType(
    {"days": "days earlier", "weeks": "weeks earlier", "months": "months earlier", "years": "years earlier"}
)
LARGEST = Decimal(10) ** 15
MOST_BACK = 20_000


class BadValue(ValueError):
    """A value does not fit its slot; the message is a sentence."""


@dataclass(frozen=True)
class Operator:
    """One operator with the slots of its values; TEXTS takes any number. `words` say it between field and values."""

    name: str
    words: str
    slots: tuple[Slot, ...] = ()


_AMOUNTS = (
    Operator("at_least", "is at least", (Slot.NUMBER,)),
    Operator("more_than", "is more than", (Slot.NUMBER,)),
    Operator("at_most", "is at most", (Slot.NUMBER,)),
    Operator("less_than", "is less than", (Slot.NUMBER,)),
    Operator("between", "is between", (Slot.NUMBER, Slot.NUMBER)),
    Operator("equals", "is exactly", (Slot.NUMBER,)),
)
_KNOWN = (Operator("known", "is known"), Operator("unknown", "is unknown"))
_DATES = (
    Operator("within_last", "is in the last", (Slot.WHOLE, Slot.UNIT)),
    Operator("longer_ago", "is longer ago than", (Slot.WHOLE, Slot.UNIT)),
    Operator("in_period", "is in", (Slot.PERIOD,)),
    Operator("on_or_after", "is on or after", (Slot.DATE,)),
    Operator("before", "is before", (Slot.DATE,)),
    Operator("between_days", "is between", (Slot.DATE, Slot.DATE)),
    Operator("happened", "is known"),
    Operator("never", "is unknown (never)"),
)
_TEXTS = (
    Operator("is", "is", (Slot.TEXT,)),
    Operator("is_not", "is not", (Slot.TEXT,)),
    Operator("one_of", "is one of", (Slot.TEXTS,)),
    Operator("none_of", "is none of", (Slot.TEXTS,)),
    Operator("begins", "begins with", (Slot.TEXT,)),
    Operator("contains", "contains", (Slot.TEXT,)),
    Operator("empty", "is empty"),
    Operator("filled", "is filled in"),
)
CHANGES = (
    Operator("down_percent", "is down by more than (%)", (Slot.SHARE, Slot.WHOLE, Slot.BASE)),
    Operator("up_percent", "is up by more than (%)", (Slot.SHARE, Slot.WHOLE, Slot.BASE)),
    Operator("down_amount", "is down by more than (amount)", (Slot.NUMBER, Slot.WHOLE, Slot.BASE)),
    Operator("up_amount", "is up by more than (amount)", (Slot.NUMBER, Slot.WHOLE, Slot.BASE)),
)
BY_KIND: Mapping[FieldKind, tuple[Operator, ...]] = MappingProxyType(
    dict.fromkeys(NUMBERS, (*_AMOUNTS, *_KNOWN))
    | {
        FieldKind.DATE: _DATES,
        FieldKind.TEXT: _TEXTS,
        FieldKind.YES_NO: (Operator("yes", "yes"), Operator("no", "no")),
    }
)
ALL: Mapping[str, Operator] = MappingProxyType(
    {each.name: each for each in (*_AMOUNTS, *_KNOWN, *_DATES, *_TEXTS, *CHANGES, *BY_KIND[FieldKind.YES_NO])}
)


def read_number(text: str, *, whole: bool = False) -> Decimal:
    """An amount, read as everywhere. Raises BadValue."""
    if not text.strip():
        raise BadValue("a number is missing")
    try:
        number = written_numbers.read_number(text)
    except written_numbers.BadNumber as problem:
        raise BadValue(str(problem)) from problem
    if abs(number) >= LARGEST:
        raise BadValue(f"“{text.strip()[:40]}” is larger than any figure here")
    if whole and number != number.to_integral_value():
        raise BadValue(f"“{text.strip()[:40]}” is no whole number")
    return number


def read_whole(text: str) -> int:
    """A number of days, weeks, months or years. Raises BadValue."""
    number = int(read_number(text, whole=True))
    if not 1 <= number <= MOST_BACK:
        raise BadValue(f"“{text.strip()[:40]}” is not between 1 and {MOST_BACK:,}")
    return number


def read_day(text: str) -> date:
    """A day. Raises BadValue."""
    if not text.strip():
        raise BadValue("a day is missing")
    try:
        return date.fromisoformat(text.strip())
    except ValueError as problem:
        raise BadValue(f"“{text.strip()[:40]}” is no day; write it as 2026-02-28") from problem


def read_choice(text: str, choices: Mapping[str, str], what: str) -> str:
    """One of the named choices. Raises BadValue."""
    if text not in choices:
        raise BadValue(
            f"“{text[:40]}” is no {what}; there are: {', '.join(choices)}" if text else f"a {what} is missing"
        )
    return text
