"""Waits before the start of a process that was started often lately: `python -m integration_hub.installation.patience`.

The units run it before the process itself. A process that was killed is back at once, the third time in a quarter of an
hour too; one that can never start is tried once a minute, until it runs. systemd's own RestartSteps never forgets, so
that months of single kills would add up to the longest pause; and it is not in every version.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

WINDOW_SECONDS = 900.0
FREE_STARTS = 3
"""So many starts within the window are not waited for."""
LONGEST_SECONDS = 60.0
UNCOUNTED_SECONDS = 5.0
"""The pause where starts cannot be written down, as on a full disk."""


def pause_after(starts: Sequence[float], now: float) -> float:
    """Seconds to wait: 2, 4, 8 ... beyond the free starts. `starts` and `now` are seconds since the machine started."""
    lately = sum(now - WINDOW_SECONDS < start <= now for start in starts)
    return min(2.0 ** (lately - FREE_STARTS + 1), LONGEST_SECONDS) if lately >= FREE_STARTS else 0.0


def noted(path: Path, now: float) -> list[float]:
    """The starts of the window before this one, which is written down with them. Raises OSError."""
    starts: list[float] = []
    if path.exists():
        try:
            starts = [float(start) for start in json.loads(path.read_text(encoding="ascii"))]
        except (ValueError, TypeError):
            print(f"{path} cannot be read, so starts are counted anew.", file=sys.stderr)
    # What lies ahead was written before the machine was started anew.
    starts = [start for start in starts if now - WINDOW_SECONDS < start <= now]
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps([*starts, now]), encoding="ascii")
    fresh.replace(path)
    return starts


def main(arguments: Sequence[str], *, now: float | None = None) -> float:
    """Wait as long as the unit of that name is to wait; the seconds that were waited."""
    name = arguments[0].replace("/", "-")
    try:
        seconds = pause_after(noted(Path(os.environ["STATE_DIRECTORY"]) / f"starts-{name}", _now(now)), _now(now))
    except OSError as error:
        print(f"The start of {name} could not be written down: {error}", file=sys.stderr)
        seconds = UNCOUNTED_SECONDS
    if seconds:
        print(f"{name} was started often lately: it waits {seconds:.0f} s.", file=sys.stderr, flush=True)
        time.sleep(seconds)
    return seconds


def _now(given: float | None) -> float:
    return time.monotonic() if given is None else given


if __name__ == "__main__":
    main(sys.argv[1:])
