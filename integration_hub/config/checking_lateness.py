"""Checks from when on a source counts as late, and as out of date."""

from collections.abc import Callable

from integration_hub.config.problems import ConfigurationError
from integration_hub.config.shape import SalesforceConfig, SourceConfig

Keys = tuple[str | int, ...]


def check_lateness(source: SourceConfig | SalesforceConfig, keys: Keys, where: Callable[[Keys], str]) -> None:
    """Raise ConfigurationError where a source would be out of date before, or as soon as, it is late."""
    late = source.late_after or source.every_minutes
    stale = source.stale_after or 3 * source.every_minutes
    if stale <= late:
        raise ConfigurationError(
            where((*keys, "stale_after" if source.stale_after else "late_after")),
            f"It would be out of date after {stale} minutes, but late only after {late}.",
            "Set stale_after to more than late_after; left out, they are three intervals and one.",
        )
