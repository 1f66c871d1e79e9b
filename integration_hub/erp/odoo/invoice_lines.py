"""Lines of Odoo's invoices and credit notes, with the sign of their document."""

from collections.abc import Sequence

from integration_hub.erp.odoo.kinds import Child, latest
from integration_hub.erp.odoo.reader import Reader, Record
from integration_hub.erp.odoo.values import LINE_TEXT, QUANTITY_PLACES, exact, less, negated, plain, reference, signed

LINES = "erp_invoice_line"
LINE_CHILD = Child(
    "account.move.line",
    (
        "key", "invoice", "position", "customer", "kind", "product", "text", "quantity", "unit", "unit_price",
        "net_amount", "tax_amount", "order_line", "changed_at",
    ),
    (
        "sequence", "name", "product_id", "quantity", "product_uom_id", "price_unit", "price_subtotal",
        "price_total", "amount_currency", "sale_line_ids", "is_downpayment", "display_type",
    ),
)  # fmt: skip


def line_values(
    reader: Reader, line: Record, services: frozenset[str], document: Sequence[str | None], places: int
) -> list[str | None]:
    """Computed values of a line. Its journal amount has the right sign and adds up to the header, also where prices
    include tax; Odoo's quantity has none.
    """
    product = reference(line["product_id"])
    net = negated(exact(line["amount_currency"], places))
    credit = (net or "").startswith("-") != str(line["price_subtotal"] or "").startswith("-")
    of_kind = "service" if product in services else "goods"
    if line.get("is_downpayment"):
        of_kind = "down_payment"
    elif line["display_type"] == "rounding":
        of_kind = "charge"
    tax = less(exact(line["price_total"], places), exact(line["price_subtotal"], places))
    return [
        str(line["id"]),
        *document,
        of_kind,
        product,
        (plain(line["name"]) or "")[:LINE_TEXT],
        signed(exact(line["quantity"], QUANTITY_PLACES), negative=credit),
        reader.label("uom.uom", line["product_uom_id"]),
        exact(line["price_unit"], QUANTITY_PLACES),
        net,
        signed(tax, negative=credit),
        order_line(line),
        latest(line),
    ]


def order_line(line: Record) -> str | None:
    """The order line that is invoiced; the first where a line sums up several."""
    found = line.get("sale_line_ids")
    return str(found[0]) if found else None
