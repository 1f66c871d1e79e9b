"""Open items of Odoo's invoices (journal items on the receivable account, one per instalment) and what settled them."""

from collections.abc import Mapping, Sequence

from integration_hub.erp.adapter import Row
from integration_hub.erp.odoo.kinds import Child, Layout, latest
from integration_hub.erp.odoo.reader import Domain, Reader, Record
from integration_hub.erp.odoo.values import boolean, exact, negated, plain, reference

ITEMS, ALLOCATIONS = "erp_open_item", "erp_allocation"
LINE, PARTIAL = "account.move.line", "account.partial.reconcile"
ITEM_CHILD = Child(
    LINE,
    (
        "key", "invoice", "company", "customer", "number", "issued_on", "due_on", "currency", "amount", "open_amount",
        "dated_allocations", "disputed", "changed_at",
    ),
    ("date_maturity", "amount_currency", "amount_residual_currency", "blocked", "currency_id"),
)  # fmt: skip
ALLOCATION_CHILD = Child(
    PARTIAL,
    (
        "key", "open_item", "invoice", "payment", "credit_note", "customer", "allocated_on", "currency", "amount",
        "changed_at",
    ),
    ("debit_move_id", "credit_move_id", "debit_amount_currency", "credit_amount_currency", "max_date"),
)  # fmt: skip
CREDIT_END = "/credit"
"""What the key of an allocation ends in, seen from the credit note's side."""
DOCUMENTS = ("out_invoice", "out_refund", "out_receipt")


def receivable(reader: Reader) -> Domain:
    """The condition on journal items of receivable accounts, which were told apart differently until 15."""
    if reader.having("account.account", "account_type"):
        return [["account_id.account_type", "=", "asset_receivable"]]
    return [["account_id.internal_type", "=", "receivable"]]


class Items:
    """The items of one page of invoices. Drafts have none, and neither has what was cancelled."""

    def __init__(self, reader: Reader, beside: Mapping[str, Layout], headers: Mapping[str, Record]) -> None:
        self.reader, self.headers = reader, headers
        self.layout, self.partials = beside.get(ITEMS), beside.get(ALLOCATIONS)
        posted = [key for key, each in headers.items() if each["state"] == "posted"]
        found: Mapping[str, list[Record]] = {}
        if self.layout or self.partials:
            fields = self.layout.fields if self.layout else ITEM_CHILD.needs
            known = [name for name in fields if name in reader.fields(LINE)]
            found = reader.children(LINE, "move_id", posted, known, where=receivable(reader))
        self._items = found

    def of_document(self, key: str) -> Sequence[Record]:
        """The items of one invoice."""
        return self._items.get(key, ())

    def rows(self) -> list[Row]:
        """Rows of open items."""
        if self.layout is None:
            return []
        dated = boolean(self.partials is not None)
        rows = []
        for key, items in self._items.items():
            head = self.headers[key]
            for item in items:
                places = self.reader.places(item["currency_id"])
                values = [
                    str(item["id"]),
                    key,
                    reference(head["company_id"]),
                    reference(head["commercial_partner_id"]),
                    plain(head["name"]),
                    plain(head["invoice_date"]),
                    plain(item["date_maturity"]),
                    self.reader.currency(item["currency_id"]),
                    exact(item["amount_currency"], places),
                    exact(item["amount_residual_currency"], places),
                    dated,
                    boolean(item.get("blocked") or head["payment_state"] == "blocked"),
                    latest(item),
                ]
                rows.append(self.layout.row(values, item))
        return rows

    def allocations(self) -> list[Row]:
        """Rows of allocations, one for each side of a reconciliation that is an invoice of this page.

        Exchange differences settle nothing in the document's currency and are left out.
        """
        if self.partials is None:
            return []
        touched = {
            str(item["id"]): (key, item)
            for key, items in self._items.items()
            for item in items
            if item["amount_residual_currency"] != item["amount_currency"]
        }
        settled: list[tuple[str, str, Record]] = []
        for side, other in (("debit", "credit"), ("credit", "debit")):
            ids = [key for key, (_, item) in touched.items() if (_amount(item).startswith("-")) == (side == "credit")]
            found = self.reader.children(PARTIAL, f"{side}_move_id", ids, self._fields())
            settled += [(side, f"{other}_move_id", each) for several in found.values() for each in several]
        against = self._against([reference(each[other]) or "" for _, other, each in settled])
        rows: list[Row] = []
        for side, other, each in settled:
            document, item = touched[reference(each[f"{side}_move_id"]) or ""]
            row = self._row(each, document, item, side, against.get(reference(each[other]) or ""))
            rows += [row] if row else []
        return rows

    def _fields(self) -> Sequence[str]:
        return self.partials.fields if self.partials else ()

    def _row(
        self,
        each: Record,
        document: str,
        item: Record,
        side: str,
        against: tuple[str | None, str | None] | None,
    ) -> Row | None:
        amount = exact(each[f"{side}_amount_currency"], self.reader.places(item["currency_id"])) or "0"
        if self.partials is None or not float(amount):
            return None
        payment, credit = against or (None, None)
        values = [
            # A reconciliation of an invoice with a credit note settles an item of each.
            str(each["id"]) if side == "debit" else f"{each['id']}{CREDIT_END}",
            str(item["id"]),
            document,
            payment,
            credit if side == "debit" else None,
            reference(self.headers[document]["commercial_partner_id"]),
            plain(each["max_date"]),
            self.reader.currency(item["currency_id"]),
            negated(amount) if side == "credit" else amount,
            latest(each),
        ]
        return self.partials.row(values, each)

    def _against(self, lines: Sequence[str]) -> Mapping[str, tuple[str | None, str | None]]:
        """Journal item on the other side -> its payment, or its credit note; a bank line alone is neither."""
        ids = sorted({key for key in lines if key}, key=int)
        found = self.reader.children(LINE, "id", ids, ["payment_id", "move_id"])
        each_line = {key: each[0] for key, each in found.items()}
        moves = {reference(each["move_id"]) or "" for each in each_line.values() if not each.get("payment_id")}
        where: Domain = [["move_type", "in", list(DOCUMENTS)]]
        credits_ = self.reader.children("account.move", "id", sorted(moves - {""}, key=int), [], where=where)
        return {
            key: (reference(each.get("payment_id")), move if (move := reference(each["move_id"])) in credits_ else None)
            for key, each in each_line.items()
        }


def _amount(item: Record) -> str:
    return str(item["amount_currency"])
