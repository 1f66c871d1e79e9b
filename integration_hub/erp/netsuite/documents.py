"""Completes a page of NetSuite's transactions: lines with their links, tax, open amounts and allocations."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from integration_hub.erp.netsuite.lines import INVOICE_KINDS, KINDS, LINE_COLUMNS, LINES_WHERE
from integration_hub.erp.netsuite.suiteql import Query, Record, SuiteQl, number
from integration_hub.erp.netsuite.tables import day
from integration_hub.erp.settlement import ZERO, Instalment, Step, settle, state_of

DRAFT, REJECTED, VOID = "D", "E", "V"
"""Status codes of an invoice: pending approval, rejected, voided."""
CASH = frozenset({"CashSale", "CashRfnd"})


def add_codes(records: Sequence[Record]) -> None:
    """The bare code of a status ("SalesOrd:B" or "B"), and what the document was made from, by its kind."""
    for each in records:
        each["status_code"] = str(each.get("status") or "").rpartition(":")[2]
        if each.get("voided") == "T":
            each["status_code"] = VOID
        of_type, origin = each.get("type"), each.get("created_from")
        each["kind"] = INVOICE_KINDS.get(str(of_type), "")
        each["order"] = origin if of_type in {"CustInvc", "ItemShip", "CashSale"} else None
        each["reverses"] = origin if of_type in {"CustCred", "CashRfnd"} else None


@dataclass(frozen=True)
class NetSuiteDocuments:
    """Reads what belongs to the transactions of one page, by their ids."""

    suiteql: SuiteQl

    def lines(self, records: Sequence[Record], more: Mapping[str, str]) -> list[Record]:
        """Sales lines of the documents, which get "tax" and "net"; `more` are further columns by alias."""
        by_id = {str(each["id"]): each for each in records}
        where = (LINES_WHERE, _among("l.transaction", by_id))
        query = Query({**LINE_COLUMNS, **more}, "transactionline l", where, ("transaction", "id"))
        taxes: dict[str, Decimal] = defaultdict(Decimal)
        found: list[Record] = []
        for row in self.suiteql.rows(query):
            document = str(row["transaction"])
            if row.get("tax_line") == "T":
                taxes[document] += Decimal(row.get("net") or 0)
                continue
            row["key"] = f"{document}/{row['id']}"
            row["kind"] = KINDS.get(str(row.get("item_type")), "goods")
            row["customer"] = by_id[document].get("customer")
            row["modified"] = by_id[document].get("modified")
            found.append(row)
        for document, each in by_id.items():
            if "gross" in each:
                gross, tax = Decimal(each["gross"]), taxes[document]
                each["tax"], each["net"] = format(tax, "f"), format(gross - tax, "f")
        return found

    def link(self, lines: Sequence[Record], ids: Sequence[str]) -> None:
        """Set "order_line" of fulfilment and invoice lines."""
        columns = {name: f"k.{name}" for name in ("nextdoc", "nextline", "previousdoc", "previousline")}
        where = ("k.linktype IN ('ShipRcpt', 'OrdBill')", "k.previoustype = 'SalesOrd'", _among("k.nextdoc", ids))
        query = Query(
            columns,
            "NextTransactionLineLink k",
            where,
            ("nextdoc", "nextline", "previousdoc", "previousline"),
            (),
            True,
        )
        of_line = {
            f"{row['nextdoc']}/{row['nextline']}": f"{row['previousdoc']}/{row['previousline']}"
            for row in self.suiteql.rows(query)
        }
        for line in lines:
            line["order_line"] = of_line.get(line["key"])

    def settle(self, invoices: Sequence[Record]) -> tuple[list[Record], list[Record]]:
        """Open items and allocations of invoices and credit notes; sets their "state"."""
        ids = [str(each["id"]) for each in invoices]
        applied = self._applied("previousdoc", "nextdoc", ids) + self._applied("nextdoc", "previousdoc", ids)
        of_document: dict[str, list[Record]] = defaultdict(list)
        for row in applied:
            of_document[str(row["document"])].append(row)
        items: list[Record] = []
        allocations: list[Record] = []
        for each in invoices:
            if each["status_code"] in {DRAFT, REJECTED, VOID}:
                each["state"] = "draft" if each["status_code"] == DRAFT else "cancelled"
            else:
                _settle(each, of_document[str(each["id"])], items, allocations)
        return items, allocations

    def _applied(self, own: str, other: str, ids: Sequence[str]) -> list[Record]:
        """What is set against these documents. Which side of the link a credit note stands on differs by how it was
        applied, so both sides are asked.
        """
        columns = {
            "document": f"k.{own}",
            "other": f"k.{other}",
            "type": "p.type",
            "day": day("p.trandate"),
            "amount": "SUM(ABS(k.foreignamount))",
        }
        where = ("k.linktype = 'Payment'", "p.voided = 'F'", _among(f"k.{own}", ids))
        source = f"NextTransactionLineLink k JOIN transaction p ON p.id = k.{other}"
        group = tuple(columns[name] for name in ("document", "other", "type", "day"))
        return self.suiteql.rows(Query(columns, source, where, ("document", "other"), group))


def _among(expression: str, ids: Mapping[str, object] | Sequence[str]) -> str:
    return f"{expression} IN ({', '.join(number(each) for each in ids)})"


def _settle(invoice: Record, applied: Sequence[Record], items: list[Record], allocations: list[Record]) -> None:
    """NetSuite's own open amount holds; where the links explain it whole, the allocations are dated besides."""
    gross = Decimal(invoice["gross"])
    sign = -1 if gross < 0 else 1
    unpaid = ZERO if invoice["type"] in CASH else Decimal(invoice.get("unpaid" if sign > 0 else "unused") or 0)
    still_open = abs(unpaid) * sign + ZERO  # no minus before nothing
    item = Instalment(str(invoice["id"]), invoice.get("due_on") or invoice["day"], gross)
    steps = [
        Step(
            str(row["other"]),
            max(str(row["day"]), str(invoice["day"])),
            Decimal(row["amount"]) * sign,
            payment=str(row["other"]) if row["type"] in {"CustPymt", "CustRfnd"} else "",
            document=str(row["other"]) if row["type"] in INVOICE_KINDS else "",
        )
        for row in applied
    ]
    shares = settle([item], steps, sign)
    credited = sum((step.amount for step in steps if step.document), ZERO)
    invoice["state"] = state_of(gross, still_open, credited)
    common = {name: invoice.get(name) for name in ("customer", "company", "currency", "modified")}
    items.append(
        {
            "key": item.key,
            "document": item.key,
            "number": invoice.get("number"),
            "day": invoice["day"],
            "due_on": item.due,
            "amount": format(gross, "f"),
            "open": format(still_open, "f"),
            "dated": "true" if item.open == still_open else "false",
            **common,
        }
    )
    allocations += [
        {
            "key": share.key,
            "document": item.key,
            "payment": share.step.payment,
            "credit_note": share.step.document,
            "day": share.step.day,
            "amount": format(share.amount, "f"),
            **common,
        }
        for share in shares
    ]
