"""Numbers of hub.toml that cannot be meant are refused, whichever key they stand at."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from integration_hub.config import ConfigurationError
from integration_hub.config.checking_numbers import limits
from integration_hub.config.reading import read_hub
from integration_hub.config.shape import Hub

COMPANY = '[company]\nname = "A"\nreporting_currency = "EUR"\ntime_zone = "UTC"\n'


def inner(kind: Any) -> Iterator[Any]:
    """A type and those that it is made of."""
    yield kind
    for part in get_args(kind):
        yield from inner(part)


def parts(kind: Any, seen: set[Any]) -> Iterator[Any]:
    """A dataclass of the configuration, and those below it."""
    if kind in seen:
        return
    seen.add(kind)
    yield kind
    for hint in get_type_hints(kind).values():
        for each in inner(hint):
            if is_dataclass(each):
                yield from parts(each, seen)


def test_of_every_number_it_is_said_how_small_and_how_large_it_may_be() -> None:
    named = {
        field.name
        for kind in parts(Hub, set())
        for field in fields(kind)
        if {int, float} & set(inner(get_type_hints(kind)[field.name]))
    }
    assert {"years", "raise_at", "late_days", "max_deleted_share"} <= named
    for name in named:
        least, most = limits(name)
        assert 0 <= least < most


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[history]\nyears = -1", "-1 is below zero"),
        ("[history]\nyears = 99999", "99999 is too large"),
        ("[history]\ndaily_days = -5", "-5 is below zero"),
        ("[history]\ndaily_days = 99999999", "99999999 is too large"),
        ("[history]\nmonth_ends = 999999", "999999 is too large"),
        ("[alerts]\nremind_after_hours = 99999999999999", "too large"),
        ("[alerts]\nmost_per_hour = 0", "0 is too small"),
        ("[alerts.conditions.run_failed]\nraise_at = nan", "nan is no number"),
        ("[alerts.conditions.run_failed]\nraise_at = inf", "it would never ring"),
        ("[alerts.conditions.run_failed]\nraise_at = 25", "At 25 failed runs in a row it would never ring"),
        ("[alerts.conditions.source_stale]\nraise_at = 2e6", "At 2,000,000 intervals late it would never ring"),
        ("[alerts.conditions.run_failed]\nraise_at = 0\nrecover_at = 0", "it would always ring"),
        ("[alerts.conditions.run_failed]\nrecover_at = nan", "nan is no number"),
        ("[alerts.conditions.disk_low]\nraise_at = 90", "At 90 part of the disk in use it would never ring"),
        ("[alerts.conditions.disk_low]\nafter_minutes = -1", "-1 is below zero"),
        ("[push]\ndrift_check_hour = 24", "24 is too large"),
        ("[exports]\nkeep_hours = 0", "0 is too small"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(COMPANY + text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_hub(path)
    assert words in caught.value.problem
    assert f"{path}:" in caught.value.where
    assert caught.value.fix
