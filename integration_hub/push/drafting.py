"""Makes a draft: asks for the wanted values, checks the fields, reads the live values and compares."""

from collections.abc import Mapping
from dataclasses import dataclass

from integration_hub.config import Hub
from integration_hub.push import ledger, recovery
from integration_hub.push.extent import measure
from integration_hub.push.live import CURRENCY, live_accounts
from integration_hub.push.plan import Comparison, Draft, compare
from integration_hub.push.preflight import check_fields, stopped_fields
from integration_hub.push.wanted import wanted_values
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


def draft_plan(target: Target, hub: Hub, *, settle: bool) -> Draft:
    """Compare what is wanted with what stands there.

    With `settle`, unanswered changes of earlier plans are read back first.
    """
    wanted = wanted_values(hub.push.fields)
    rows, extents = measure(wanted.rows, hub.push.fields)
    findings = check_fields(hub.push.fields, target.described, wanted.kinds, extents)
    stopped = stopped_fields(findings)
    rules = [rule for rule in hub.push.fields if rule.field not in stopped]
    draft = Draft(wanted.as_of, target.organization, findings)
    if not rules:
        return draft
    live = live_accounts(
        target.org,
        [target.described[rule.field] for rule in rules],
        several_currencies=CURRENCY in target.described,
        in_bulk=hub.salesforce is not None and len(rows) >= hub.salesforce.bulk_from_rows,
    )
    if settle:
        recovery.read_back(target.organization, [rule.field for rule in rules], live)
    by = Comparison(
        rules,
        target.described,
        ledger.acknowledged(target.organization),
        hub.company.reporting_currency,
        hub.push.drift == "restore",
    )
    compare(draft, rows, live, by)
    return draft
