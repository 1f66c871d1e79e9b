"""Running a bound query over the rows of the org."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..access import Caller
from ..fields import COMPOUND_TYPES, Record
from ..org import Org
from ..record_access import access_rows
from ..values import for_csv, for_json
from .binding import Binder
from .conditions import test_of
from .plan import Children, Column, Plan
from .syntax import Aggregate, Order


def select(
    org: Org, caller: Caller, plan: Plan, *, deleted: bool, rows: Iterable[Record] | None = None
) -> list[Record]:
    """The rows a plan selects, ordered, limited; deleted ones only when asked for."""
    query = plan.query
    found = list(_stored(org, plan) if rows is None else rows)
    if not deleted:
        found = [row for row in found if not row.get("IsDeleted")]
    binder = Binder(org, caller, query, plan.sobject)
    if query.where is not None:
        test = test_of(query.where, binder)
        found = [row for row in found if test(row)]
    if not query.aggregates:
        found = sort(found, query.order_by, binder)
        found = found[query.offset :]
        return found if query.limit is None else found[: query.limit]
    return found


def _stored(org: Org, plan: Plan) -> Iterable[Record]:
    if plan.sobject.name == "UserRecordAccess":
        return access_rows(org, plan.query.where)
    return org.store.rows[plan.sobject.name].values()


def sort(rows: list[Record], orders: tuple[Order, ...], binder: Binder) -> list[Record]:
    """Rows in ORDER BY order; nulls first unless NULLS LAST, whatever the direction."""
    for order in reversed(orders):
        if isinstance(order.term, Aggregate):
            continue
        get = binder.usable(order.term, "sorted").get
        known = [row for row in rows if get(row) is not None]
        unknown = [row for row in rows if get(row) is None]
        known.sort(key=lambda row, get=get: sort_key(get(row)), reverse=order.descending)  # type: ignore[misc]
        rows = [*known, *unknown] if order.nulls_last else [*unknown, *known]
    return rows


def sort_key(value: Any) -> Any:
    """Text sorts without letter case."""
    return value.casefold() if isinstance(value, str) else value


class JsonRows:
    """Shows rows of a plan as REST does: attributes, nested parents, nested child results."""

    def __init__(self, org: Org, caller: Caller, plan: Plan, version: str) -> None:
        self.org, self.caller, self.plan, self.version = org, caller, plan, version
        self._children = {
            each.key: JsonRows(org, caller, each.plan, version) for each in plan.columns if isinstance(each, Children)
        }
        self._families: dict[str, dict[Any, list[Record]]] = {}

    def _by_parent(self, column: Children) -> dict[Any, list[Record]]:
        if column.key not in self._families:
            family = self._families[column.key] = {}
            for each in self.org.store.rows[column.plan.sobject.name].values():
                family.setdefault(each.get(column.reference.name), []).append(each)
        return self._families[column.key]

    def attributes(self, sobject: str, record_id: Any) -> dict[str, str]:
        """The type and address of a record."""
        return {"type": sobject, "url": f"/services/data/v{self.version}/sobjects/{sobject}/{record_id}"}

    def show(self, row: Record) -> dict[str, Any]:
        """One row."""
        shown: dict[str, Any] = {"attributes": self.attributes(self.plan.sobject.name, row["Id"])}
        for column in self.plan.columns:
            if isinstance(column, Children):
                shown[column.key] = self._nested(column, row)
            elif column.steps:
                self._place(shown, column, row)
            else:
                shown[column.field.name] = _shown(column, column.get(row))
        return shown

    def _place(self, shown: dict[str, Any], column: Column, row: Record) -> None:
        """Put the value of a dotted column into its nested parent, or null for the first parent that is missing."""
        at, current = shown, row
        for part, (reference, rows), target in zip(column.path, column.steps, column.targets, strict=False):
            found = rows.get(str(current.get(reference.name)))
            if found is None:
                at[part] = None
                return
            current = found
            at = at.setdefault(part, {"attributes": self.attributes(target.name, found["Id"])})
        at[column.field.name] = _shown(column, column.get(row))

    def _nested(self, column: Children, row: Record) -> dict[str, Any] | None:
        mine = self._by_parent(column).get(row["Id"], [])
        found = select(self.org, self.caller, column.plan, deleted=False, rows=mine)
        if not found:
            return None
        inner = self._children[column.key]
        return {"totalSize": len(found), "done": True, "records": [inner.show(each) for each in found]}


def _shown(column: Column, value: Any) -> Any:
    return value if column.field.type in COMPOUND_TYPES else for_json(column.field, value)


def csv_line_of(plan: Plan, delimiter: str) -> Callable[[Record], str]:
    """How one row becomes a line of Bulk results: every value in double quotes, in SELECT order."""
    columns = [(column.field, column.get) for column in plan.flat()]
    between = f'"{delimiter}"'

    def line(row: Record) -> str:
        values = [for_csv(field, get(row)).replace('"', '""') for field, get in columns]
        return f'"{between.join(values)}"'

    return line
