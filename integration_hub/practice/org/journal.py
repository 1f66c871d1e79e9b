"""The state file of the practice org: one JSON line per committed request, compacted at each start."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

Line = dict[str, Any]


class Journal:
    """Appends lines that survive a kill of the process; without a path it forgets everything."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None

    def read(self) -> Iterator[Line]:
        """The lines in order. A last line cut short by a kill is left out: its request was never answered."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for text in file:
                if text.endswith("\n"):
                    yield json.loads(text)

    def rewrite(self, line: Line) -> None:
        """Replace the whole file by one line, atomically."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(self._path.suffix + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_encode(line))
        if self._file is not None:
            self._file.close()
        fresh.replace(self._path)
        self._file = self._path.open("a", encoding="utf-8")

    def append(self, line: Line) -> None:
        """Add one line and hand it to the operating system."""
        if self._file is not None:
            self._file.write(_encode(line))
            self._file.flush()


def _encode(line: Line) -> str:
    return json.dumps(line, default=str, separators=(",", ":")) + "\n"
