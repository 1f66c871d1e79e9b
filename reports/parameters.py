"""What a reader may set on a report: typed, checked, kept in the URL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from customers.account_fields import FieldFilter, UnknownField, read_filter

LIMIT = Decimal("999999999999.99")
LONGEST = 60


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


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter. `choices` gives (value, label) pairs, now or when asked; a choice that is none of them is the
    default. `least` and `most` bound numbers. `group` is the legend it stands under.
    """

    name: str
    label: str
    kind: ParameterKind
    default: Any = ""
    choices: Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]] = ()
    least: Decimal = Decimal(0)
    most: Decimal = LIMIT
    group: str = "Show"

    def options(self) -> Sequence[tuple[str, str]]:
        """The choices there are now."""
        return self.choices() if callable(self.choices) else self.choices

    def read(self, text: str) -> Any:
        """The value that a text of the URL stands for. Raises BadParameter."""
        if not text:
            return self.default
        return _READERS[self.kind](self, text)


ACCOUNT_FIELD = Parameter(name="field", label="Account field", kind=ParameterKind.ACCOUNT_FIELD, default=None)


def read_parameters(parameters: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """The value of every parameter. Raises BadParameter for the first that cannot be used."""
    return {parameter.name: parameter.read(given.get(parameter.name, "").strip()) for parameter in parameters}


def written(parameter: Parameter, value: Any) -> str:
    """A value as it stands in the URL; empty for the default."""
    return "" if value is None or value == parameter.default else str(value)


def _choice(parameter: Parameter, text: str) -> Any:
    return text if any(text == value for value, _ in parameter.options()) else parameter.default


def _amount(parameter: Parameter, text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(" ", "").replace(",", ""))
    except InvalidOperation as error:
        raise BadParameter(
            f'"{parameter.label}" is "{text[:LONGEST]}", which is not an amount. Enter a number such as 25000.'
        ) from error
    _check_bounds(parameter, amount)
    return amount.quantize(Decimal("0.01")) if amount != amount.to_integral_value() else Decimal(int(amount))


def _whole(parameter: Parameter, text: str) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise BadParameter(
            f'"{parameter.label}" is "{text[:LONGEST]}", which is not a whole number. Enter a number such as 30.'
        ) from error
    _check_bounds(parameter, Decimal(number))
    return number


def _check_bounds(parameter: Parameter, amount: Decimal) -> None:
    if not amount.is_finite() or not parameter.least <= amount <= parameter.most:
        raise BadParameter(f'"{parameter.label}" must be between {parameter.least:,} and {parameter.most:,}.')


def _day(parameter: Parameter, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(
            f'"{parameter.label}" is "{text[:LONGEST]}", which is no date. Write it as 2026-02-28.'
        ) from error


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
}
