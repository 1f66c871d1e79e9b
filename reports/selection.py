"""The filters and the order that a schedule keeps, in words and without asking the report."""

from collections.abc import Mapping
from typing import Any

from customers import formats
from customers.account_fields import in_words
from customers.measures import MEASURES
from integration_hub.config import hub
from reports.parameters import BadParameter, Parameter, ParameterKind
from reports.shape import Report, label_of


def selection_words(report: Report, kept: Mapping[str, str]) -> tuple[str, ...]:
    """One line for each parameter that is kept, such as "A up to 90%" or "Class: Late now"; the order comes last."""
    lines = [_line(each, text) for each in report.parameters if (text := str(kept.get(each.name, "")).strip())]
    order = kept.get("sort", "")
    if order or kept.get("order"):
        by = MEASURES[order].label if order in MEASURES else order.replace("_", " ").capitalize()
        direction = "ascending" if kept.get("order") == "asc" else "descending"
        lines.append(f"Sorted by {by}, {direction}" if by else f"Sorted {direction}")
    return tuple(lines)


def _line(parameter: Parameter, text: str) -> str:
    try:
        value = parameter.read(text)
    except BadParameter:
        # Said as it was kept: the job says what became of it.
        return f"{parameter.label}: {text}"
    if parameter.kind is ParameterKind.CHOICE:
        return f"{parameter.label}: {label_of(parameter.options(), value)}"
    if parameter.kind is ParameterKind.ACCOUNT_FIELD:
        return in_words(value)
    return f"{parameter.label.removesuffix(' %')} {_value(parameter.kind, value)}"


def _value(kind: ParameterKind, value: Any) -> str:
    if kind in {ParameterKind.DAY, ParameterKind.KEPT_DAY}:
        return formats.day(value)
    if kind is ParameterKind.MONEY:
        return formats.money(value, hub().company.reporting_currency, places=0 if value == int(value) else 2)
    return f"{value}%" if kind is ParameterKind.PERCENT else str(value)
