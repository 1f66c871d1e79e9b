"""Checks by describe, before anything is sent, that each pushed field exists and can hold its values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from integration_hub.config import PushField
from integration_hub.push.extent import Extent
from integration_hub.push.values import NUMBER_TYPES, TEXT_TYPES
from integration_hub.push.wanted import Kind
from integration_hub.salesforce.describe import FieldInfo

PERMISSION_SET = "ERP_Rollup_Writer"
FITTING_TYPES: Mapping[Kind, frozenset[str]] = {
    Kind.MONEY: NUMBER_TYPES - {"percent"},
    Kind.NUMBER: NUMBER_TYPES,
    Kind.DATE: frozenset({"date"}),
    Kind.TEXT: TEXT_TYPES,
}
TYPE_NAMES: Mapping[Kind, str] = {
    Kind.MONEY: "Currency(16, 2)",
    Kind.NUMBER: "Number(18, 0)",
    Kind.DATE: "Date",
    Kind.TEXT: "Text",
}


class State(StrEnum):
    """GREEN: will be sent. AMBER: will be sent, but somebody should look. RED: this field is not sent."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Finding:
    """The verdict on one pushed field, in words for an administrator; texts are empty when all is well."""

    field: str
    state: State
    problem: str = ""
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """The form kept in PushPlan.findings."""
        return {name: str(value) for name, value in asdict(self).items()}


def check_fields(
    rules: Sequence[PushField],
    described: Mapping[str, FieldInfo],
    kinds: Mapping[str, Kind],
    extents: Mapping[str, Extent],
) -> tuple[Finding, ...]:
    """At least one finding per pushed field, in the configured order; a field with a red one is not to be sent."""
    findings: list[Finding] = []
    for rule in rules:
        info = described.get(rule.field)
        found = list(_problems(rule, info, kinds.get(rule.field), extents[rule.field]))
        findings += found or [Finding(rule.field, State.GREEN)]
    return tuple(findings)


def stopped_fields(findings: Sequence[Finding]) -> frozenset[str]:
    """The fields that must not be sent."""
    return frozenset(finding.field for finding in findings if finding.state is State.RED)


def _problems(rule: PushField, info: FieldInfo | None, kind: Kind | None, extent: Extent) -> Iterator[Finding]:
    if info is None:
        yield Finding(
            rule.field,
            State.RED,
            f"Account has no field {rule.field}, or the integration user may not see it; Salesforce does not tell "
            "which.",
            "Create the field if it is missing (manage.py salesforce_metadata writes it), then assign the "
            f"permission set {PERMISSION_SET} "
            "to the integration user.",
        )
        return
    unwritable = _unwritable(info)
    if unwritable:
        yield unwritable
        return
    for each in extent.kinds if kind is None else {kind}:
        if info.type not in FITTING_TYPES[each]:
            yield Finding(
                rule.field,
                State.RED,
                f"The field {rule.field} is of type {info.type}, which does not fit {_article(each)}.",
                f'Change the field to {TYPE_NAMES[each]}, or name another field for "{rule.measure}" in hub.toml.',
            )
            return
    yield from _too_small(rule, info, extent)
    yield from _emptiness(rule, info, extent)


def _article(kind: Kind) -> str:
    return {Kind.MONEY: "an amount", Kind.NUMBER: "a number", Kind.DATE: "a date", Kind.TEXT: "a text"}[kind]


def _unwritable(info: FieldInfo) -> Finding | None:
    if info.calculated:
        return Finding(
            info.name,
            State.RED,
            f"The field {info.name} is a formula or roll-up summary, which nobody can write.",
            "Name an ordinary field in hub.toml, or replace the formula field by one.",
        )
    if not info.updateable:
        return Finding(
            info.name,
            State.RED,
            f"The integration user may read the field {info.name} but not edit it.",
            f"Give edit access to the field in the permission set {PERMISSION_SET} and assign it to the integration "
            "user.",
        )
    return None


def _too_small(rule: PushField, info: FieldInfo, extent: Extent) -> Iterator[Finding]:
    if info.type in TEXT_TYPES:
        if extent.length > info.length > 0:
            yield Finding(
                rule.field,
                State.RED,
                f"The field {rule.field} holds {info.length} characters, but a value has {extent.length}.",
                f"Make the field at least {extent.length} characters long.",
            )
        unknown = extent.texts - set(info.picklist) if info.picklist else set()
        if unknown:
            yield Finding(
                rule.field,
                State.RED,
                f"The picklist {rule.field} has no value {', '.join(sorted(unknown)[:5])}.",
                "Add the value to the picklist, or use a text field.",
            )
        return
    if info.type not in NUMBER_TYPES:
        return
    if extent.decimals > info.scale:
        yield Finding(
            rule.field,
            State.RED,
            f"The field {rule.field} keeps {info.scale} decimal places, but a value has {extent.decimals}: "
            "Salesforce would round it.",
            f"Give the field {extent.decimals} decimal places.",
        )
    room = info.precision - info.scale if info.precision else 10
    if extent.whole_digits > room:
        yield Finding(
            rule.field,
            State.RED,
            f"The field {rule.field} holds {room} digits before the decimal point, but a value has "
            f"{extent.whole_digits}.",
            f"Make the field at least {extent.whole_digits} digits long before the decimal point.",
        )
    elif extent.whole_digits == room:
        yield Finding(
            rule.field,
            State.AMBER,
            f"The largest value fills all {room} digits of the field {rule.field}.",
            "Make the field longer before the figures grow.",
        )


def _emptiness(rule: PushField, info: FieldInfo, extent: Extent) -> Iterator[Finding]:
    if rule.when_empty == "zero" and info.type not in NUMBER_TYPES:
        yield Finding(
            rule.field,
            State.RED,
            f'hub.toml asks for zero when "{rule.measure}" is empty, but {rule.field} is of type {info.type}.',
            'Set when_empty to "clear" or "leave".',
        )
    if rule.when_empty == "clear" and extent.has_empty and not info.nillable:
        yield Finding(
            rule.field,
            State.RED,
            f"The field {rule.field} must not be empty in Salesforce, but some accounts have no value.",
            'Make the field optional, or set when_empty to "zero" or "leave".',
        )
