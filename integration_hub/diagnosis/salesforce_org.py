"""What an org says of itself: name and kind, API version, currencies, and the requests it has left."""

from collections.abc import Iterator

from integration_hub.config import Hub
from integration_hub.diagnosis.check import Check, Light
from integration_hub.push.brake import PushRefused, check_organization
from integration_hub.salesforce.asking import Asker
from integration_hub.salesforce.ids import to_18
from integration_hub.salesforce.objects import CURRENCY

SIGN_IN, ORG = "Sign-in", "Org"
LAST_RETIRED = 30  # gone since Summer '25
LAST_LEAVING = 40  # without support from Summer '27, gone in Summer '28
NEAR = 0.8  # of our own share


def org_checks(asker: Asker, configuration: Hub) -> Iterator[Check]:
    """Which org it is, whether it is the one that was pushed to before, and its currencies."""
    rows = asker.rows("SELECT Id, Name, IsSandbox, OrganizationType, InstanceName FROM Organization")
    if not rows:
        yield Check("Salesforce org", Light.RED, "Salesforce does not say which org this is.", "Try again.", ORG)
        return
    org = rows[0]
    kind = "a sandbox" if org.get("IsSandbox") else "no sandbox: writes go to production"
    edition = f"{org.get('OrganizationType') or 'edition unknown'} on {org.get('InstanceName') or 'unknown instance'}"
    yield Check("Salesforce org", Light.GREEN, f"{org.get('Name')} ({org['Id']}): {kind}. {edition}.", topic=ORG)
    try:
        check_organization(to_18(str(org["Id"])), accepted="")
    except PushRefused as refused:
        yield Check("Same org as before", Light.RED, f"{refused.problem} {refused.meaning}", refused.remedy, ORG)
    yield _currencies(asker, configuration)


def _currencies(asker: Asker, configuration: Hub) -> Check:
    ours = configuration.company.reporting_currency
    if asker.describe("Account").find(CURRENCY) is None:
        text = f"One currency. Figures are sent in {ours}, so the org's own currency has to be {ours}."
        return Check("Currencies", Light.GREEN, text, topic=ORG)
    rows = asker.rows("SELECT IsoCode, IsCorporate FROM CurrencyType WHERE IsActive = true")
    active = sorted(str(row["IsoCode"]) for row in rows)
    corporate = ", ".join(str(row["IsoCode"]) for row in rows if row.get("IsCorporate")) or "not stated"
    text = f"Several currencies: {', '.join(active)}; corporate currency {corporate}."
    if ours in active:
        return Check("Currencies", Light.GREEN, text, topic=ORG)
    return Check(
        "Currencies",
        Light.AMBER,
        f"{text} The reporting currency {ours} is not active.",
        f"Activate {ours} in Salesforce (Setup, Manage Currencies), or correct reporting_currency in hub.toml.",
        ORG,
    )


def version_check(asker: Asker) -> Iterator[Check]:
    """Whether the configured API version is offered, and for how long."""
    offered = [str(each.get("version")) for each in asker.get("/services/data/") if isinstance(each, dict)]
    mine, newest = asker.config.api_version, offered[-1] if offered else "unknown"
    number = float(mine)
    remedy = f"Set api_version under [salesforce] in hub.toml to a newer one, such as {newest}."
    if number <= LAST_RETIRED or (offered and mine not in offered):
        text = f"The org does not offer API version {mine} (newest: {newest})."
        yield Check("API version", Light.RED, text, remedy, ORG)
    elif number <= LAST_LEAVING:
        text = f"API version {mine} loses its support with Summer '27 and is gone with Summer '28 (newest: {newest})."
        yield Check("API version", Light.AMBER, text, remedy, ORG)
    else:
        yield Check("API version", Light.GREEN, f"Version {mine} is in use; the org's newest is {newest}.", topic=ORG)


def budget_check(asker: Asker) -> Iterator[Check]:
    """How many of the day's API requests are used, against the share at which the hub stops."""
    asker.get("limits/")
    usage, share = asker.usage, asker.config.daily_request_share
    if not usage.limit:
        text = "Salesforce does not say how many API requests are used."
        yield Check("API requests", Light.AMBER, text, "Nothing to do; see the org's System Overview.", ORG)
        return
    used = f"{usage.used:,} of {usage.limit:,} used in 24 hours ({usage.share:.0%}); the hub stops at {share:.0%}."
    if usage.share >= share:
        text = f"{used} It reads and writes nothing until requests become free."
        remedy = "Nothing to do: it goes on by itself. Read less often (every_minutes), or buy more requests."
        yield Check("API requests", Light.RED, text, remedy, ORG)
    elif usage.share >= NEAR * share:
        yield Check("API requests", Light.AMBER, used, "Read less often (every_minutes), or ask for more.", ORG)
    else:
        yield Check("API requests", Light.GREEN, used, topic=ORG)
