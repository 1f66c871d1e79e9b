"""What happens to records right after a call was answered: the race that every reader and writer must survive."""

from __future__ import annotations

from typing import Any

from .errors import RowError
from .faults import Switch
from .founding import add_user
from .lifecycle import delete
from .message import Request
from .org import Org
from .writing import update

COLLEAGUE = "colleague@practice.example"


def happen(org: Org, request: Request) -> None:
    """Let a colleague edit or delete records once this call is answered, if such a fault strikes it.

    `concurrent_edit` takes `ids`, `values` (or one `field` and `value`), `sobject` (Account) and `user`;
    `concurrent_delete` takes `ids` and `sobject`. A record that can not be changed stays as it is.
    """
    edit = org.faults.strike("concurrent_edit", request)
    if edit is not None:
        values = edit.option("values", None)
        if not isinstance(values, dict):
            values = {str(edit.options.get("field") or "Phone"): edit.options.get("text") or "+00 0000"}
        _each(org, edit, values)
    gone = org.faults.strike("concurrent_delete", request)
    if gone is not None:
        _each(org, gone, None)


def _each(org: Org, switch: Switch, values: dict[str, Any] | None) -> None:
    sobject = org.schema.get(str(switch.options.get("sobject") or "Account"))
    if sobject is None:
        return
    caller = org.caller(add_user(org, str(switch.options.get("user") or COLLEAGUE)))
    for record_id in switch.ids():
        mark = org.store.mark()
        try:
            if values is None:
                delete(org, caller, sobject, record_id)
            else:
                update(org, caller, sobject, record_id, values)
        except RowError:
            org.store.roll_back(mark)
