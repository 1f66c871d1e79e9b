"""Rules and a customer's values as people say them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from customers import formats
from customers.rules.bound import BoundRule
from customers.rules.conditions import Changed, Nobody
from customers.rules.operators import PERIODS, FieldKind, Slot, read_number
from customers.rules.reasons import Verdict

CHANGED = {"down": "is down by more than", "up": "is up by more than"}


def rule_words(rule: BoundRule, currency: str, labels: Mapping[str, str]) -> str:
    """ "Revenue this year is at least €5,000"; `labels` names keys such as owners."""
    return f"{rule.field.label} {asked_words(rule, currency, labels)}".strip()


def asked_words(rule: BoundRule, currency: str, labels: Mapping[str, str]) -> str:
    """What the rule asks, without its field."""
    asks, values = rule.asks, rule.rule.values
    if rule.operator.slots[-1:] == (Slot.BASE,):
        direction, _, measured = rule.operator.name.partition("_")
        by = f"{formats.quantity(read_number(values[0]))}%" if measured == "percent" else _number(rule, currency)
        against = f" against {rule.earlier.words}" if rule.earlier else ""
        return f"{CHANGED[direction]} {by}{against}"
    if rule.field.kind is FieldKind.YES_NO:
        return f"is {rule.operator.words}" if not isinstance(asks, Changed | Nobody) else ""
    told = [_told(rule, slot, value, currency, labels) for slot, value in _slots(rule)]
    joined = (" and " if rule.operator.name.startswith("between") else " ").join(told)
    if rule.operator.slots == (Slot.TEXTS,):
        joined = ", ".join(told)
    return f"{rule.operator.words} {joined}".strip()


def _slots(rule: BoundRule) -> list[tuple[Slot, str]]:
    slots, values = rule.operator.slots, rule.rule.values
    if slots == (Slot.TEXTS,):
        return [(Slot.TEXT, value) for value in values if value.strip()]
    return list(zip(slots, values, strict=False))


def _told(rule: BoundRule, slot: Slot, value: str, currency: str, labels: Mapping[str, str]) -> str:
    if slot is Slot.NUMBER:
        return amount(rule, read_number(value), currency)
    if slot is Slot.DATE:
        return formats.day(date.fromisoformat(value.strip()))
    if slot is Slot.PERIOD:
        return PERIODS[value]
    if slot is Slot.TEXT:
        return f"“{labels.get(value, value)}”"
    return value


def _number(rule: BoundRule, currency: str) -> str:
    return amount(rule, read_number(rule.rule.values[0]), currency)


def amount(rule: BoundRule, value: Decimal | int, currency: str) -> str:
    """A number in the unit of the rule's field."""
    kind = rule.field.kind
    if kind is FieldKind.MONEY:
        whole = value == int(value)
        return formats.money(value, currency, places=0 if whole else 2)
    if kind is FieldKind.DAYS:
        return formats.days(value)
    text = formats.quantity(Decimal(value))
    return f"{text}%" if kind is FieldKind.PERCENT else text


def value_words(rule: BoundRule, value: Any, currency: str, labels: Mapping[str, str]) -> str:
    """A customer's value of the rule's field; "–" where it is unknown."""
    if value is None:
        return formats.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, str):
        return labels.get(value, value) or "empty"
    if rule.field.kind is FieldKind.MONEY:
        return formats.money(value, currency)
    return amount(rule, value, currency)


def verdict_words(judged: Verdict, currency: str, labels: Mapping[str, str]) -> str:
    """The value that decided, with what it is compared with: "€80,000.00, against €120,000.00 (21 Nov 2025)"."""
    rule = judged.rule
    told = value_words(rule, judged.value, currency, labels)
    if rule.earlier is None:
        return told
    return f"{told}, against {value_words(rule, judged.before, currency, labels)} ({rule.earlier.words})"


def short_words(judged: Verdict, currency: str, labels: Mapping[str, str]) -> str:
    """The value in a few letters, for a list: amounts without cents, a change as what it is."""
    rule, value, before = judged.rule, judged.value, judged.before
    if isinstance(rule.asks, Changed) and value is not None and before is not None:
        moved = Decimal(value) - Decimal(before)
        if rule.asks.percent and before > 0:
            return f"{'+' if moved > 0 else ''}{formats.percent(moved / Decimal(before))}"
        return f"{'+' if moved > 0 else ''}{amount(rule, formats.half_up(moved, 0), currency)}"
    if rule.field.kind is FieldKind.MONEY and value is not None:
        return formats.money(value, currency, places=0)
    return value_words(rule, value, currency, labels)
