"""Which partners are customers although nothing of them says so: what they bought does.

Odoo counts up customer_rank when an invoice is posted: not yet for an order, and in SQL, which does not move the
partner's stamp. For most partners that does not matter: they are customers unless they are vendors, users or own
companies.
"""

from collections.abc import Iterator
from datetime import datetime

from integration_hub.erp.odoo.kinds import Kind
from integration_hub.erp.odoo.reader import Domain, stamp
from integration_hub.erp.odoo.totals import groups_of
from integration_hub.erp.odoo.values import reference


def sold_to(kind: Kind, path: str = "") -> Domain:
    """The condition on the commercial partner, `path` being the field that leads to it."""
    ids: Domain = [path or "id", "in", sold_since(kind)]
    before = f"{path}." if path else ""
    usual: Domain = [[f"{before}partner_share", "=", True], [path or "id", "not in", _own(kind)]]
    if not kind.reader.having("res.partner", "customer_rank"):  # comes with Invoicing, as supplier_rank does
        return ["|", ids, "&", *usual]
    return [
        *("|", ids, "|", [f"{before}customer_rank", ">", 0]),
        *("&", "&", *usual, [f"{before}supplier_rank", "=", 0]),
    ]


def sold_since(kind: Kind, since: datetime | None = None) -> list[int]:
    """Vendors, users and own companies that documents of sale name, each by its commercial partner; with `since` only
    documents that were stamped then or later.
    """
    found: set[int] = set()
    for model, field, domain in _documents(kind):
        path = field if field.startswith("commercial") else f"{field}.commercial_partner_id"
        own = [*domain, *_others(kind, path), *([["write_date", ">=", stamp(since)]] if since else [])]
        named = {key for each in groups_of(kind.reader, model, own, [field], []) if (key := reference(each[field]))}
        partners = kind.reader.children("res.partner", "id", sorted(named, key=int), ["commercial_partner_id"])
        found |= {int(reference(each[0]["commercial_partner_id"]) or key) for key, each in partners.items()}
    return sorted(found)


def _documents(kind: Kind) -> Iterator[tuple[str, str, Domain]]:
    """Those that are read: model, the field with the partner, and the condition for a sale."""
    reader = kind.reader
    read = {each.target for each in reader.odoo.source.streams}
    if "erp_order" in read and reader.fields("sale.order"):
        yield "sale.order", "partner_id", []
    if "erp_invoice" in read and reader.fields("account.move"):
        yield (
            "account.move",
            "commercial_partner_id",
            [["move_type", "in", ["out_invoice", "out_receipt", "out_refund"]]],
        )
    if "erp_delivery" in read and reader.fields("stock.picking"):
        # What was ordered is seen there; a drop shipment names its vendor as the partner.
        ordered = [reader.having("stock.picking", "sale_id")]
        if reader.having("stock.move", "sale_line_id"):
            ordered.append(f"{reader.having('stock.picking', 'move_ids', 'move_lines')}.sale_line_id")
        places: Domain = ["|", ["location_dest_id.usage", "=", "customer"], ["location_id.usage", "=", "customer"]]
        yield "stock.picking", "partner_id", [*([each, "=", False] for each in ordered if each), *places]


def _others(kind: Kind, path: str) -> Domain:
    """One condition for partners that are no customers by themselves: vendors, users of Odoo, own companies."""
    domain: Domain = ["|", [f"{path}.partner_share", "=", False], [path, "in", _own(kind)]]
    if kind.reader.having("res.partner", "supplier_rank"):
        domain = ["|", [f"{path}.supplier_rank", ">", 0], *domain]
    return domain


def _own(kind: Kind) -> list[int]:
    """The partners that are the own companies."""
    return [int(str(reference(each["partner_id"]))) for each in kind.reader.seen]
