"""Rhythms in hub.toml: read into dataclasses, or refused with their line and the fix."""

from pathlib import Path

import pytest

from integration_hub.config import ConfigurationError, longest_minutes, read_hub, reading_rhythm
from integration_hub.timing.rhythm import LAST, parse

HEAD = """[company]
name = "Test"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
"""
FILES = """[[sources]]
name = "us"
label = "Files"
kind = "files"
directory = "drops"
"""
STREAM = """[[sources.streams]]
name = "invoices"
target = "erp_invoice"
path = "invoices_*.csv"
"""


def written(folder: Path, *parts: str) -> Path:
    path = folder / "hub.toml"
    path.write_text("".join(parts), encoding="utf-8")
    return path


def test_every_replaces_the_minutes_and_leaves_them_where_it_is_empty(tmp_path: Path) -> None:
    known = read_hub(written(tmp_path, HEAD, FILES, 'every = "month on last at 22:00"\n', STREAM, 'every = "minute"\n'))
    source = known.sources[0]
    assert (reading_rhythm(source).month_day, longest_minutes(source)) == (LAST, 31 * 24 * 60)
    assert parse(source.streams[0].every).minutes == 1
    plain = read_hub(written(tmp_path, HEAD, FILES, "every_minutes = 7\n", STREAM)).sources[0]
    assert reading_rhythm(plain).minutes == 7


def test_limits_of_lateness_are_those_of_the_rhythm_that_holds(tmp_path: Path) -> None:
    daily = 'every = "day at 02:30"\n'
    source = read_hub(written(tmp_path, HEAD, FILES, daily, "late_after = 240\n", STREAM)).sources[0]
    assert source.late_after == 240, "out of date it is after three more days"
    for limits in (f"{daily}stale_after = 240\n", 'every = "weekday at 06:00"\nlate_after = 4320\n'):
        with pytest.raises(ConfigurationError) as refused:
            read_hub(written(tmp_path, HEAD, FILES, limits, STREAM))
        assert "but late only after" in refused.value.problem


@pytest.mark.parametrize(
    ("parts", "line", "problem"),
    [
        ((HEAD, FILES, 'every = "often"\n', STREAM), 10, '"often" is not a rhythm'),
        ((HEAD, FILES, STREAM, 'every = "day at 25:00"\n'), 14, "25:00 is not a time of day"),
        ((HEAD, FILES, 'sweep_every = "day at 03:00"\n', STREAM), 10, "whenever they are read whole"),
        ((HEAD, '[schedule]\nrollup = "monday at 00:00"\n', FILES, STREAM), 6, "a time of every day"),
        ((HEAD, '[schedule]\ndrift = "day 03:00"\n', FILES, STREAM), 6, '"day 03:00" is not a rhythm'),
        ((HEAD, '[schedule]\npushes = "hour"\n', FILES, STREAM), 6, 'Unknown key "pushes"'),
    ],
)
def test_a_wrong_rhythm_is_refused_with_its_line_and_the_fix(
    tmp_path: Path, parts: tuple[str, ...], line: int, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_hub(written(tmp_path, *parts))
    assert f"hub.toml:{line} " in refused.value.where
    assert problem in refused.value.problem
    assert refused.value.fix.endswith((".", "?"))
