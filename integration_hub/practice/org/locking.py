"""Rows that another transaction holds locked, when that fault is on."""

from __future__ import annotations

from collections.abc import Callable

from .errors import RowError
from .faults import Switch


def locker(switch: Switch | None) -> Callable[[str], None]:
    """A check that raises UNABLE_TO_LOCK_ROW for the switch's `share` of the records, 5 % by default."""

    def check(record_id: str) -> None:
        if switch is not None and switch.random.random() < float(switch.option("share", 0.05)):
            raise RowError(
                "UNABLE_TO_LOCK_ROW",
                f"unable to obtain exclusive access to this record or 1 records: {record_id}",
            )

    return check
