"""Deliveries of Odoo: transfers that end at a customer, and returns, which begin there and count negative.

Judged by the places, not by the kind of transfer, so that only the last of several steps counts and drop shipments do.
The customer is who ordered: a drop shipment names the vendor as its partner, and a delivery often an address. Without
an order it is the transfer's own partner.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from integration_hub.erp.adapter import Row
from integration_hub.erp.odoo.kinds import Child, Kind, in_order, latest
from integration_hub.erp.odoo.reader import Domain, Record
from integration_hub.erp.odoo.values import (
    LINE_TEXT,
    QUANTITY_PLACES,
    boolean,
    exact,
    local_day,
    plain,
    reference,
    signed,
)

LINES = "erp_delivery_line"


class Deliveries(Kind):
    """stock.picking with stock.move."""

    model = "stock.picking"
    computed = (
        "key", "company", "customer", "order", "planned_on", "shipped_on", "is_return", "carrier", "changed_at",
    )  # fmt: skip
    needs = (
        "company_id", "partner_id", "sale_id", "scheduled_date", "date_done", "state", "location_id", "carrier_id",
    )  # fmt: skip
    named_by: ClassVar = {"delivery.carrier": "name", "uom.uom": "name"}
    children: ClassVar[Mapping[str, Child]] = {
        LINES: Child(
            "stock.move",
            (
                "key", "delivery", "position", "customer", "order_line", "product", "text", "quantity", "unit",
                "changed_at",
            ),
            (
                "sequence", "name", "description_picking", "product_id", "product_uom", "product_uom_qty", "quantity",
                "quantity_done", "sale_line_id", "state",
            ),
        )
    }  # fmt: skip

    def base(self) -> Domain:
        places = self._customer_places()
        return ["|", ["location_dest_id", "in", places], ["location_id", "in", places]]

    def stamps(self) -> tuple[str, ...]:
        return (f"{self.reader.having(self.model, 'move_ids', 'move_lines')}.write_date",)

    def _customer_places(self) -> list[int]:
        table = self.reader.table("stock.location", ["usage"])
        return [int(key) for key, each in table.items() if each["usage"] == "customer"]

    def line_keys(self, target: str) -> Sequence[tuple[str, Domain, str]]:
        return [("picking_id", ["|", ["state", "!=", "cancel"], ["picking_id.state", "=", "cancel"]], "")]

    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        places = {str(each) for each in self._customer_places()}
        partners = self.commercial(records, "partner_id")
        layout = self.beside.get(LINES)
        ids = [str(each["id"]) for each in records]
        found = (
            self.reader.children(layout.model, "picking_id", ids, layout.fields, where=layout.where) if layout else {}
        )
        buyers = self._buyers(records, found)
        rows, lines = [], []
        for each in records:
            company = self.reader.companies[reference(each["company_id"]) or ""]
            customer = buyers.get(str(each["id"])) or partners.get(reference(each["partner_id"]) or "")
            back = reference(each["location_id"]) in places
            own = in_order(found.get(str(each["id"]), []))
            values = [
                str(each["id"]),
                company.key,
                customer,
                reference(each.get("sale_id")),
                local_day(each["scheduled_date"], company.zone),
                local_day(each["date_done"], company.zone) if each["state"] == "done" else None,
                boolean(back),
                self.reader.label("delivery.carrier", each.get("carrier_id")),
                latest(each, own),
            ]
            rows.append(self.header.row(values, each))
            if layout:
                kept = [line for line in own if line["state"] != "cancel" or each["state"] == "cancel"]
                lines += [
                    layout.row(self._line(line, [str(each["id"]), str(number), customer], back=back), line)
                    for number, line in enumerate(kept, 1)
                ]
        return rows, self.named({LINES: lines})

    def _buyers(self, records: Sequence[Record], lines: Mapping[str, Sequence[Record]]) -> Mapping[str, str | None]:
        """Transfer -> the customer of its order: the one it names, else that of the first line with an order line."""
        first = {
            str(each["id"]): next((key for line in own if (key := reference(line.get("sale_line_id")))), "")
            for each in records
            if not each.get("sale_id") and (own := in_order(lines.get(str(each["id"]), [])))
        }
        sold = self._by_id("sale.order.line", first.values(), "order_id")
        order = {str(each["id"]): reference(each.get("sale_id")) for each in records}
        order |= {key: reference(sold[line]["order_id"]) for key, line in first.items() if line in sold}
        orders = self._by_id("sale.order", order.values(), "partner_id")
        partners = self.commercial(list(orders.values()), "partner_id")
        return {
            key: partners.get(reference(orders[number]["partner_id"]) or "")
            for key, number in order.items()
            if number in orders
        }

    def _by_id(self, model: str, keys: Iterable[str | None], name: str) -> Mapping[str | None, Record]:
        """One field of the records with these ids."""
        ids = sorted({key for key in keys if key}, key=int)
        return {key: each[0] for key, each in self.reader.children(model, "id", ids, [name]).items()}

    def _line(self, line: Record, document: Sequence[str | None], *, back: bool) -> list[str | None]:
        # Until it is done, a transfer is what was asked for.
        done = line.get("quantity", line.get("quantity_done"))
        quantity = exact(done if line["state"] == "done" else line["product_uom_qty"], QUANTITY_PLACES)
        return [
            str(line["id"]),
            *document,
            reference(line.get("sale_line_id")),
            reference(line["product_id"]),
            (plain(line.get("description_picking")) or plain(line.get("name")) or "")[:LINE_TEXT],
            signed(quantity, negative=back),
            self.reader.label("uom.uom", line["product_uom"]),
            latest(line),
        ]
