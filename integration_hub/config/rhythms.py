"""When sources are read, as rhythms: what `every` says, else `every_minutes`, and the same for their upkeep."""

from datetime import timedelta

from integration_hub.config.shape import SalesforceConfig, SourceConfig
from integration_hub.timing.rhythm import Rhythm, interval, parse

HOUR = 60


def reading_rhythm(source: SourceConfig | SalesforceConfig) -> Rhythm:
    """How often a source is read."""
    return parse(source.every) if source.every else interval(source.every_minutes)


def longest_minutes(source: SourceConfig | SalesforceConfig) -> int:
    """The longest time between two reads of a source, in minutes: later than that, it is late."""
    return reading_rhythm(source).longest // timedelta(minutes=1)


def sweep_rhythm(source: SourceConfig | SalesforceConfig) -> Rhythm:
    """How often all keys of a source are compared."""
    return parse(source.sweep_every) if source.sweep_every else interval(HOUR * source.sweep_every_hours)


def formulas_rhythm(salesforce: SalesforceConfig) -> Rhythm:
    """How often computed fields are refreshed."""
    return (
        parse(salesforce.formulas_every)
        if salesforce.formulas_every
        else interval(HOUR * salesforce.formulas_every_hours)
    )
