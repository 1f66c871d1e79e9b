"""Checks one Salesforce org from sign-in to the last pushed field, each finding with its remedy."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from integration_hub.config import Hub, SalesforceConfig
from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.salesforce_access import access_checks, field_checks, reading_checks
from integration_hub.diagnosis.salesforce_org import SIGN_IN, budget_check, org_checks, version_check
from integration_hub.salesforce.asking import Asker
from integration_hub.salesforce.describe import Describe
from integration_hub.sources import SourceProblem

CLOCK_AMBER, CLOCK_RED = 60, 180
FLOWS = {
    "client_credentials": "client credentials",
    "jwt_bearer": "JWT bearer",
    "refresh_token": "refresh token",
}


@dataclass
class Inspection:
    """What was found. `described` holds the objects as the integration user sees them, `calls` counts requests."""

    checks: list[Check] = field(default_factory=list)
    described: Mapping[str, Describe] = field(default_factory=dict)
    calls: int = 0


def inspect(configuration: Hub) -> Inspection:
    """Ask the configured org. What it refuses becomes a red check; only bugs are raised."""
    salesforce = configuration.salesforce
    if salesforce is None:
        return Inspection([_not_configured()])
    try:
        asker = Asker(salesforce)
    except SourceProblem as problem:
        return Inspection([_refused("Salesforce login", SIGN_IN, problem)])
    found = Inspection(list(_signed_in(asker, salesforce)))
    for name, topic, step in _steps(asker, configuration):
        try:
            found.checks += step()
        except SourceProblem as problem:
            found.checks.append(_refused(name, topic, problem))
    found.described, found.calls = dict(asker.described), asker.calls
    return found


def _steps(asker: Asker, configuration: Hub) -> Iterator[tuple[str, str, Callable[[], Iterator[Check]]]]:
    yield "Salesforce org", "Org", partial(org_checks, asker, configuration)
    yield "API version", "Org", partial(version_check, asker)
    yield "API requests", "Org", partial(budget_check, asker)
    yield "Reading", "Reading", partial(reading_checks, asker, configuration)
    yield "Record access", "Writing", partial(access_checks, asker)
    yield "Push fields", "Writing", partial(field_checks, asker, configuration)


def _signed_in(asker: Asker, salesforce: SalesforceConfig) -> Iterator[Check]:
    host = urlsplit(salesforce.login_url).hostname
    flow = FLOWS.get(salesforce.flow, salesforce.flow)
    who = f" as user {asker.user_id}" if asker.user_id else ""
    org = asker.organization_id or "without a stated id"
    text = f"Signed in to org {org}{who}, with {flow} at {host}."
    yield Check("Salesforce login", Light.GREEN, text, topic=SIGN_IN)
    yield _clock(asker.seconds_ahead)


def _clock(ahead: float | None) -> Check:
    if ahead is None:
        return Check("Clock", Light.AMBER, "Salesforce did not say what time it is.", "Look at proxies.", SIGN_IN)
    off = abs(ahead)
    light = Light.RED if off > CLOCK_RED else Light.AMBER if off > CLOCK_AMBER else Light.GREEN
    if light is Light.GREEN:
        return Check("Clock", light, "The clock of this machine agrees with that of Salesforce.", topic=SIGN_IN)
    side = "ahead of" if ahead > 0 else "behind"
    return Check(
        "Clock",
        light,
        f"The clock of this machine is {_span(off)} {side} that of Salesforce. Signing in with JWT fails from "
        "three minutes on, and times shown here are wrong.",
        "Set the clock of this machine; let it follow a time server.",
        SIGN_IN,
    )


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def _refused(name: str, topic: str, problem: SourceProblem) -> Check:
    return Check(name, Light.RED, f"{problem.problem} {problem.meaning}".strip(), problem.remedy, topic)


def _not_configured() -> Check:
    return Check(
        "Salesforce login",
        Light.AMBER,
        "hub.toml names no Salesforce org.",
        "Add [salesforce] with login_url, client_id and client_secret; the annotated hub.toml shows how.",
        SIGN_IN,
    )
