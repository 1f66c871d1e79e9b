"""Quotes and orders of Odoo with their lines.

An order is done when everything that Inventory delivers was delivered, and it is invoiced in full: in Odoo's words, or
because no line with an amount is left (what is free of charge is never invoiced). Sections and notes are no lines. Odoo
does not move the order's stamp when only a line's text changes, so lines are asked for theirs.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from integration_hub.erp.adapter import Row
from integration_hub.erp.odoo.kinds import Child, Kind, in_order, latest
from integration_hub.erp.odoo.reader import Domain, Record
from integration_hub.erp.odoo.values import LINE_TEXT, QUANTITY_PLACES, exact, local_day, plain, ratio, reference

LINES = "erp_order_line"
NO_TEXT: Domain = [["display_type", "=", False]]
QUOTES = frozenset({"draft", "sent"})
INVOICED = frozenset({"invoiced", "upselling"})
"""Odoo's words for an order that is invoiced in full, the second where more was delivered than ordered."""
WHOLE = 100
HEADER_NEEDS = (
    "product_uom_qty", "qty_delivered", "qty_delivered_method", "qty_invoiced", "price_unit", "discount",
    "invoice_status",
)  # fmt: skip


class Orders(Kind):
    """sale.order with sale.order.line."""

    model = "sale.order"
    computed = (
        "key", "company", "customer", "ship_to", "bill_to", "ordered_on", "promised_on", "shipped_on", "currency",
        "net_amount", "gross_amount", "company_currency", "exchange_rate", "status", "source_status", "salesperson",
        "changed_at",
    )  # fmt: skip
    needs = (
        "company_id", "partner_id", "partner_shipping_id", "partner_invoice_id", "date_order", "commitment_date",
        "effective_date", "currency_id", "amount_untaxed", "amount_total", "currency_rate", "state", "invoice_status",
        "user_id",
    )  # fmt: skip
    named_by: ClassVar = {"res.users": "name", "uom.uom": "name"}
    children: ClassVar[Mapping[str, Child]] = {
        LINES: Child(
            "sale.order.line",
            (
                "key", "order", "position", "customer", "kind", "product", "text", "quantity", "unit", "unit_price",
                "discount_percent", "net_amount", "delivered_quantity", "invoiced_quantity", "changed_at",
            ),
            (
                "sequence", "name", "product_id", "product_uom_qty", "product_uom", "product_uom_id", "price_unit",
                "discount", "price_subtotal", "qty_delivered", "qty_invoiced", "qty_delivered_method",
                "is_downpayment", "is_delivery", "invoice_status",
            ),
        )
    }  # fmt: skip

    def stamps(self) -> tuple[str, ...]:
        return ("order_line.write_date",)

    def line_keys(self, target: str) -> Sequence[tuple[str, Domain, str]]:
        return [("order_id", NO_TEXT, "")]

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        ids = [str(each["id"]) for each in records]
        partners = self.commercial(records, "partner_id", "partner_shipping_id", "partner_invoice_id")
        layout = self.beside.get(LINES)
        needs = layout.fields if layout else (*HEADER_NEEDS, "write_date")
        known = self.reader.fields("sale.order.line")
        found = self.reader.children(
            "sale.order.line", "order_id", ids, [name for name in needs if name in known],
            where=[*NO_TEXT, *(layout.where if layout else [])],
        )  # fmt: skip
        services = self.services([line for lines in found.values() for line in lines]) if layout else frozenset()
        rows, lines = [], []
        for each in records:
            own = in_order(found.get(str(each["id"]), []))
            rows.append(self._header(each, own, partners))
            if layout:
                customer = partners.get(reference(each["partner_id"]) or "")
                places = self.reader.places(each["currency_id"])
                order = str(each["id"])
                lines += [
                    layout.row(self._line(line, services, [order, str(number), customer], places), line)
                    for number, line in enumerate(own, 1)
                ]
        return rows, self.named({LINES: lines})

    def _header(self, each: Record, lines: Sequence[Record], partners: Mapping[str, str]) -> Row:
        company = self.reader.companies[reference(each["company_id"]) or ""]
        currency, places = self.reader.currency(each["currency_id"]), self.reader.places(each["currency_id"])
        state = str(each["state"])
        values = [
            str(each["id"]),
            company.key,
            partners.get(reference(each["partner_id"]) or ""),
            partners.get(reference(each["partner_shipping_id"]) or ""),
            partners.get(reference(each["partner_invoice_id"]) or ""),
            local_day(each["date_order"], company.zone),
            local_day(each.get("commitment_date", False), company.zone),
            local_day(each.get("effective_date", False), company.zone),
            currency,
            exact(each["amount_untaxed"], places),
            exact(each["amount_total"], places),
            company.currency,
            "1" if currency == company.currency else ratio("1", each.get("currency_rate")),
            _status(each, lines),
            "/".join(word for word in (state, plain(each.get("invoice_status"))) if word),
            self.reader.label("res.users", each["user_id"]),
            latest(each, lines),
        ]
        return self.header.row(values, each)

    def _line(
        self, line: Record, services: frozenset[str], document: Sequence[str | None], places: int
    ) -> list[str | None]:
        product = reference(line["product_id"])
        kind = "down_payment" if line.get("is_downpayment") else "charge" if line.get("is_delivery") else ""
        return [
            str(line["id"]),
            *document,
            kind or ("service" if product in services else "goods"),
            product,
            (plain(line["name"]) or "")[:LINE_TEXT],
            exact(line["product_uom_qty"], QUANTITY_PLACES),
            self.reader.label("uom.uom", line.get("product_uom_id") or line.get("product_uom")),
            exact(line["price_unit"], QUANTITY_PLACES),
            exact(line.get("discount"), QUANTITY_PLACES),
            exact(line["price_subtotal"], places),
            exact(line["qty_delivered"], QUANTITY_PLACES),
            exact(line["qty_invoiced"], QUANTITY_PLACES),
            latest(line),
        ]


def _status(order: Record, lines: Sequence[Record]) -> str:
    """quote, open, done or cancelled; "done" in Odoo's own words (until 16) only means locked."""
    if order["state"] == "cancel":
        return "cancelled"
    if order["state"] in QUOTES:
        return "quote"
    delivered = all(
        Decimal(line["qty_delivered"]) >= Decimal(line["product_uom_qty"])
        for line in lines
        if line.get("qty_delivered_method") == "stock_move"
    )
    invoiced = order.get("invoice_status") in INVOICED or not any(_to_invoice(line) for line in lines)
    return "done" if invoiced and delivered else "open"


def _to_invoice(line: Record) -> bool:
    """Whether money is still to come from a line. An expense has no ordered quantity, and no subtotal either."""
    free = not float(line["price_unit"] or 0) or float(line.get("discount") or 0) >= WHOLE
    if free or line.get("invoice_status") in INVOICED:
        return False
    ordered, delivered, invoiced = (
        abs(Decimal(line[name] or 0)) for name in ("product_uom_qty", "qty_delivered", "qty_invoiced")
    )
    return invoiced < max(ordered, delivered)
