"""The state file of the practice org: one JSON line per committed request, compacted at each start."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

Line = dict[str, Any]


class StateFileError(Exception):
    """The state file cannot be used; the text says why and what to do."""


class Journal:
    """Appends lines that survive a kill of the process; without a path it forgets everything."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._lock = None if path is None else _locked(path)

    @property
    def keeps(self) -> bool:
        """Whether anything is written at all."""
        return self._path is not None

    def read(self) -> Iterator[Line]:
        """The lines in order. A last line cut short by a kill is left out: its request was never answered."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for number, text in enumerate(file, 1):
                # The first line is put in place whole, so only a later one can have been cut.
                if text.endswith("\n") or number == 1:
                    yield self._parsed(number, text)

    def _parsed(self, number: int, text: str) -> Line:
        try:
            line = json.loads(text)
            if not isinstance(line, dict) or not {"rows", "dropped", "jobs", "state"} <= line.keys():
                raise ValueError(text[:20])
        except ValueError as error:
            raise StateFileError(
                f"Line {number} of {self._path} is not a state of the practice org. Move the file away to start "
                "with an empty org, or give another --state."
            ) from error
        return line

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


def _locked(path: Path) -> int:
    """Hold the file for this process alone, until it ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path.with_suffix(path.suffix + ".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StateFileError(f"Another practice org uses {path}. Stop it, or give another --state.") from error
    except OSError as error:
        raise StateFileError(f"Cannot write {path}: {error.strerror}. Give another --state.") from error
    return descriptor


def _encode(line: Line) -> str:
    return json.dumps(line, default=str, separators=(",", ":")) + "\n"
