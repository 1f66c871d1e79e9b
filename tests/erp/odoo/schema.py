"""Which fields Odoo's models have from which version to which, and the module that brings each model."""

from collections.abc import Mapping
from dataclasses import dataclass

FIRST, LAST = 15, 99


@dataclass(frozen=True)
class Field:
    """`to` is the model of a relation, `inverse` the many2one that a one2many goes back by."""

    type: str
    to: str = ""
    inverse: str = ""
    since: int = FIRST
    until: int = LAST

    def known(self, version: int) -> bool:
        return self.since <= version <= self.until


def _of(text: str, **kinds: Field) -> dict[str, Field]:
    """Fields from "name:type" words, with id and write_date in front, and those that need more words."""
    plain = {name: Field(kind) for name, _, kind in (word.partition(":") for word in text.split())}
    return {"id": Field("integer"), "write_date": Field("datetime"), **plain, **kinds}


def one(to: str, since: int = FIRST, until: int = LAST) -> Field:
    return Field("many2one", to, since=since, until=until)


def many(to: str, inverse: str = "", since: int = FIRST, until: int = LAST) -> Field:
    return Field("one2many" if inverse else "many2many", to, inverse, since, until)


COMPANY, CURRENCY, PARTNER, USER = one("res.company"), one("res.currency"), one("res.partner"), one("res.users")
PRODUCT = one("product.product")

