"""Checks that ask the systems outside: each ERP with its proof of being read-only, Salesforce and the pushed fields."""

from collections.abc import Iterator

from integration_hub.config import Hub
from integration_hub.diagnosis.check import Check, Light
from integration_hub.push.drafting import reach
from integration_hub.push.live import CURRENCY
from integration_hub.push.preflight import State, check_fields
from integration_hub.push.refusals import known_refusals
from integration_hub.push.wanted import needs_of
from integration_hub.salesforce.client import connect
from integration_hub.sources import SourceProblem, open_source

STATES = {State.GREEN: Light.GREEN, State.AMBER: Light.AMBER, State.RED: Light.RED}
API_AMBER = 0.8


def outside_checks(configuration: Hub) -> Iterator[Check]:
    """One check per ERP source, then those of Salesforce."""
    for source in configuration.sources:
        yield check_source(source.name, source.label)
    if configuration.salesforce is not None:
        yield from check_salesforce(configuration)


def check_source(name: str, label: str) -> Check:
    """Whether the source can be reached, and why nobody can write to it through us."""
    try:
        found = open_source(name).check()
    except SourceProblem as problem:
        return Check(f"Source: {label}", Light.RED, f"{problem.problem} {problem.meaning}".strip(), problem.remedy)
    return Check(f"Source: {label}", Light.GREEN, f"{found.version}. Read-only: {found.read_only_proof}")


def check_salesforce(configuration: Hub) -> Iterator[Check]:
    """Login, the org's budget of requests, and the preflight of every pushed field."""
    try:
        target = reach(connect(configuration.salesforce))
        usage = target.org.usage()
    except SourceProblem as problem:
        yield Check("Salesforce login", Light.RED, f"{problem.problem} {problem.meaning}".strip(), problem.remedy)
        return
    yield Check("Salesforce login", Light.GREEN, f"Signed in to org {target.organization}.")
    if usage.limit:
        share = usage.used / usage.limit
        light = Light.AMBER if share >= API_AMBER else Light.GREEN
        remedy = "Read less often (every_minutes), or ask for more requests." if light is Light.AMBER else ""
        yield Check(
            "Salesforce requests", light, f"{usage.used:,} of {usage.limit:,} used in 24 hours ({share:.0%}).", remedy
        )
    rules = configuration.push.fields
    several = CURRENCY in target.described and configuration.push.other_currency == "convert"
    findings = check_fields(rules, target.described, needs_of(rules), converts=several)
    for finding in (*findings, *known_refusals(target.organization)):
        yield Check(
            f"Push field: {finding.field}" if finding.field else "Validation rules",
            STATES[finding.state],
            finding.problem or "Exists and may be written.",
            finding.remedy,
        )
