"""Counts and sums as NetSuite computes them: net from the lines of its ledger, gross from the documents."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from integration_hub.config import StreamConfig
from integration_hub.erp.netsuite.lines import LINES_WHERE
from integration_hub.erp.netsuite.suiteql import Query, SuiteQl
from integration_hub.erp.netsuite.tables import month
from integration_hub.sources import Totals

Group = tuple[str, str, str]
NET = "-SUM(l.foreignamount)"


def summed(suiteql: SuiteQl, query: Query, stream: StreamConfig) -> Totals | None:
    """Rows and sums by company, month of the document and currency; None where there are too many groups."""
    if "gross" not in query.columns or stream.columns["net_amount"].source != ("net",):
        rows, _ = suiteql.page(Query({"n": "COUNT(*)"}, query.source, query.where, ()).text())
        return Totals(int(rows[0]["n"]))
    by = {
        "company": query.columns.get("company", "0"),
        "month": month("t.trandate"),
        "currency": query.columns["currency"],
    }
    heads = _grouped(suiteql, query, by, {"n": "COUNT(*)", "gross": f"SUM({query.columns['gross']})"})
    lines = query.source.replace("transaction t", "transaction t JOIN transactionline l ON l.transaction = t.id")
    of_lines = Query(query.columns, lines, (*query.where, LINES_WHERE, "l.taxline = 'F'"))
    nets = _grouped(suiteql, of_lines, by, {"net": NET})
    if heads is None or nets is None:
        return None
    sums: dict[str, dict[str, Decimal]] = {"net_amount": defaultdict(Decimal), "gross_amount": defaultdict(Decimal)}
    groups: dict[Group, tuple[int, dict[str, Decimal]]] = {}
    for group, row in heads.items():
        found = {
            "net_amount": Decimal(nets.get(group, {}).get("net") or 0),
            "gross_amount": Decimal(row.get("gross") or 0),
        }
        groups[group] = (int(row["n"]), found)
        for target, amount in found.items():
            sums[target][group[2]] += amount
    return Totals(sum(count for count, _ in groups.values()), sums, groups)


def _grouped(
    suiteql: SuiteQl, query: Query, by: Mapping[str, str], values: Mapping[str, str]
) -> dict[Group, dict[str, str]] | None:
    grouped = Query({**by, **values}, query.source, query.where, (), tuple(each for each in by.values() if each != "0"))
    rows, more = suiteql.page(grouped.text())
    if more:
        return None
    return {
        (str(row.get("company") or ""), str(row.get("month") or ""), str(row.get("currency") or "")): row
        for row in rows
    }
