"""Checks who is told of alerts: addresses that can be, conditions that there are, thresholds the right way around."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from urllib.parse import urlsplit

from integration_hub.config.alerts import CONDITIONS, AlertsConfig
from integration_hub.config.problems import ConfigurationError

Keys = tuple[str | int, ...]
Where = Callable[[Keys], str]
ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def check_alerts(alerts: AlertsConfig, where: Where) -> None:
    """Raise ConfigurationError for what cannot be told or watched."""
    wrong = next((each for each in alerts.mail if not ADDRESS.fullmatch(each)), None)
    if wrong is not None:
        raise ConfigurationError(where(("alerts", "mail")), f'"{wrong}" is no mail address.', "Write name@example.com.")
    for number, address in enumerate(alerts.webhooks):
        if not may_be_called(address):
            raise ConfigurationError(
                where(("alerts", "webhooks")),
                f"Address {number + 1} is no https address of a host.",
                "Write https://host/path, without a name or password; plain http only to this machine, in the demo.",
            )
    if alerts.webhooks and not alerts.webhook_secret:
        raise ConfigurationError(
            where(("alerts", "webhooks")),
            "There is no secret to sign with, so a receiver could not tell who sent it.",
            'Set webhook_secret = "${ALERT_WEBHOOK_SECRET}", and the variable in the environment.',
        )
    _check_conditions(alerts, where)


def may_be_called(address: str) -> bool:
    """Whether a webhook's address is https to a host, or http to this machine, and names nobody."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    named = parts.username is not None or parts.password is not None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    return bool(host) and is_safe and not named and not re.search(r"[\s\\]", address)


def _check_conditions(alerts: AlertsConfig, where: Where) -> None:
    for name in alerts.conditions:
        keys = ("alerts", "conditions", name)
        if name not in CONDITIONS:
            close = get_close_matches(name, CONDITIONS, n=1)
            hint = f'Did you mean "{close[0]}"?' if close else f"There are: {', '.join(CONDITIONS)}."
            raise ConfigurationError(where(keys), f'There is no condition "{name}".', hint)
        threshold = alerts.threshold(name)
        if threshold is None:
            continue
        if not 0 < threshold.raise_at <= threshold.most:
            when = "never" if threshold.raise_at else "always"
            raise ConfigurationError(
                where(keys),
                f"At {threshold.raise_at:,.12g} {threshold.unit} it would {when} ring.",
                f"raise_at is above 0, and {threshold.most:,.12g} at most.",
            )
        if threshold.recover_at > threshold.raise_at:
            raise ConfigurationError(
                where(keys),
                f"It would recover at {threshold.recover_at:g} before it is raised at {threshold.raise_at:g}.",
                "recover_at must not be above raise_at.",
            )
