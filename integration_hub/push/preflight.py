"""Checks by describe, before anything is sent, that each pushed field exists and can hold its values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from integration_hub.config import PushField
from integration_hub.push.extent import Extent
from integration_hub.push.values import NUMBER_TYPES, TEXT_TYPES
from integration_hub.push.wanted import FieldNeed, Kind
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

# What an account is called, whose it is and what its amounts mean is nobody's figure.
PLAIN_DIGITS = 10
SHOWN = 5
MIXED_REMEDY = (
    'Make all amount fields Currency fields, or all Number fields, or set other_currency to "refuse" in hub.toml.'
)


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


@dataclass(frozen=True)
class Checked:
    """One pushed field with all that is known of it; `info` is None where describe does not show the field."""

    rule: PushField
    info: FieldInfo | None
    need: FieldNeed
    extent: Extent

    def red(self, problem: str, remedy: str) -> "Finding":
        """The field is not sent."""
        return Finding(self.rule.field, State.RED, problem, remedy)

    def amber(self, problem: str, remedy: str) -> "Finding":
        """The field is sent, but somebody should look."""
        return Finding(self.rule.field, State.AMBER, problem, remedy)


def check_fields(
    rules: Sequence[PushField],
    described: Mapping[str, FieldInfo],
    needs: Mapping[str, FieldNeed],
    extents: Mapping[str, Extent] | None = None,
    *,
    converts: bool = False,
) -> tuple[Finding, ...]:
    """At least one finding per pushed field, in the configured order; a field with a red one is not to be sent.

    Without `extents` only what is known before there are figures is checked. `converts` says that accounts in several
    currencies get their amounts converted.
    """
    known = extents or {}
    mixed = _mixed(rules, described, needs) if converts else {}
    findings: list[Finding] = []
    for rule in rules:
        one = Checked(rule, described.get(rule.field), needs[rule.field], known.get(rule.field, Extent()))
        found = [*_problems(one)]
        if rule.field in mixed and not any(finding.state is State.RED for finding in found):
            found.append(one.red(mixed[rule.field], MIXED_REMEDY))
        findings += found or [Finding(rule.field, State.GREEN)]
    return tuple(findings)


def stopped_fields(findings: Sequence[Finding]) -> frozenset[str]:
    """The fields that must not be sent."""
    return frozenset(finding.field for finding in findings if finding.state is State.RED)


def _problems(one: Checked) -> Iterator[Finding]:
    info = one.info
    if info is None:
        yield one.red(
            f"Account has no field {one.rule.field}, or the integration user may not see it; Salesforce does not tell "
            "which.",
            "Create the field if it is missing (manage.py salesforce_metadata writes it), then assign the "
            f"permission set {PERMISSION_SET} to the integration user.",
        )
        return
    unwritable = _unwritable(one, info)
    if unwritable:
        yield unwritable
        return
    if info.type not in FITTING_TYPES[one.need.kind]:
        yield one.red(
            f"The field {info.name} is of type {info.type}, which does not fit {_article(one.need.kind)}.",
            f'Change the field to {TYPE_NAMES[one.need.kind]}, or name another field for "{one.rule.measure}" in '
            "hub.toml.",
        )
        return
    yield from _too_small(one, info)
    yield from _emptiness(one, info)
    yield from _special(one, info)


def _article(kind: Kind) -> str:
    return {Kind.MONEY: "an amount", Kind.NUMBER: "a number", Kind.DATE: "a date", Kind.TEXT: "a text"}[kind]


def _unwritable(one: Checked, info: FieldInfo) -> Finding | None:
    if info.calculated:
        return one.red(
            f"The field {info.name} is a formula or roll-up summary, which nobody can write.",
            "Name an ordinary field in hub.toml, or replace the formula field by one.",
        )
    if not info.updateable:
        return one.red(
            f"The integration user may read the field {info.name} but not edit it.",
            f"Give edit access to the field in the permission set {PERMISSION_SET} and assign it to the integration "
            "user.",
        )
    return None


def _too_small(one: Checked, info: FieldInfo) -> Iterator[Finding]:
    if info.type in TEXT_TYPES:
        yield from _text_too_small(one, info)
        return
    if info.type not in NUMBER_TYPES:
        return
    extent = one.extent
    if extent.decimals > info.scale:
        yield one.red(
            f"The field {info.name} keeps {info.scale} decimal places, but a value has {extent.decimals}: "
            "Salesforce would round it.",
            f"Give the field {extent.decimals} decimal places.",
        )
    elif one.need.decimals > info.scale:
        yield one.amber(
            f"The field {info.name} keeps {info.scale} decimal places, but {one.rule.measure} can have "
            f"{one.need.decimals}: the first value that has them stops the field.",
            f"Give the field {one.need.decimals} decimal places.",
        )
    room = info.precision - info.scale if info.precision else PLAIN_DIGITS
    if extent.whole_digits > room:
        yield one.red(
            f"The field {info.name} holds {room} digits before the decimal point, but a value has "
            f"{extent.whole_digits}.",
            f"Make the field at least {extent.whole_digits} digits long before the decimal point.",
        )
    elif extent.whole_digits == room:
        yield one.amber(
            f"The largest value fills all {room} digits of the field {info.name}.",
            "Make the field longer before the figures grow.",
        )


def _text_too_small(one: Checked, info: FieldInfo) -> Iterator[Finding]:
    longest = max(one.need.length, one.extent.length)
    if longest > info.length > 0:
        yield one.red(
            f"The field {info.name} holds {info.length} characters, but a value has {longest}.",
            f"Make the field at least {longest} characters long.",
        )
    possible = one.need.values or one.extent.texts
    unknown = sorted(set(possible) - set(info.picklist)) if info.type == "picklist" else []
    if not unknown:
        return
    named = ", ".join(f'"{value}"' for value in unknown[:SHOWN])
    more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    problem = f"The picklist {info.name} has no value {named}{more}."
    if info.restricted:
        yield one.red(
            f"{problem} It is restricted, so Salesforce would refuse it.",
            "Add the values to the picklist, or use a text field.",
        )
    else:
        yield one.amber(
            f"{problem} It takes other values too, but does not offer them in filters.",
            "Add the values to the picklist.",
        )


def _emptiness(one: Checked, info: FieldInfo) -> Iterator[Finding]:
    if one.rule.when_empty == "zero" and info.type not in NUMBER_TYPES:
        yield one.red(
            f'hub.toml asks for zero when "{one.rule.measure}" is empty, but {info.name} is of type {info.type}.',
            'Set when_empty to "clear" or "leave".',
        )
    if one.rule.when_empty == "clear" and one.extent.has_empty and not info.nillable:
        yield one.red(
            f"The field {info.name} must not be empty in Salesforce, but some accounts have no value.",
            'Make the field optional, or set when_empty to "zero" or "leave".',
        )


def _special(one: Checked, info: FieldInfo) -> Iterator[Finding]:
    if info.unique or info.external_id:
        trait = "unique: two accounts with the same value cannot both be written" if info.unique else "an external id"
        yield one.amber(
            f"The field {info.name} is {trait}.",
            "Use a field that is neither unique nor an external id: figures are no keys.",
        )
    if info.encrypted:
        yield one.amber(
            f"The field {info.name} is encrypted, so list views and reports cannot filter by it.",
            "Use a field without encryption if the figure shall be filtered.",
        )


def _mixed(
    rules: Sequence[PushField], described: Mapping[str, FieldInfo], needs: Mapping[str, FieldNeed]
) -> dict[str, str]:
    """Why fields that hold the reporting currency cannot stand beside converted ones under one currency text."""
    amounts = [rule.field for rule in rules if needs[rule.field].kind is Kind.MONEY and rule.field in described]
    converted = [name for name in amounts if described[name].type == "currency"]
    plain = [name for name in amounts if described[name].type != "currency"]
    texts = [rule.field for rule in rules if needs[rule.field].names_currency]
    if not (converted and plain and texts):
        return {}
    problem = (
        f"Amounts go to Currency fields ({', '.join(converted[:SHOWN])}), which hold the account's own currency, and "
        f"to Number fields ({', '.join(plain[:SHOWN])}), which hold the reporting currency. "
        f"{texts[0]} cannot name both."
    )
    return dict.fromkeys([*plain, *texts], problem)
