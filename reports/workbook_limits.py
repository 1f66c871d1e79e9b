"""What is spent on a workbook that comes back: known to the web, which does not load what reads it."""

from typing import NamedTuple

BEYOND_LIMITS = 3
"""The exit code where memory or room for what is told was not enough; the kernel ends what takes too long."""


class Limits(NamedTuple):
    """What is spent on one workbook: seconds of processor, memory, bytes that it unpacks to and that are told, and
    numbers of its parts, sheets, rows and cells, empty ones too.
    """

    seconds: int = 30
    megabytes: int = 600
    inside: int = 200_000_000
    told: int = 100_000_000
    parts: int = 200
    sheets: int = 20
    rows: int = 200_000
    cells: int = 3_000_000
