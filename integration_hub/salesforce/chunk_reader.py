"""A byte stream over chunks of any size, so that the standard CSV reader can read what arrives in pieces."""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Chunks(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        view = memoryview(buffer)
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)


def csv_records(chunks: Iterator[bytes]) -> Iterator[list[str]]:
    """The rows of UTF-8 CSV without header line."""
    with io.TextIOWrapper(io.BufferedReader(_Chunks(chunks)), encoding="utf-8", newline="") as text:
        yield from csv.reader(text)
