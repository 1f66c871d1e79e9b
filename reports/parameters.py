"""What a reader may set on a report: typed, checked, kept in the URL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from customers import formats
from customers.account_fields import FieldFilter, UnknownField, read_filter
from customers.calendar import comparable_days
from customers.history import bring
from customers.written_numbers import BadNumber, read_number

LIMIT = Decimal("999999999999.99")
LONGEST = 60
MOST_NAMED = 12
RECENT_DAYS, MONTH_ENDS = 10, 24


class BadParameter(ValueError):
    """A parameter of the URL cannot be used; the message says which, and what to enter."""


class ParameterKind(StrEnum):
    """How a parameter is read and asked for."""

    CHOICE = "choice"
    MONEY = "money"
    WHOLE = "whole"
    PERCENT = "percent"
    DAY = "day"
    ACCOUNT_FIELD = "account_field"
    KEPT_DAY = "kept_day"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter. `default` may be asked for, as what hub.toml says. `choices` gives (value, label) pairs, now or
    when asked; a choice that is none of them is refused. `least` and `most` bound numbers. `group` is the legend it
    stands under. A `quiet` one comes by links alone: the form keeps it and offers nothing for it; while the one named
    `replaced_by` has a value, this one says nothing. `rests_on` are the figures that a choice gives away, by its value:
    without them it is neither offered nor applied. `one_day` says that a value holds the report to one day for good.
    """

    name: str
    label: str
    kind: ParameterKind
    default: Any = ""
    choices: Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]] = ()
    least: Decimal = Decimal(0)
    most: Decimal = LIMIT
    group: str = "Show"
    quiet: bool = False
    replaced_by: str = ""
    rests_on: Mapping[str, frozenset[str]] = field(default_factory=dict)
    one_day: bool = False

    @property
    def usual(self) -> Any:
        """The value where none is chosen."""
        return self.default() if callable(self.default) else self.default

    def options(self) -> Sequence[tuple[str, str]]:
        """The choices there are now."""
        return self.choices() if callable(self.choices) else self.choices

    def may_choose(self, value: Any, hidden: frozenset[str]) -> bool:
        """Whether a value gives no hidden figure away."""
        return not hidden or not self.rests_on.get(str(value), frozenset()) & hidden

    def read(self, text: str) -> Any:
        """The value that a text of the URL stands for. Raises BadParameter."""
        if not text:
            return self.usual
        return _READERS[self.kind](self, text)


ACCOUNT_FIELD = Parameter(name="field", label="Account field", kind=ParameterKind.ACCOUNT_FIELD, default=None)


def _kept_days() -> Sequence[tuple[str, str]]:
    """The newest days that have figures, then the last such day of each earlier month; none where there is only one.
    Days in another currency, of another calendar or other companies are none: they would be shown as today's.
    """
    days = list(comparable_days().order_by("-as_of").values_list("as_of", flat=True))
    recent, earlier = days[:RECENT_DAYS], days[RECENT_DAYS:]
    months = {(day.year, day.month) for day in recent}
    for day in earlier:
        if (day.year, day.month) not in months and len(months) < MONTH_ENDS:
            months.add((day.year, day.month))
            recent.append(day)
    return (("", "Newest day"), *((day.isoformat(), formats.day(day)) for day in recent[1:])) if recent[1:] else ()


FIGURES_OF = Parameter(
    name="day", label="Figures of", kind=ParameterKind.KEPT_DAY, default=None, choices=_kept_days, one_day=True
)


def read_parameters(parameters: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """The value of every parameter. Raises BadParameter for the first that cannot be used."""
    return {parameter.name: parameter.read(given.get(parameter.name, "").strip()) for parameter in parameters}


def written(parameter: Parameter, value: Any) -> str:
    """A value as it stands in the URL; empty for the default."""
    return "" if value is None or value == parameter.usual else str(value)


def _choice(parameter: Parameter, text: str) -> Any:
    options = parameter.options()
    if any(text == value for value, _ in options):
        return text
    known = ", ".join(label for _, label in options[:MOST_NAMED])
    more = f" and {len(options) - MOST_NAMED} more" if len(options) > MOST_NAMED else ""
    raise BadParameter(f'"{parameter.label}" is "{text[:LONGEST]}", which is none of: {known}{more}.')


def _amount(parameter: Parameter, text: str) -> Decimal:
    amount = _number(parameter, text)
    _check_bounds(parameter, amount)
    return amount.quantize(Decimal("0.01")) if amount != amount.to_integral_value() else Decimal(int(amount))


def _whole(parameter: Parameter, text: str) -> int:
    number = _number(parameter, text)
    _check_bounds(parameter, number)
    if number != number.to_integral_value():
        raise BadParameter(f'"{parameter.label}" is “{text[:LONGEST]}”, which is not a whole number.')
    return int(number)


_EXAMPLES = {ParameterKind.MONEY: "25000", ParameterKind.PERCENT: "80", ParameterKind.WHOLE: "30"}


def _number(parameter: Parameter, text: str) -> Decimal:
    try:
        return read_number(text, _EXAMPLES[parameter.kind])
    except BadNumber as problem:
        raise BadParameter(f'"{parameter.label}": {problem}.') from problem


def _check_bounds(parameter: Parameter, amount: Decimal) -> None:
    if not parameter.least <= amount <= parameter.most:
        raise BadParameter(f'"{parameter.label}" must be between {parameter.least:,} and {parameter.most:,}.')


def _day(parameter: Parameter, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(
            f'"{parameter.label}" is "{text[:LONGEST]}", which is no date. Write it as 2026-02-28.'
        ) from error


def _kept_day(parameter: Parameter, text: str) -> date:
    day = _day(parameter, text)
    if not comparable_days().filter(as_of=day).exists():
        first = comparable_days().order_by("as_of").values_list("as_of", flat=True).first()
        known = f"They are kept since {formats.day(first)}" if first else "None are kept yet"
        raise BadParameter(f"No figures are kept of {formats.day(day)}. {known}; choose a day of the list.")
    bring(day)
    return day


def _account_field(_: Parameter, text: str) -> FieldFilter | None:
    try:
        return read_filter(text)
    except UnknownField as error:
        raise BadParameter(str(error)) from error


_READERS: Mapping[ParameterKind, Callable[[Parameter, str], Any]] = {
    ParameterKind.CHOICE: _choice,
    ParameterKind.MONEY: _amount,
    ParameterKind.PERCENT: _amount,
    ParameterKind.WHOLE: _whole,
    ParameterKind.DAY: _day,
    ParameterKind.ACCOUNT_FIELD: _account_field,
    ParameterKind.KEPT_DAY: _kept_day,
}
