"""Deliveries of Odoo: transfers that end at a customer, and returns, which begin there and count negative.

Judged by the places, not by the kind of transfer, so that only the last of several steps counts and drop shipments do.
"""

from collections.abc import Mapping, Sequence
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
        rows, lines = [], []
        for each in records:
            company = self.reader.companies[reference(each["company_id"]) or ""]
            customer = partners.get(reference(each["partner_id"]) or "")
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
