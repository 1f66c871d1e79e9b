"""Makes a draft: asks for the wanted values, checks the fields, reads the live values and compares."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from integration_hub.config import Hub, PushField
from integration_hub.installation import restored
from integration_hub.models import LiveAccount, PushChange
from integration_hub.push import recovery
from integration_hub.push.comparison import Comparison
from integration_hub.push.conversion import rates_at
from integration_hub.push.extent import measure
from integration_hub.push.live import CURRENCY, bring_up_to_date, known_accounts
from integration_hub.push.plan import Draft, compare
from integration_hub.push.preflight import check_fields, stopped_fields
from integration_hub.push.refusals import known_refusals
from integration_hub.push.wanted import WantedSet, needs_of, wanted_values
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import FieldInfo


@dataclass(frozen=True)
class Target:
    """The org that a push goes to. `described` holds the Account fields that the integration user may see."""

    org: Org
    organization: str
    described: Mapping[str, FieldInfo]


def reach(org: Org) -> Target:
    """Ask the org who it is and what its accounts look like."""
    return Target(org, org.organization_id(), org.describe("Account").fields)


def draft_plan(target: Target, hub: Hub, *, settle: bool, check: Callable[[str], None] = lambda _org: None) -> Draft:
    """Compare what is wanted with what stands there.

    With `settle`, unanswered changes of earlier plans are read back first. `check` is called with the org's id once the
    live values are here, and may refuse.
    """
    if hub.salesforce is None:
        raise ValueError("a plan needs a Salesforce org to compare with")
    wanted, needs = wanted_values(hub.push.fields), needs_of(hub.push.fields)
    several = CURRENCY in target.described and hub.push.other_currency == "convert"
    findings = check_fields(hub.push.fields, target.described, needs, converts=several)
    rules = _sendable(hub.push.fields, stopped_fields(findings))
    if not rules:
        return Draft(wanted.as_of, target.organization, (*findings, *known_refusals(target.organization)))
    readable = [target.described[rule.field] for rule in hub.push.fields if rule.field in target.described]
    bring_up_to_date(target.org, target.organization, target.described, readable, hub.salesforce, timezone.now())
    check(target.organization)
    if settle:
        restored.adopt(target.organization)
        _settle(target.organization, [info.name for info in readable])
    by = comparison(target, hub, wanted)
    by.stage(wanted)
    findings = check_fields(hub.push.fields, target.described, needs, measure(by, rules), converts=several)
    draft = Draft(wanted.as_of, target.organization, (*findings, *known_refusals(target.organization)))
    compare(draft, _sendable(rules, stopped_fields(findings)), by)
    return draft


def comparison(target: Target, hub: Hub, wanted: WantedSet) -> Comparison:
    """The rules of comparing at the wanted day, with the rates that the accounts' currencies need."""
    base = hub.company.reporting_currency
    kept = LiveAccount.objects.filter(organization=target.organization).exclude(currency__in=("", base))
    foreign = frozenset(kept.values_list("currency", flat=True).distinct())
    rates = rates_at(wanted.as_of, base, foreign) if hub.push.other_currency == "convert" else None
    return Comparison(
        target.organization,
        hub.push.fields,
        target.described,
        needs_of(hub.push.fields),
        base,
        foreign,
        rates,
        hub.push.drift == "restore",
    )


def _sendable(rules: Sequence[PushField], stopped: frozenset[str]) -> list[PushField]:
    return [rule for rule in rules if rule.field not in stopped]


def _settle(organization: str, fields: Sequence[str]) -> None:
    """Decide unanswered changes by what stands there now."""
    unanswered = PushChange.objects.filter(plan__organization=organization, status__in=recovery.OPEN)
    accounts = unanswered.order_by().values_list("account", flat=True).distinct()
    recovery.read_back(organization, fields, known_accounts(organization, accounts))
    recovery.confirm_late(organization)
