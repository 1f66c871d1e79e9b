"""What a rule asks of a value, in two forms that agree: a condition for the database, and a test of one value.

What is unknown (None) meets no condition but `Known(False)`: a customer without won deals has no average deal size, and
is not among those with one below 5,000. A text is never unknown but may be empty; empty is not "DE".
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Literal

from django.db.models import CharField, Lookup, Q, TextField

How = Literal["is", "begins", "contains"]
# Amounts have at most 15 digits before the point and four after it; products of two are still exact.
EXACT = Context(prec=80)


@CharField.register_lookup
@TextField.register_lookup
class IsAmong(Lookup):
    """A text is one of several but for capitals, which are made once for each row and not once for each text."""

    lookup_name = "is_among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The condition and its parameters."""
        text, parameters = self.process_lhs(compiler, connection)
        texts = list(self.rhs)
        marks = ", ".join(["upper(%s)"] * len(texts))
        return f"upper(({text})::text) in ({marks})", (*parameters, *texts)


@dataclass(frozen=True)
class Within:
    """Between two bounds, either of which may be open (None); a bound itself belongs to it unless it is excluded."""

    low: Any = None
    high: Any = None
    low_excluded: bool = False
    high_excluded: bool = False

    def condition(self, path: str) -> Q:
        """On the column that a path leads to."""
        low = Q() if self.low is None else Q(**{f"{path}__{'gt' if self.low_excluded else 'gte'}": self.low})
        return low if self.high is None else low & Q(**{f"{path}__{'lt' if self.high_excluded else 'lte'}": self.high})

    def holds(self, value: Any) -> bool:
        """For one value."""
        if value is None:
            return False
        above = self.low is None or value > self.low or (value == self.low and not self.low_excluded)
        return above and (self.high is None or value < self.high or (value == self.high and not self.high_excluded))

    def met(self, other: "Within") -> bool:
        """Whether some value may lie within both."""
        return not _before(self, other) and not _before(other, self)


def _before(lower: Within, upper: Within) -> bool:
    if lower.high is None or upper.low is None:
        return False
    touching = lower.high == upper.low and (lower.high_excluded or upper.low_excluded)
    return bool(lower.high < upper.low or touching)


@dataclass(frozen=True)
class Known:
    """There is a value, or there is none."""

    known: bool

    def condition(self, path: str) -> Q:
        """On the column that a path leads to."""
        return Q(**{f"{path}__isnull": not self.known})

    def holds(self, value: Any) -> bool:
        """For one value."""
        return (value is not None) is self.known


@dataclass(frozen=True)
class Truth:
    """Yes or no."""

    truth: bool

    def condition(self, path: str) -> Q:
        """On the column that a path leads to."""
        return Q(**{path: self.truth})

    def holds(self, value: Any) -> bool:
        """For one value."""
        return value is self.truth


@dataclass(frozen=True)
class Text:
    """A text is one of several, begins with one of them or contains one; `exact` ones are keys, others are compared
    without regard to capitals. `refused` turns it around.
    """

    texts: tuple[str, ...]
    how: How = "is"
    exact: bool = False
    refused: bool = False

    def condition(self, path: str) -> Q:
        """On the column that a path leads to; one that is refused is turned around by who asks."""
        if self.exact or (self.how == "is" and self.texts == ("",)):
            return Q(**{f"{path}__in": list(self.texts)})
        if self.how == "is":
            return Q(**{f"{path}__is_among": self.texts})
        lookup = {"begins": "istartswith", "contains": "icontains"}[self.how]
        found = Q()
        for text in self.texts:
            found |= Q(**{f"{path}__{lookup}": text})
        return found

    def holds(self, value: Any) -> bool:
        """For one value."""
        return self._is_among(str(value or "")) is not self.refused

    def _is_among(self, value: str) -> bool:
        if self.exact:
            return value in self.texts
        written = upper(value)
        tests: dict[How, Callable[[str], bool]] = {
            "is": lambda text: written == text,
            "begins": written.startswith,
            "contains": lambda text: text in written,
        }
        return any(tests[self.how](upper(text)) for text in self.texts)


def upper(text: str) -> str:
    """Capitals letter by letter, as PostgreSQL makes them: what has no single capital, such as ß, stays."""
    return "".join(capital if len(capital := letter.upper()) == 1 else letter for letter in text)


@dataclass(frozen=True)
class Changed:
    """Down or up by more than an amount, or by more than so many per cent, against an earlier value of its own.

    Per cent of nothing, or of less than nothing, is no number: such a customer is not matched.
    """

    direction: Literal["down", "up"]
    by: Decimal
    percent: bool

    def holds(self, value: Any, before: Any) -> bool:
        """For a value and the earlier one."""
        if value is None or before is None or (self.percent and before <= 0):
            return False
        now, then = Decimal(value), Decimal(before)
        moved = EXACT.subtract(now, then) if self.direction == "up" else EXACT.subtract(then, now)
        if not self.percent:
            return moved > self.by
        return EXACT.multiply(moved, Decimal(100)) > EXACT.multiply(self.by, then)


@dataclass(frozen=True)
class Nobody:
    """What cannot be answered: `because` says why, so nobody is matched."""

    because: str


Condition = Within | Known | Truth | Text
