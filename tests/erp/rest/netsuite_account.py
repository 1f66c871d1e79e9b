"""A NetSuite account as a stand-in: statements are really executed, by SQLite, after a few words of Oracle's are put
into its own. Rows beyond the cap of a query are never delivered, empty columns are left out, as SuiteQL does.
"""

import re
import sqlite3
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration_hub.erp.netsuite.suiteql import PATH
from tests.erp.standin import Asked, Reply, Standin

SESSION = ZoneInfo("America/Los_Angeles")
TOKEN = "Bearer key"
SCHEMA = {
    "subsidiary": "id integer, name, currency",
    "currency": "id integer, symbol",
    "currencyrate": "id integer, basecurrency, transactioncurrency, effectivedate, exchangerate",
    "item": "id integer, itemid, displayname, class, saleunit, lastmodifieddate",
    "customer": "id integer, entityid, companyname, altname, subsidiary, parent, vatregnumber, email, phone, url,"
    " currency, terms, creditlimit, salesrep, isinactive default 'F', datecreated, defaultbillingaddress,"
    " lastmodifieddate",
    "CustomerAddressbookEntityAddress": "nkey, addr1, zip, city, country",
    "contact": "id integer, entityid, company, title, email, phone, isinactive default 'F', lastmodifieddate",
    '"transaction"': "id integer, tranid, type, entity, trandate, duedate, shipdate, status, voided default 'F',"
    " currency, exchangerate, otherrefnum, employee, foreigntotal, foreignamountunpaid, foreignpaymentamountunused,"
    " custbody_region, lastmodifieddate",
    "transactionline": "\"transaction\" integer, id integer, linesequencenumber, mainline, taxline default 'F',"
    " iscogs default 'F', isclosed default 'F', item, itemtype, memo, quantity, units, rate, foreignamount, subsidiary,"
    " createdfrom, expectedshipdate, linelastmodifieddate",
    "NextTransactionLineLink": "previousdoc integer, previousline integer, previoustype, nextdoc integer,"
    " nextline integer, nexttype, linktype, foreignamount, lastmodifieddate",
    "deletedrecord": "recordid integer, deleteddate",
}
WORDS = {"A": "Open", "B": "Pending Fulfillment", "G": "Billed"}


def to_utc(stamp: str | None) -> str | None:
    """A session's local stamp as UTC."""
    if stamp is None:
        return None
    local = datetime.fromisoformat(stamp).replace(tzinfo=SESSION)
    return local.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def to_char(stamp: str | None, form: str) -> str | None:
    """Oracle's TO_CHAR, for the forms that are asked."""
    if stamp is None:
        return None
    parts = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S", '"T"': "T", '"Z"': "Z"}
    return datetime.fromisoformat(stamp).strftime(re.sub('YYYY|MM|DD|HH24|MI|SS|"T"|"Z"', lambda m: parts[m[0]], form))


class NetSuiteAccount(Standin):
    """`cap` rows at most for a query; `unseen` records are unknown to the role."""

    def __init__(self) -> None:
        super().__init__()
        self.cap, self.token = 100_000, TOKEN
        self.unseen: set[str] = {"deletedrecord"}
        self.statements: list[str] = []
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.row_factory = sqlite3.Row
        for table, columns in SCHEMA.items():
            self.database.execute(f"create table {table} ({columns})")
        function = self.database.create_function
        function("SYS_EXTRACT_UTC", 1, to_utc)
        function("TO_CHAR", 2, to_char)
        function("TO_TIMESTAMP", 2, lambda text, _form: text)
        function("TO_DATE", 2, lambda text, _form: text)
        function("NVL", 2, lambda value, other: other if value is None else value)
        function("BUILTIN_DF", 1, lambda value: WORDS.get(value, value))

    def add(self, table: str, **values: Any) -> None:
        """Insert a row."""
        named = '"transaction"' if table == "transaction" else table
        columns = ", ".join(f'"{name}"' for name in values)
        self.database.execute(
            f"insert into {named} ({columns}) values ({', '.join('?' * len(values))})", list(values.values())
        )

    def change(self, statement: str, *values: Any) -> None:
        """Run a statement on the account's own data."""
        self.database.execute(statement, values)

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return Reply({"access_token": "fresh", "expires_in": "3600"})
        if not asked.headers.get("Authorization", "").startswith(self.token):
            return Reply({"title": "Unauthorized", "o:errorDetails": [{"detail": "Invalid login attempt."}]}, 401)
        if (asked.method, asked.path) != ("POST", PATH) or asked.headers.get("Prefer") != "transient":
            return Reply({"title": "Not found"}, 404)
        statement = asked.body["q"]
        self.statements.append(statement)
        for record in self.unseen:
            if re.search(rf"\b(?:FROM|JOIN) {record}\b", statement):
                return refusal("INVALID_PARAMETER", f"Search error occurred: Record '{record}' was not found.")
        try:
            found = self.database.execute(_translated(statement)).fetchmany(self.cap)
        except sqlite3.Error as error:
            return refusal("INVALID_PARAMETER", f"Invalid search query. {error}")
        limit, offset = int(asked.params.get("limit", 1000)), int(asked.params.get("offset", 0))
        page = [_item(row) for row in found[offset : offset + limit]]
        more = offset + limit < len(found)
        return Reply(
            {
                "links": [],
                "count": len(page),
                "hasMore": more,
                "items": page,
                "offset": offset,
                "totalResults": len(found),
            }
        )


def refusal(code: str, detail: str, status: int = 400) -> Reply:
    """An error as NetSuite writes it."""
    return Reply({"title": "Bad Request", "o:errorDetails": [{"detail": detail, "o:errorCode": code}]}, status)


def _translated(statement: str) -> str:
    return re.sub(r"\btransaction\b", '"transaction"', statement.replace("BUILTIN.DF(", "BUILTIN_DF("))


def _item(row: sqlite3.Row) -> dict[str, Any]:
    values = {name: row[name] for name in row.keys() if row[name] is not None}  # noqa: SIM118 - a Row iterates values
    return {"links": [], **{name: _shown(value) for name, value in values.items()}}


def _shown(value: Any) -> str:
    return repr(round(value, 6)) if isinstance(value, float) else str(value)
