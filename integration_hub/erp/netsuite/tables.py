"""What is read from NetSuite, as SuiteQL: fixed expressions by alias. Signs as in its ledger, so that sales lines turn.

Stamps are taken out as UTC (SYS_EXTRACT_UTC), because time zone and date format are preferences of a user.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from integration_hub.erp.netsuite.suiteql import Query

DAY, INSTANT = "'YYYY-MM-DD'", '\'YYYY-MM-DD"T"HH24:MI:SS"Z"\''
CREDITS = "'CustCred', 'CashRfnd'"
GROSS = f"CASE WHEN t.type IN ({CREDITS}) THEN -ABS(t.foreigntotal) ELSE ABS(t.foreigntotal) END"
PAID = "CASE WHEN t.type = 'CustRfnd' THEN -ABS({0}) ELSE ABS({0}) END"
MODIFIED = f"TO_CHAR(SYS_EXTRACT_UTC(t.lastmodifieddate), {INSTANT})"


def month(expression: str) -> str:
    """A date's month as ISO text."""
    return f"TO_CHAR({expression}, 'YYYY-MM')"


def day(expression: str) -> str:
    """A date as ISO text."""
    return f"TO_CHAR({expression}, {DAY})"


@dataclass(frozen=True)
class Table:
    """One kind of record (`t`): its columns by alias, further tables by alias, and its condition.

    `table` is where deleted records are missing. `stamped`: whether it has a change mark. `company` is its subsidiary.
    """

    table: str
    columns: Mapping[str, str]
    joins: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    stamped: bool = True
    company: str = ""
    transaction: bool = False

    def query(self, columns: Mapping[str, str], *conditions: str) -> Query:
        """The query for these columns, with the tables that they and the conditions need."""
        where = tuple(each for each in (self.where, *conditions) if each)
        used = " ".join((*columns.values(), *where))
        needed: list[str] = []
        for alias, join in reversed(tuple(self.joins.items())):  # a table stands behind those that it needs
            if re.search(rf"\b{alias}\.", used):
                needed.insert(0, join)
                used += f" {join}"
        return Query(columns, " ".join((f"{self.table} t", *needed)), where)


JOINS: Mapping[str, str] = {
    "ml": "JOIN transactionline ml ON ml.transaction = t.id AND ml.mainline = 'T'",
    "c": "LEFT JOIN currency c ON c.id = t.currency",
    "s": "LEFT JOIN subsidiary s ON s.id = ml.subsidiary",
    "b": "LEFT JOIN currency b ON b.id = s.currency",
}

COMMON = {
    "id": "t.id",
    "number": "t.tranid",
    "type": "t.type",
    "customer": "t.entity",
    "company": "ml.subsidiary",
    "day": day("t.trandate"),
    "status": "t.status",
    "status_text": "BUILTIN.DF(t.status)",
    "voided": "t.voided",
    "currency": "c.symbol",
    "company_currency": "b.symbol",
    "exchange_rate": "t.exchangerate",
    "reference": "t.otherrefnum",
    "salesperson": "BUILTIN.DF(t.employee)",
    "created_from": "ml.createdfrom",
    "modified": MODIFIED,
}

OPTIONAL = frozenset({"status_text", "company_currency", "exchange_rate", "reference", "salesperson"})
ALWAYS = frozenset({*COMMON, "due_on", "gross", "unpaid", "unused"} - OPTIONAL)
"""Columns that others are computed from; the rest is asked for where the stream maps it."""


def _transactions(types: str, more: Mapping[str, str] | None = None, where: str = "") -> Table:
    return Table(
        "transaction",
        {**COMMON, **(more or {})},
        JOINS,
        f"t.type IN ({types}){where}",
        company="ml.subsidiary",
        transaction=True,
    )


TABLES: Mapping[str, Table] = {
    "subsidiary": Table(
        "subsidiary",
        {"id": "t.id", "name": "t.name", "currency": "c.symbol"},
        {"c": JOINS["c"]},
        stamped=False,
        company="t.id",
    ),
    "currencyrate": Table(
        "currencyrate",
        {
            "id": "t.id",
            "base": "b.symbol",
            "currency": "c.symbol",
            "day": day("t.effectivedate"),
            "rate": "t.exchangerate",
        },
        {
            "b": "JOIN currency b ON b.id = t.basecurrency",
            "c": "JOIN currency c ON c.id = t.transactioncurrency",
        },
        stamped=False,
    ),
    "item": Table(
        "item",
        {
            "id": "t.id",
            "sku": "t.itemid",
            "name": "NVL(t.displayname, t.itemid)",
            "category": "BUILTIN.DF(t.class)",
            "unit": "BUILTIN.DF(t.saleunit)",
            "modified": MODIFIED,
        },
    ),
    "customer": Table(
        "customer",
        {
            "id": "t.id",
            "number": "t.entityid",
            "name": "NVL(t.companyname, t.altname)",
            "company": "t.subsidiary",
            "parent": "t.parent",
            "vat_id": "t.vatregnumber",
            "email": "t.email",
            "phone": "t.phone",
            "website": "t.url",
            "street": "a.addr1",
            "postal_code": "a.zip",
            "city": "a.city",
            "country": "a.country",
            "currency": "c.symbol",
            "terms": "BUILTIN.DF(t.terms)",
            "credit_limit": "t.creditlimit",
            "salesperson": "BUILTIN.DF(t.salesrep)",
            "inactive": "t.isinactive",
            "since": day("t.datecreated"),
            "modified": MODIFIED,
        },
        {
            "c": JOINS["c"],
            "a": "LEFT JOIN CustomerAddressbookEntityAddress a ON a.nkey = t.defaultbillingaddress",
        },
    ),
    "contact": Table(
        "contact",
        {
            "id": "t.id",
            "customer": "t.company",
            "name": "t.entityid",
            "role": "t.title",
            "email": "t.email",
            "phone": "t.phone",
            "modified": MODIFIED,
        },
        where="t.isinactive = 'F' AND t.company IN (SELECT r.id FROM customer r)",
    ),
    "SalesOrd": _transactions("'SalesOrd'", {"ship_on": day("t.shipdate"), "gross": GROSS}),
    "ItemShip": _transactions("'ItemShip'", {"ship_on": day("t.shipdate")}),
    "CustInvc": _transactions(
        "'CustInvc', 'CustCred', 'CashSale', 'CashRfnd'",
        {
            "due_on": day("t.duedate"),
            "gross": GROSS,
            "unpaid": "t.foreignamountunpaid",
            "unused": "t.foreignpaymentamountunused",
        },
    ),
    "CustPymt": _transactions(
        "'CustPymt', 'CustRfnd'",
        {"amount": PAID.format("t.foreigntotal"), "unused": PAID.format("NVL(t.foreignpaymentamountunused, 0)")},
        " AND t.voided = 'F'",
    ),
}

MISSING: Mapping[str, tuple[str, ...]] = {
    "CustInvc": (
        "Instalments of an invoice are not told apart: its whole amount is due on its due date.",
        "The day of an allocation is that of the payment or credit note, never before the invoice.",
    ),
    "ItemShip": ("Goods that come back (item receipts) are not read as deliveries.",),
    "CustPymt": ("Customer deposits are not read.",),
    "SalesOrd": ("Delivered and invoiced quantities come from fulfilment and invoice lines.",),
    "currencyrate": ("Rates have no change mark here and are always read whole.",),
}
