"""Checks from when on a source counts as late, and as out of date."""

from collections.abc import Callable
from datetime import timedelta

from integration_hub.config.lateness import LATE_TURNS, STALE_TURNS
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.rhythms import reading_rhythm
from integration_hub.config.shape import SalesforceConfig, SourceConfig

Keys = tuple[str | int, ...]
MINUTE = timedelta(minutes=1)


def check_lateness(source: SourceConfig | SalesforceConfig, keys: Keys, where: Callable[[Keys], str]) -> None:
    """Raise ConfigurationError where a source would be out of date before, or as soon as, it is late. Its rhythm can be
    read.
    """
    if not source.late_after and not source.stale_after:
        return
    rhythm = reading_rhythm(source)
    # Turns of the clock are not equally long: Friday's is followed by Monday's.
    late = source.late_after or LATE_TURNS * (rhythm.longest // MINUTE)
    stale = source.stale_after or STALE_TURNS * (rhythm.shortest // MINUTE)
    if stale <= late:
        raise ConfigurationError(
            where((*keys, "stale_after" if source.stale_after else "late_after")),
            f"It would be out of date after {stale} minutes, but late only after {late}.",
            "Set stale_after to more than late_after; left out, they are three intervals and one.",
        )
