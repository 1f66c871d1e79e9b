"""What processes tell before they may be killed: lines of JSON at the end of one file."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VARIABLE = "CHAOS_EVENTS"


def write(what: str, **values: object) -> None:
    """Add one line; it is there even when the process is killed right after."""
    line = json.dumps({"what": what, "at": time.monotonic(), "pid": os.getpid(), **values})
    file = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


class Reader:
    """Reads the lines that came since the last time."""

    def __init__(self, path: Path) -> None:
        self.path, self._place = path, 0

    def new(self) -> Iterator[dict[str, Any]]:
        """Whole lines only; the rest comes with the next call."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._place)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._place += len(line)
                yield json.loads(line)
