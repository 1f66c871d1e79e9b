"""Reads the whole chain and names its first broken link. Rows are streamed: a million take well under a minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from integration_hub.audit.chain import FIELDS, GENESIS, seal
from integration_hub.models import AuditRow

BLOCK = 5_000
PRUNED = "audit.pruned"


@dataclass(frozen=True)
class Head:
    """The newest row: noted outside of the database it tells whether the end of the chain was cut off."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


@dataclass(frozen=True)
class Verified:
    """What was found. `broken_at` is the sequence of the first row that does not fit, with why in `problem`."""

    rows: int
    first: int | None
    head: Head | None
    broken_at: int | None = None
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every link holds."""
        return not self.problem


def head() -> Head | None:
    """The newest row, without verifying anything."""
    last = AuditRow.objects.order_by("-sequence").values_list("sequence", "hash").first()
    return Head(*last) if last else None


def read_head(written: str) -> Head:
    """A head as it was noted, "1234:ab12...". ValueError for anything else."""
    sequence, _, digest = written.strip().partition(":")
    if not sequence.isdecimal() or len(digest) != 64:
        raise ValueError(f'"{written}" is no head; it looks like 1234:ab12… with 64 digits of a hash.')
    return Head(int(sequence), digest.lower())


def verify(noted: Head | None = None, *, since: int | None = None) -> Verified:
    """Verify every row, or those from the sequence `since` on. `noted` is a head from outside that must be in it."""
    checked, first, previous, sequence = 0, None, "", 0
    seen = noted is None
    for row in _rows(since):
        values, hash_ = row[:-1], row[-1]
        if first is None:
            first = row[0]
            problem = _start(first, row[-2]) if since is None else ""
        else:
            problem = _link(row, sequence, previous)
        problem = problem or ("" if seal(values) == hash_ else "its content was changed: it does not give its hash")
        if problem:
            return Verified(checked, first, None, row[0], f"Row {row[0]}: {problem}.")
        sequence, previous, checked = row[0], hash_, checked + 1
        if noted is not None and sequence == noted.sequence:
            seen = True
            if hash_ != noted.hash:
                problem = "its hash is not the one that was noted: the chain was written anew"
                return Verified(checked, first, None, sequence, f"Row {sequence}: {problem}.")
    found = Head(sequence, previous) if checked else None
    if noted is not None and not seen and noted.sequence > sequence:
        problem = f"Row {sequence + 1}: it is missing. The chain ends before row {noted.sequence}, which was noted."
        return Verified(checked, first, found, sequence + 1, problem)
    return Verified(checked, first, found)


def _link(row: tuple[Any, ...], sequence: int, previous: str) -> str:
    if row[0] != sequence + 1:
        return _missing(sequence + 1, row[0] - 1)
    return "" if row[-2] == previous else "it does not follow the row before it: that one was changed or replaced"


def _start(first: int, previous: str) -> str:
    """A chain begins at the genesis, or where a checkpoint in it says that older rows were pruned."""
    if first == 1:
        return "" if previous == GENESIS else "it is the first one, but names a row before it"
    pruned = AuditRow.objects.filter(what=PRUNED).order_by("-sequence").values_list("after", flat=True).first()
    if pruned and (pruned.get("last"), pruned.get("hash")) == (first - 1, previous):
        return ""
    return f"{_missing(1, first - 1)}, and no checkpoint says that {'it was' if first == 2 else 'they were'} pruned"


def _missing(first: int, last: int) -> str:
    return f"row {first} before it is missing" if first == last else f"rows {first} to {last} before it are missing"


def _rows(since: int | None) -> Iterator[tuple[Any, ...]]:
    """The rows as FIELDS and hash, oldest first, through a cursor of the server: memory stays small."""
    rows = AuditRow.objects.order_by("sequence").values_list(*FIELDS, "hash")
    if since is not None:
        rows = rows.filter(sequence__gte=since)
    # Outside of a transaction the server would copy all rows before it gave the first.
    with transaction.atomic():
        yield from rows.iterator(chunk_size=BLOCK)
