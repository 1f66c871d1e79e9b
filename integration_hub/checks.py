"""Start-up check: hub.toml can be used. It stops every command that would read it, and the web server."""

from typing import Any

from django.core.checks import CheckMessage, Error, register, run_checks

from integration_hub.config import ConfigurationError, hub

CONFIGURATION = "configuration"  # the tag of every check of hub.toml, also those of the layers above


@register(CONFIGURATION)
def check_configuration(**_asked: Any) -> list[CheckMessage]:
    """An Error with place, problem and fix when hub.toml cannot be used."""
    try:
        hub()
    except ConfigurationError as error:
        return [Error(f"{error.where}: {error.problem}", hint=error.fix, id="integration_hub.E001")]
    return []


def configuration_errors() -> list[str]:
    """What every layer has to say against hub.toml, a sentence with the fix for each; empty when it can be used."""
    found = run_checks(tags=[CONFIGURATION])
    return [f"{message.msg} {message.hint or ''}".strip() for message in found if message.is_serious()]
