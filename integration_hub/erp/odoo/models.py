"""What is known of Odoo's models beforehand: which module brings them, and which fields not every Odoo has."""

from collections.abc import Mapping

MODULES: Mapping[str, str] = {
    "sale.order": "Sales",
    "stock.picking": "Inventory",
    "account.move": "Invoicing",
    "account.payment": "Invoicing",
    "product.product": "Products",
}
"""The module, as Odoo's list of apps calls it, that brings a model."""


VARYING: Mapping[str, frozenset[str]] = {
    "res.currency.rate": frozenset({"company_rate"}),
    "res.partner": frozenset(
        {
            "mobile", "property_payment_term_id", "credit_limit", "use_partner_credit_limit", "sale_warn",
            "sale_warn_msg", "company_registry",
        }
    ),
    "sale.order": frozenset({"commitment_date", "effective_date", "currency_rate", "invoice_status"}),
    "sale.order.line": frozenset(
        {
            "product_uom", "product_uom_id", "discount", "qty_delivered_method", "is_downpayment", "is_delivery",
            "invoice_status",
        }
    ),
    "stock.picking": frozenset({"sale_id", "carrier_id"}),
    "stock.move": frozenset({"name", "description_picking", "quantity", "quantity_done", "sale_line_id"}),
    "account.move": frozenset({"debit_origin_id", "invoice_currency_rate"}),
    "account.move.line": frozenset({"sale_line_ids", "is_downpayment", "blocked"}),
    "account.payment": frozenset({"ref", "memo"}),
}  # fmt: skip
"""Fields that not every version and set of modules has, or that hide from some users; all others must be there."""
