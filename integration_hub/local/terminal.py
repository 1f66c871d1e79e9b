"""What the person at the terminal sees: one line for each step with its seconds, and plain sentences."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

NAME_WIDTH = 46
SHOWN_LINES = 15


def say(message: str) -> None:
    """Print one sentence at once."""
    print(message, flush=True)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Print the name of a step when it begins, and its seconds on the same line when it is done."""
    print(f"  {name:<{NAME_WIDTH}}", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - began:6.1f} s", flush=True)


def tail(log: Path) -> str:
    """The last lines of a log, indented, for a message about what went wrong."""
    lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    return "".join(f"\n    {line}" for line in lines[-SHOWN_LINES:])
