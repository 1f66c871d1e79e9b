"""Counts and sums as a Frappe site's database computes them."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from integration_hub.config import StreamConfig
from integration_hub.erp.erpnext.frappe_lists import Filters, FrappeLists, Listing
from integration_hub.erp.erpnext.tables import OF_COMPANY
from integration_hub.sources import Totals


def summed(lists: FrappeLists, stream: StreamConfig, conditions: Filters, *, modern: bool) -> Totals | None:
    """Rows, and the sum of every amount that is mapped from one field, by company and currency.

    From version 16 on, Frappe takes functions as objects and no longer as text (`modern`).
    """
    amounts = {
        target: column.source[0]
        for target, column in stream.columns.items()
        if target.endswith("_amount") and len(column.source) == 1 and not column.source[0].startswith("_")
    }
    currency = stream.columns.get("currency")
    if stream.object not in OF_COMPANY or not amounts or currency is None or currency.source != ("currency",):
        return Totals(_count(lists, stream, conditions, modern=modern))
    fields: list[Any] = ["company", "currency", _function("count", "name", "n", modern=modern)]
    fields += [_function("sum", field, f"s_{target}", modern=modern) for target, field in amounts.items()]
    listing = Listing(stream.object, tuple(fields), conditions, order="company", group="company, currency")
    sums: dict[str, dict[str, Decimal]] = {target: defaultdict(Decimal) for target in amounts}
    groups: dict[tuple[str, str, str], tuple[int, dict[str, Decimal]]] = {}
    rows = 0
    for row in lists.rows(listing):
        found = {target: Decimal(str(row[f"s_{target}"] or 0)) for target in amounts}
        for target, amount in found.items():
            sums[target][str(row["currency"])] += amount
        groups[str(row["company"]), "", str(row["currency"])] = (int(Decimal(str(row["n"]))), found)
        rows += int(Decimal(str(row["n"])))
    return Totals(rows, sums, groups)


def _count(lists: FrappeLists, stream: StreamConfig, conditions: Filters, *, modern: bool) -> int:
    listing = Listing(
        stream.object,
        (_function("count", "name", "n", modern=modern),),
        conditions,
        order="docstatus",
        group="docstatus",
    )
    return sum(int(Decimal(str(row["n"]))) for row in lists.rows(listing))


def _function(name: str, field: str, alias: str, *, modern: bool) -> Any:
    return {name.upper(): field, "as": alias} if modern else f"{name}({field}) as {alias}"
