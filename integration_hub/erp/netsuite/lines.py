"""What is read of the lines of NetSuite's transactions, and what their codes mean here."""

from collections.abc import Mapping

from integration_hub.erp.netsuite.tables import day

ITEMS, ALLOCATIONS, LINES = "openitem", "allocation", "transactionline"
"""Objects of streams that come with transactions."""

LINE_COLUMNS: Mapping[str, str] = {
    "transaction": "l.transaction",
    "id": "l.id",
    "position": "l.linesequencenumber",
    "product": "l.item",
    "text": "SUBSTR(NVL(l.memo, BUILTIN.DF(l.item)), 1, 500)",  # a memo may hold 4,000 characters
    "quantity": "-l.quantity",
    "unit": "BUILTIN.DF(l.units)",
    "rate": "l.rate",
    "net": "-l.foreignamount",
    "item_type": "l.itemtype",
    "tax_line": "l.taxline",
    "closed": "l.isclosed",
    "expected_on": day("l.expectedshipdate"),
}
LINES_WHERE = (
    "l.mainline = 'F' AND l.iscogs = 'F'"
    " AND (l.itemtype IS NULL OR l.itemtype NOT IN ('Subtotal', 'Group', 'EndGroup'))"
)
"""Cost lines are the ledger's; subtotals and the ends of groups repeat amounts."""

KINDS: Mapping[str, str] = {
    "Service": "service",
    "OthCharge": "charge",
    "ShipItem": "charge",
    "Description": "text",
}
"""Everything else is goods: discounts too, which take off from them."""
INVOICE_KINDS: Mapping[str, str] = {
    "CustInvc": "invoice",
    "CustCred": "credit_note",
    "CashSale": "receipt",
    "CashRfnd": "credit_note",
}

COMPUTED = frozenset({"status_code", "kind", "order", "reverses", "tax", "net", "state"})
COMPUTED_OF_LINES = frozenset({"key", "kind", "customer", "modified", "order_line"})
"""Columns that are computed here, of transactions and of their lines."""
