"""Invoices, credit notes and receipts of Odoo with their lines; open items and what settled them are in odoo_items.

Odoo keeps a credit note's amounts without sign and its journal items signed; here all are negative. Whether a document
is paid is told from what is open of it, as the open items are; Odoo's own word stands beside. "reversed" is Odoo's
word for an invoice that its credit note offset in full.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from integration_hub.erp.adapter import Row
from integration_hub.erp.odoo.invoice_lines import LINE_CHILD, LINES, line_values, order_line
from integration_hub.erp.odoo.items import (
    ALLOCATION_CHILD,
    ALLOCATIONS,
    CREDIT_END,
    ITEM_CHILD,
    ITEMS,
    Items,
    receivable,
)
from integration_hub.erp.odoo.kinds import Child, Kind, in_order, latest
from integration_hub.erp.odoo.reader import Domain, Record, prefixed
from integration_hub.erp.odoo.values import (
    exact,
    plain,
    ratio,
    reference,
    signed,
)

KINDS = {"out_invoice": "invoice", "out_refund": "credit_note", "out_receipt": "receipt"}


class Invoices(Kind):
    """account.move with account.move.line and account.partial.reconcile."""

    model = "account.move"
    computed = (
        "key", "number", "kind", "company", "customer", "bill_to", "order", "posted_on", "currency", "net_amount",
        "tax_amount", "gross_amount", "company_currency", "exchange_rate", "status", "source_status", "reverses",
        "changed_at",
    )  # fmt: skip
    needs = (
        "name", "move_type", "company_id", "partner_id", "commercial_partner_id", "date", "currency_id",
        "company_currency_id", "amount_untaxed", "amount_tax", "amount_total", "amount_untaxed_signed",
        "amount_total_signed", "amount_residual", "state", "payment_state", "reversed_entry_id", "debit_origin_id",
        "invoice_date", "invoice_currency_rate",
    )  # fmt: skip
    named_by: ClassVar = {"uom.uom": "name"}
    children: ClassVar[Mapping[str, Child]] = {
        LINES: LINE_CHILD,
        ITEMS: ITEM_CHILD,
        ALLOCATIONS: ALLOCATION_CHILD,
    }  # fmt: skip

    def base(self) -> Domain:
        return [["move_type", "in", sorted(KINDS)]]

    def stamps(self) -> tuple[str, ...]:
        return ("line_ids.write_date",)

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        headers = {str(each["id"]): each for each in records}
        found = self._lines(list(headers)) if LINES in self.beside else {}
        every = [line for lines in found.values() for line in lines]
        services, (orders, down_payments) = self.services(every), self._orders(every)
        for line in every:
            line["is_downpayment"] = line.get("is_downpayment") or order_line(line) in down_payments
        items = Items(self.reader, self.beside, headers)
        layout, rows, lines = self.beside.get(LINES), [], []
        for key, each in headers.items():
            own = in_order(found.get(key, []))
            named = {order for line in own if (order := orders.get(order_line(line) or ""))}
            stamp = latest(each, [*own, *items.of_document(key)])
            rows.append(self._header(each, _kind(each, own), next(iter(named)) if len(named) == 1 else None, stamp))
            if layout:
                places = self.reader.places(each["currency_id"])
                head = [key, "", reference(each["commercial_partner_id"])]
                for number, line in enumerate(own, 1):
                    head[1] = str(number)
                    lines.append(layout.row(line_values(self.reader, line, services, head, places), line))
        return rows, self.named({LINES: lines, ITEMS: items.rows(), ALLOCATIONS: items.allocations()})

    def _lines(self, ids: Sequence[str]) -> Mapping[str, list[Record]]:
        where = [*self._line_where(), *self.beside[LINES].where]
        return self.reader.children("account.move.line", "move_id", ids, self.beside[LINES].fields, where=where)

    def _line_where(self) -> Domain:
        """Lines that make up the net amount: until 15 the "invoice tab", since 16 named kinds of line. A rounding that
        was put on the biggest tax is tax.
        """
        if self.reader.having("account.move.line", "exclude_from_invoice_tab"):
            return [["display_type", "=", False], ["exclude_from_invoice_tab", "=", False]]
        rounding: Domain = ["&", ["display_type", "=", "rounding"], ["tax_repartition_line_id", "=", False]]
        return ["|", ["display_type", "=", "product"], *rounding]

    def line_keys(self, target: str) -> Sequence[tuple[str, Domain, str]]:
        if target == LINES:
            return [("move_id", self._line_where(), "")]
        items: Domain = [["move_id.state", "=", "posted"], *receivable(self.reader)]
        if target == ITEMS:
            return [("move_id", items, "")]
        return [
            (
                f"{side}_move_id.move_id",
                [*prefixed(items, f"{side}_move_id."), [f"{side}_amount_currency", "!=", 0]],
                end,
            )
            for side, end in (("debit", ""), ("credit", CREDIT_END))
        ]

    def _orders(self, lines: Sequence[Record]) -> tuple[Mapping[str, str], frozenset[str]]:
        """Order line -> order, of the order lines that these lines invoice, and those of them that are down payments:
        Odoo 15 says it of order lines only.
        """
        ids = {key for line in lines if (key := order_line(line))}
        if not ids:
            return {}, frozenset()
        known = self.reader.having("sale.order.line", "is_downpayment")
        names = ["order_id", *([known] if known else [])]
        found = self.reader.children("sale.order.line", "id", sorted(ids, key=int), names)
        return (
            {key: order for key, each in found.items() if (order := reference(each[0]["order_id"]))},
            frozenset(key for key, each in found.items() if each[0].get("is_downpayment")),
        )

    def _header(self, each: Record, kind: str, order: str | None, stamp: str | None) -> Row:
        currency, books = self.reader.currency(each["currency_id"]), self.reader.currency(each["company_currency_id"])
        places = self.reader.places(each["currency_id"])
        credit = each["move_type"] == "out_refund"
        customer = reference(each["commercial_partner_id"])
        number = plain(each["name"])
        values = [
            str(each["id"]),
            number if number != "/" else None,
            kind,
            reference(each["company_id"]),
            customer,
            customer,
            order,
            each["date"] if each["state"] == "posted" else None,
            currency,
            *(
                signed(exact(each[name], places), negative=credit)
                for name in ("amount_untaxed", "amount_tax", "amount_total")
            ),
            books,
            "1" if currency == books else _rate(each),
            _status(each),
            "/".join(word for word in (plain(each["state"]), plain(each["payment_state"])) if word),
            reference(each["reversed_entry_id"]),
            stamp,
        ]
        return self.header.row(values, each)


def _kind(each: Record, lines: Sequence[Record]) -> str:
    """Odoo's own kind, more closely: what is nothing but down payments is one, what adds to an invoice a debit note."""
    kind = KINDS[each["move_type"]]
    if kind != "invoice":
        return kind
    if each.get("debit_origin_id"):
        return "debit_note"
    return "down_payment" if lines and all(line.get("is_downpayment") for line in lines) else kind


def _rate(each: Record) -> str | None:
    """Company currency per one of the document's, as it was booked; from the stated rate where nothing was."""
    for booked, own in (("amount_untaxed_signed", "amount_untaxed"), ("amount_total_signed", "amount_total")):
        if found := ratio(each[booked], each[own]):
            return found
    return ratio("1", each.get("invoice_currency_rate"))


def _status(each: Record) -> str:
    """draft, open, part_paid, paid, reversed or cancelled."""
    if each["state"] != "posted":
        return "draft" if each["state"] == "draft" else "cancelled"
    if each["payment_state"] == "reversed":
        return "reversed"
    places = 4
    open_amount, total = exact(each["amount_residual"], places), exact(each["amount_total"], places)
    if not float(open_amount or 0):
        return "paid"
    return "open" if open_amount == total else "part_paid"
