"""Rows refused on purpose: held by another transaction, or against a rule of the org's own administrator."""

from __future__ import annotations

from collections.abc import Callable

from .context import Context
from .errors import RowError
from .faults import Switch

RowCheck = Callable[[str], None]


def row_check(context: Context) -> RowCheck:
    """A check to call with each record's id before writing it; it raises for the rows that faults pick.

    `lock_rows` picks a `share` of the rows (5 %); `reject_rows` picks a `share` (all) or the `ids` given, and fails
    them with its `code` and `message`.
    """
    lock, reject = context.fault("lock_rows"), context.fault("reject_rows")

    def check(record_id: str) -> None:
        if lock and _picked(lock, record_id, 0.05):
            raise RowError(
                "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {record_id}"
            )
        if reject and _picked(reject, record_id, 1):
            raise RowError(
                str(reject.option("code", "FIELD_CUSTOM_VALIDATION_EXCEPTION")),
                str(reject.option("message", "The record breaks a validation rule.")),
            )

    return check


def _picked(switch: Switch, record_id: str, share: float) -> bool:
    if switch.options.get("ids"):
        return record_id[:15] in {each[:15] for each in switch.ids()}
    return switch.chance() < float(switch.option("share", share))
