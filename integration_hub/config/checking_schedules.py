"""Checks of everything in hub.toml that says when something runs, and of the secret of an ERP's bell."""

from collections.abc import Callable
from dataclasses import fields

from integration_hub.config.checking_lateness import check_lateness
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.shape import SALESFORCE_OBJECTS, Hub, SourceConfig
from integration_hub.timing.rhythm import EXAMPLES, Rhythm, RhythmError, parse

Keys = tuple[str | int, ...]
Where = Callable[[Keys], str]
SOURCE_KEYS = ("every", "sweep_every")
SALESFORCE_KEYS = ("every", "sweep_every", "formulas_every")
SHORTEST_SECRET = 24
# Kinds whose whole reads show what has left: their keys are never compared on their own.
WITHOUT_KEYS = frozenset({"sql", "files"})


def check_schedules(hub: Hub, where: Where) -> None:
    """Raise ConfigurationError for a rhythm that cannot be read, or that would never come about."""
    for number, source in enumerate(hub.sources):
        _check_source(source, ("sources", number), where)
    if hub.salesforce is not None:
        for key in SALESFORCE_KEYS:
            _rhythm(getattr(hub.salesforce, key), ("salesforce", key), where)
        check_lateness(hub.salesforce, ("salesforce",), where)
        for name, text in hub.salesforce.times.items():
            if name not in SALESFORCE_OBJECTS:
                raise ConfigurationError(
                    where(("salesforce", "times", name)),
                    f'"{name}" is no object that is read from Salesforce.',
                    f"These are: {', '.join(SALESFORCE_OBJECTS)}.",
                )
            _rhythm(text, ("salesforce", "times", name), where)
        _check_bell(hub.salesforce.webhook_secret, ("salesforce", "webhook_secret"), where)
    for each in fields(hub.schedule):
        rhythm = _rhythm(getattr(hub.schedule, each.name), ("schedule", each.name), where)
        if each.name == "rollup" and (rhythm is None or not rhythm.is_daily):
            raise ConfigurationError(
                where(("schedule", "rollup")),
                "Figures need a time of every day, because every day documents become overdue.",
                'Write one such as "day at 00:00".',
            )


def _check_source(source: SourceConfig, keys: Keys, where: Where) -> None:
    for key in SOURCE_KEYS:
        _rhythm(getattr(source, key), (*keys, key), where)
    check_lateness(source, keys, where)
    if source.sweep_every and source.kind in WITHOUT_KEYS:
        raise ConfigurationError(
            where((*keys, "sweep_every")),
            f"Sources of kind {source.kind} show what has left whenever they are read whole.",
            "Remove it; full_every_hours says how often that is.",
        )
    for position, stream in enumerate(source.streams):
        place = (*keys, "streams", position, "every")
        _rhythm(stream.every, place, where)
        if stream.every and stream.within:
            raise ConfigurationError(
                where(place),
                f'"{stream.name}" comes with "{stream.within}", whenever that is read.',
                f'Write every at "{stream.within}".',
            )
    _check_bell(source.webhook_secret, (*keys, "webhook_secret"), where)


def _check_bell(secret: str, keys: Keys, where: Where) -> None:
    if secret and len(secret) < SHORTEST_SECRET:
        raise ConfigurationError(
            where(keys),
            f"It is shorter than {SHORTEST_SECRET} characters, and could be guessed.",
            "Make one of 32 random bytes: openssl rand -hex 32.",
        )


def _rhythm(text: str, keys: Keys, where: Where) -> Rhythm | None:
    if not text:
        return None
    try:
        return parse(text)
    except RhythmError as error:
        raise ConfigurationError(where(keys), str(error), EXAMPLES) from error
