"""Judges plain rules over plain values by the words of the documentation: nothing of customers.rules is used here."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from dateutil.relativedelta import relativedelta

PRIORS = {"revenue_ytd": "revenue_ytd_prior", "otif": "otif_prior", "revenue_12m": "revenue_prior_12m"}


def holds(member: Mapping[str, Any], now: Mapping[str, Any], earlier: Mapping[str, Any], as_of: date) -> bool:
    """A group or rule as JSON, for one customer: `now` and `earlier` are its values by field."""
    if "field" not in member:
        ((kind, members),) = member.items()
        judged = (holds(each, now, earlier, as_of) for each in members)
        return all(judged) if kind == "all" else any(judged)
    value, name, values = now[member["field"]], member["is"], member["values"]
    if name.startswith(("up_", "down_")):
        before = now[PRIORS[member["field"]]] if values[2] == "prior" else earlier.get(member["field"])
        return _changed(name, Fraction(values[0]), value, before)
    if name in {"known", "happened", "unknown", "never"}:
        return (value is None) == (name in {"unknown", "never"})
    if isinstance(value, bool):
        return value is (name == "yes")
    if isinstance(value, str):
        return _text(name, values, value)
    judge = _day if isinstance(value, date) else _number
    return value is not None and bool(judge(name, values, value, as_of))


def _changed(name: str, by: Fraction, value: Any, before: Any) -> bool:
    if value is None or before is None:
        return False
    moved = Fraction(value) - Fraction(before)
    if name.startswith("down"):
        moved = -moved
    if name.endswith("amount"):
        return moved > by
    return before > 0 and moved / Fraction(before) * 100 > by


def _number(name: str, values: list[str], value: Any, _as_of: date) -> bool:
    exact, limits = Fraction(value), [Fraction(each) for each in values]
    return {
        "at_least": lambda: exact >= limits[0],
        "more_than": lambda: exact > limits[0],
        "at_most": lambda: exact <= limits[0],
        "less_than": lambda: exact < limits[0],
        "equals": lambda: exact == limits[0],
        "between": lambda: limits[0] <= exact <= limits[1],
    }[name]()


def _day(name: str, values: list[str], value: date, as_of: date) -> bool:
    if name in {"within_last", "longer_ago"}:
        count = int(values[0])
        step = timedelta(days=count) if values[1] == "days" else timedelta(weeks=count)
        edge = as_of - relativedelta(months=count) if values[1] == "months" else as_of - step
        return edge <= value <= as_of if name == "within_last" else value < edge
    if name == "in_period":
        # The fiscal years of these tests are calendar years.
        unit = values[0].partition("_")[2]
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        begin = date(as_of.year, (as_of.month - 1) // months * months + 1, 1)
        if values[0].startswith("last"):
            begin -= relativedelta(months=months)
        return begin <= value < begin + relativedelta(months=months)
    days = [date.fromisoformat(each) for each in values]
    if name == "on_or_after":
        return value >= days[0]
    return value < days[0] if name == "before" else days[0] <= value <= days[1]


def _text(name: str, values: list[str], value: str) -> bool:
    small, asked = value.lower(), [each.lower() for each in values]
    return {
        "is": lambda: small == asked[0],
        "is_not": lambda: small != asked[0],
        "one_of": lambda: small in asked,
        "none_of": lambda: small not in asked,
        "begins": lambda: small.startswith(asked[0]),
        "contains": lambda: asked[0] in small,
        "empty": lambda: not small,
        "filled": lambda: bool(small),
    }[name]()
