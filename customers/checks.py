"""Start-up checks: hub.toml names only measures that exist, and the environment only roles that do."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Warned

from customers.access import ACCOUNT_MANAGERS, ADMINISTRATORS, ANALYSTS
from customers.hidden import ATTRIBUTES, unknown_columns
from customers.measures import MEASURES
from customers.measures_text import DAY_MEASURES, TEXT_MEASURES
from customers.push_values import AS_OF, CURRENCY, is_known
from integration_hub.checks import CONFIGURATION
from integration_hub.config import ConfigurationError, hub, place_in_hub
from integration_hub.push.other_installations import MEASURE as INSTALLATION


@register(CONFIGURATION)
def check_push_measures(**_asked: Any) -> list[CheckMessage]:
    """An Error for every push field whose measure does not exist."""
    try:
        fields = hub().push.fields
    except ConfigurationError:
        # integration_hub.checks says what is wrong with it.
        return []
    known = ", ".join([*MEASURES, *TEXT_MEASURES, *DAY_MEASURES, AS_OF, CURRENCY, INSTALLATION])
    return [
        Error(
            f"hub.toml: the push field {field.field} names the measure {field.measure!r}, which does not exist.",
            hint=f"Choose one of: {known}.",
            id="customers.E001",
        )
        for field in fields
        if not is_known(field.measure)
    ]


@register(CONFIGURATION)
def check_hidden_columns(**_asked: Any) -> list[CheckMessage]:
    """An Error for every column in [access.hidden] that does not exist: what is misspelt would stay visible."""
    try:
        unknown = unknown_columns()
    except ConfigurationError:
        # integration_hub.checks says what is wrong with it.
        return []
    known = ", ".join([*ATTRIBUTES, *MEASURES])
    return [
        Error(
            f"{place_in_hub('access', 'hidden', name)}: there is no column {name!r} to hide.",
            hint=f"Choose one of: {known}.",
            id="customers.E002",
        )
        for name in unknown
    ]


ROLES = (ADMINISTRATORS, ANALYSTS, ACCOUNT_MANAGERS)


@register(Tags.security)
def check_roles_of_the_provider(**_asked: Any) -> list[CheckMessage]:
    """An Error for every role in OIDC_ROLES that does not exist: it would be handed out and mean nothing."""
    found: list[CheckMessage] = [
        Error(
            f"OIDC_ROLES gives {value!r} the role {role!r}, which does not exist.",
            hint=f"Choose one of: {', '.join(ROLES)}.",
            id="customers.E003",
        )
        for value, role in settings.OIDC_ROLES.items()
        if role not in ROLES
    ]
    if settings.OIDC_ROLES and not settings.OIDC_ROLE_CLAIM:
        told = "OIDC_ROLES hands out nothing: OIDC_ROLE_CLAIM does not say where the provider tells the values."
        found.append(Warned(told, hint="Name the claim.", id="customers.W001"))
    return found
