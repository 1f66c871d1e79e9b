"""Checks every number of hub.toml: those that would never, or always, come about, or that no calendar reaches, are
slips of the hand, and some of them would delete what cannot be made again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from math import inf, isnan
from types import MappingProxyType

from integration_hub.config.problems import ConfigurationError

Keys = tuple[str | int, ...]
LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "_share": (0, 1),
        "_seconds": (0, 86_400),
        "_minutes": (0, 525_600),
        "_hours": (0, 87_600),
        "_days": (0, 36_500),
        "_months": (1, 1_200),
        "_rows": (0, 100_000_000),
        "every_minutes": (1, 525_600),
        "full_every_hours": (1, 87_600),
        "formulas_every_hours": (1, 87_600),
        "sweep_every_hours": (1, 87_600),
        "keep_hours": (1, 87_600),
        "timeout_seconds": (1, 86_400),
        "answer_seconds": (1, 86_400),
        "late_after": (0, 525_600),
        "stale_after": (0, 525_600),
        "days_before": (0, 36_500),
        "days_after": (0, 36_500),
        "month_ends": (0, 1_200),
        "years": (0, 100),
        "fiscal_year_start": (1, 12),
        "drift_check_hour": (0, 23),
        "requests_per_minute": (0, 1_000_000),
        "collections_up_to": (0, 1_000_000),
        "max_total_change": (0, 10**15),
        "unusual_factor": (0, 10**9),
        "most_per_hour": (1, 100_000),
        # What each condition is measured in, checking_alerts knows.
        "raise_at": (0, inf),
        "recover_at": (0, inf),
    }
)
"""Least and most by the name of a key, or by how it ends."""


def check_numbers(hub: object, where: Callable[[Keys], str]) -> None:
    """Raise ConfigurationError for the first number that cannot be meant."""
    for keys, value in numbers(hub, ()):
        name = str(keys[-1])
        least, most = limits(name)
        # No comparison holds for what is no number.
        if least <= value <= most:
            continue
        if (least, most) == LIMITS["_share"]:
            raise ConfigurationError(where(keys), f"{value} is not a share.", "Use 0 to 1, as 0.2 for 20%.")
        fault = "is below zero" if value < 0 else "is too small" if value < least else "is too large"
        if isnan(value):
            fault = "is no number"
        span = f"{least:,.0f} or more" if most == inf else f"{least:,.0f} to {most:,.0f}"
        raise ConfigurationError(where(keys), f"{value} {fault}.", f"Use {span}.")


def limits(name: str) -> tuple[float, float]:
    """Least and most of a key. KeyError for one of which nobody said it."""
    return LIMITS[name] if name in LIMITS else LIMITS[f"_{name.rpartition('_')[2]}"]


def numbers(part: object, keys: Keys) -> Iterator[tuple[Keys, float]]:
    """Every number in a part of the configuration, with its path."""
    if is_dataclass(part):
        for field in fields(part):
            yield from numbers(getattr(part, field.name), (*keys, field.name))
    elif isinstance(part, Mapping):
        for name, each in part.items():
            yield from numbers(each, (*keys, name))
    elif isinstance(part, tuple):
        for number, each in enumerate(part):
            yield from numbers(each, (*keys, number))
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield keys, part