MODELS: Mapping[str, Mapping[str, Field]] = {
    "res.company": _of("name:char", currency_id=CURRENCY, partner_id=PARTNER),
    "res.currency": _of("name:char decimal_places:integer active:boolean"),
    "res.currency.rate": _of(
        "name:date rate:float company_rate:float", currency_id=CURRENCY, company_id=COMPANY
    ),
    "res.users": _of("name:char login:char active:boolean", company_ids=many("res.company")),
    "res.users.apikeys": _of("name:char scope:char", user_id=USER, expiration_date=Field("datetime", since=18)),
    "res.country": _of("name:char code:char"),
    "res.partner": _of(
        "name:char ref:char vat:char email:char phone:char website:char street:char street2:char zip:char city:char "
        "is_company:boolean active:boolean type:selection function:char tz:selection customer_rank:integer "
        "supplier_rank:integer partner_share:boolean credit_limit:float sale_warn_msg:text image_1920:binary",
        mobile=Field("char", until=18), sale_warn=Field("selection", until=18),
        use_partner_credit_limit=Field("boolean", since=16), company_registry=Field("char", since=16),
        parent_id=PARTNER, commercial_partner_id=PARTNER, company_id=COMPANY, country_id=one("res.country"),
        user_id=USER, property_payment_term_id=one("account.payment.term"),
    ),
    "uom.uom": _of("name:char"),
    "product.category": _of("name:char complete_name:char"),
    "product.template": _of("name:char"),
    "product.product": _of(
        "name:char default_code:char type:selection active:boolean",
        uom_id=one("uom.uom"), categ_id=one("product.category"), product_tmpl_id=one("product.template"),
    ),
    "account.payment.term": _of("name:char"),
    "account.payment.term.line": _of(
        "", payment_id=one("account.payment.term"), days=Field("integer", until=16), nb_days=Field("integer", since=17),
        option=Field("selection", until=15), day_of_the_month=Field("integer", until=15),
        months=Field("integer", since=16, until=16), end_month=Field("boolean", since=16, until=16),
        days_after=Field("integer", since=16, until=16), delay_type=Field("selection", since=17),
    ),
    "account.tax.repartition.line": _of(""),
    "account.account": _of(
        "code:char", account_type=Field("selection", since=16), internal_type=Field("selection", until=15)
    ),
    "account.move": _of(
        "name:char move_type:selection date:date invoice_date:date invoice_date_due:date amount_untaxed:monetary "
        "amount_tax:monetary amount_total:monetary amount_untaxed_signed:monetary amount_total_signed:monetary "
        "amount_residual:monetary state:selection payment_state:selection ref:char",
        invoice_currency_rate=Field("float", since=18), company_id=COMPANY, partner_id=PARTNER,
        commercial_partner_id=PARTNER, currency_id=CURRENCY, company_currency_id=CURRENCY,
        reversed_entry_id=one("account.move"), line_ids=many("account.move.line", "move_id"),
    ),
    "account.move.line": _of(
        "sequence:integer name:char quantity:float price_unit:float price_subtotal:monetary price_total:monetary "
        "amount_currency:monetary amount_residual_currency:monetary date_maturity:date display_type:selection",
        is_downpayment=Field("boolean", since=16), tax_repartition_line_id=one("account.tax.repartition.line"),
        exclude_from_invoice_tab=Field("boolean", until=15), blocked=Field("boolean", until=17),
        move_id=one("account.move"), account_id=one("account.account"), product_id=PRODUCT, company_id=COMPANY,
        product_uom_id=one("uom.uom"), currency_id=CURRENCY, payment_id=one("account.payment"),
        sale_line_ids=many("sale.order.line"),
    ),
    "account.partial.reconcile": _of(
        "amount:monetary debit_amount_currency:monetary credit_amount_currency:monetary max_date:date",
        debit_move_id=one("account.move.line"), credit_move_id=one("account.move.line"), company_id=COMPANY,
    ),
    "account.payment": _of(
        "name:char date:date amount:monetary payment_type:selection partner_type:selection state:selection",
        is_internal_transfer=Field("boolean", until=17),
        paired_internal_transfer_payment_id=one("account.payment", until=18),
        ref=Field("char", until=17), memo=Field("char", since=18), partner_id=PARTNER, company_id=COMPANY,
        currency_id=CURRENCY, move_id=one("account.move"),
    ),
    "sale.order": _of(
        "name:char client_order_ref:char date_order:datetime commitment_date:datetime effective_date:date "
        "amount_untaxed:monetary amount_total:monetary currency_rate:float state:selection invoice_status:selection",
        delivery_status=Field("selection", since=16), company_id=COMPANY, partner_id=PARTNER, user_id=USER,
        partner_shipping_id=PARTNER, partner_invoice_id=PARTNER, currency_id=CURRENCY,
        order_line=many("sale.order.line", "order_id"),
    ),
    "sale.order.line": _of(
        "sequence:integer name:text product_uom_qty:float price_unit:float discount:float price_subtotal:monetary "
        "qty_delivered:float qty_invoiced:float qty_delivered_method:selection is_downpayment:boolean "
        "display_type:selection invoice_status:selection",
        order_id=one("sale.order"), product_id=PRODUCT, company_id=COMPANY,
        product_uom=one("uom.uom", until=18), product_uom_id=one("uom.uom", since=19),
    ),
    "stock.location": _of("name:char usage:selection active:boolean"),
    "stock.picking": _of(
        "name:char scheduled_date:datetime date_done:datetime state:selection carrier_tracking_ref:char",
        company_id=COMPANY, partner_id=PARTNER, sale_id=one("sale.order"), carrier_id=one("delivery.carrier"),
        location_id=one("stock.location"), location_dest_id=one("stock.location"),
        move_ids=many("stock.move", "picking_id", since=16), move_lines=many("stock.move", "picking_id", until=15),
    ),
    "stock.move": _of(
        "sequence:integer description_picking:text product_uom_qty:float state:selection",
        name=Field("char", until=18), quantity=Field("float", since=17), quantity_done=Field("float", until=16),
        picking_id=one("stock.picking"), product_id=PRODUCT, product_uom=one("uom.uom"), company_id=COMPANY,
        sale_line_id=one("sale.order.line"),
    ),
    "delivery.carrier": _of("name:char"),
}  # fmt: skip
MODULE_OF = {"sale": "sale.", "stock": "stock.", "delivery": "delivery."}
"""Module -> beginning of the names of its models."""
