"""Checks of [masters]: each compared field can be found in Salesforce, and none is one that the push writes."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from integration_hub.config.masters import STANDARD
from integration_hub.config.problems import ConfigurationError

if TYPE_CHECKING:
    from integration_hub.config.shape import Hub

Where = Callable[[tuple[str | int, ...]], str]


def check_masters(hub: "Hub", where: Where) -> None:
    """Raise ConfigurationError at the first field whose Salesforce side cannot be compared."""
    pushed = {rule.field.lower() for rule in hub.push.fields}
    mirrored = {name.lower(): name for name in (hub.salesforce.account_fields if hub.salesforce else ())}
    seen: set[str] = set()
    for name, master in hub.masters.compared.items():
        own, place = master.salesforce_field, where(("masters", name))
        if not own and name not in STANDARD:
            raise ConfigurationError(
                place,
                f"No standard Account field holds the {name.replace('_', ' ')}.",
                f'Name the one that does: {name} = {{ master = "{master.master}", salesforce_field = "..." }}, '
                'or use "none".',
            )
        if own and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", own):
            raise ConfigurationError(
                place, f'"{own}" is not the API name of a field.', 'Use one such as "VAT_Number__c".'
            )
        if own.lower() in pushed:
            raise ConfigurationError(
                place, f'The push writes the field "{own}", so it would always agree.', "Name another field."
            )
        # Salesforce compares names without letter case, and refuses a field that is asked for twice.
        if mirrored.get(own.lower(), own) != own:
            raise ConfigurationError(
                place, f'account_fields writes "{own}" in other letters.', f'Write "{mirrored[own.lower()]}" here too.'
            )
        if own and own.lower() in seen:
            raise ConfigurationError(
                place, f'Two fields are compared with "{own}".', "Name another field for one of them."
            )
        seen.add(own.lower())
