"""Rows of a small company as Odoo keeps them: a part paid invoice in two instalments, a credit note, a down payment."""

from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]
EARLY, DAY = "2026-02-01 08:00", "2026-03-01"


def bill(number: int, **more: Any) -> Mapping[str, Any]:
    """A header in euro with 19 % tax."""
    net = more.get("amount_untaxed", 0)
    given = {
        "id": number, "state": "posted", "move_type": "out_invoice", "company_id": 1, "journal_id": 1,
        "commercial_partner_id": 10, "currency_id": 1, "invoice_date": DAY, "date": DAY,
        "invoice_date_due": "2026-04-30",
        "amount_tax": net * 19 / 100, "amount_total": net * 119 / 100, "amount_untaxed_signed": net,
        "amount_total_signed": net * 119 / 100, "amount_residual": net * 119 / 100, "write_date": EARLY,
    }  # fmt: skip
    return {**given, **more}


def product_line(number: int, move: int, net: float, **more: Any) -> Mapping[str, Any]:
    """A line with a product."""
    given = {
        "id": number, "move_id": move, "sequence": 1, "display_type": "product", "account_id": 2, "partner_id": 11,
        "product_id": 1, "product_uom_id": 1, "name": "Pump", "quantity": 2, "price_unit": net / 2,
        "price_subtotal": net, "price_total": net * 119 / 100, "currency_id": 1, "amount_currency": -net,
        "write_date": EARLY,
    }  # fmt: skip
    return {**given, **more}


def item(number: int, move: int, amount: float, left: float, due: str | None, **more: Any) -> Mapping[str, Any]:
    """A line on the receivable account."""
    given = {
        "id": number, "move_id": move, "display_type": "payment_term", "account_id": 1, "partner_id": 11,
        "currency_id": 1, "amount_currency": amount, "amount_residual_currency": left, "date_maturity": due,
        "write_date": EARLY,
    }  # fmt: skip
    return {**given, **more}


ROWS: Mapping[str, Rows] = {
    "res_currency": [{"id": 1, "name": "EUR"}, {"id": 2, "name": "USD"}],
    "res_company": [{"id": 1, "name": "Halden", "currency_id": 1, "partner_id": 1}],
    "res_currency_rate": [{"id": 1, "name": DAY, "currency_id": 2, "rate": 1 / 0.9, "write_date": EARLY}],
    "res_country": [{"id": 1, "name": '{"en_US": "Germany"}'}],
    "res_users": [{"id": 1, "partner_id": 1}],
    "res_partner": [
        {"id": 1, "name": "Halden", "commercial_partner_id": 1, "tz": "Europe/Berlin", "is_company": True},
        {
            "id": 10,
            "name": "Adler",
            "commercial_partner_id": 10,
            "customer_rank": 1,
            "country_id": 1,
            "user_id": 1,
            "company_registry": "HRB 12",
        },
        {"id": 11, "name": "Mia", "commercial_partner_id": 10, "type": "contact", "is_company": False},
    ],
    "product_category": [{"id": 1, "complete_name": "All / Pumps"}],
    "uom_uom": [{"id": 1, "name": '{"en_US": "Units"}'}],
    "product_template": [
        {"id": 1, "name": '{"en_US": "Pump"}', "type": "consu", "categ_id": 1, "uom_id": 1},
        {"id": 2, "name": '{"en_US": "Visit"}', "type": "service", "categ_id": 1, "uom_id": 1},
    ],
    "product_product": [
        {"id": 1, "product_tmpl_id": 1, "default_code": "P-1"},
        {"id": 2, "product_tmpl_id": 2, "default_code": "V-1"},
    ],
    "sale_order": [
        {
            "id": 1,
            "name": "S1",
            "company_id": 1,
            "partner_id": 11,
            "partner_shipping_id": 11,
            "partner_invoice_id": 10,
            "date_order": EARLY,
            "currency_id": 2,
            "currency_rate": 1 / 0.9,
            "amount_untaxed": 1000,
            "amount_total": 1190,
            "state": "sale",
            "invoice_status": "invoiced",
            "delivery_status": "partial",
            "user_id": 1,
            "write_date": EARLY,
        }
    ],
    "sale_order_line": [
        {
            "id": 11,
            "order_id": 1,
            "sequence": 1,
            "product_id": 1,
            "name": "Pump",
            "product_uom_qty": 2,
            "product_uom_id": 1,
            "price_unit": 500,
            "discount": 0,
            "price_subtotal": 1000,
            "write_date": EARLY,
        },
        {"id": 12, "order_id": 1, "sequence": 2, "display_type": "line_note", "name": "Note", "write_date": EARLY},
        {
            "id": 13,
            "order_id": 1,
            "sequence": 3,
            "is_downpayment": True,
            "product_id": 2,
            "name": "Ahead",
            "price_subtotal": 0,
            "write_date": EARLY,
        },
    ],
    "stock_location": [{"id": 1, "usage": "internal"}, {"id": 2, "usage": "customer"}, {"id": 3, "usage": "supplier"}],
    "stock_picking": [
        {
            "id": number,
            "name": name,
            "company_id": 1,
            "partner_id": 11,
            "location_id": origin,
            "location_dest_id": goal,
            "scheduled_date": EARLY,
            "date_done": EARLY,
            "state": "done",
            "write_date": EARLY,
        }
        for number, name, origin, goal in ((1, "OUT/1", 1, 2), (2, "IN/1", 2, 1), (3, "VENDOR", 3, 1))
    ],
    "stock_move": [
        {
            "id": number,
            "picking_id": number,
            "sale_line_id": line,
            "product_id": 1,
            "product_uom": 1,
            "sequence": 1,
            "product_uom_qty": 9,
            "quantity": quantity,
            "state": "done",
            "write_date": EARLY,
        }
        for number, line, quantity in ((1, 11, 2), (2, 11, 1), (3, None, 5))
    ],
    "account_journal": [{"id": 1, "type": "sale"}, {"id": 2, "type": "bank"}],
    "account_account": [{"id": 1, "account_type": "asset_receivable"}, {"id": 2, "account_type": "income"}],
    "account_move": [
        bill(
            1,
            name="INV/1",
            payment_state="partial",
            currency_id=2,
            amount_untaxed=1000,
            amount_untaxed_signed=900,
            amount_total_signed=1071,
            amount_residual=376,
        ),
        bill(
            2,
            name="RINV/1",
            move_type="out_refund",
            payment_state="paid",
            currency_id=2,
            amount_untaxed=100,
            amount_untaxed_signed=-90,
            amount_total_signed=-107.1,
            amount_residual=0,
            reversed_entry_id=1,
        ),
        bill(3, name="INV/2", payment_state="not_paid", amount_untaxed=50),
        bill(4, name="/", state="draft", payment_state="not_paid", amount_untaxed=70),
        bill(5, name="BNK1/1", move_type="entry", journal_id=2, date="2026-03-20", ref="wire"),
        bill(6, name="BILL/1", move_type="in_invoice", amount_untaxed=5),
    ],
    "account_move_line": [
        product_line(100, 1, 1000, currency_id=2),
        item(101, 1, 595, 0, "2026-03-31", currency_id=2),
        item(102, 1, 595, 376, "2026-04-30", currency_id=2),
        {"id": 103, "move_id": 1, "display_type": "line_note", "name": "Thanks", "write_date": EARLY},
        product_line(110, 2, 100, currency_id=2, amount_currency=100),
        item(111, 2, -119, 0, "2026-03-10", currency_id=2),
        product_line(120, 3, 50, is_downpayment=True),
        item(121, 3, 59.5, 59.5, "2026-04-30"),
        product_line(130, 4, 70, product_id=2),
        item(201, 5, -700, -5, None, currency_id=2, display_type=None),
    ],
    "sale_order_line_invoice_rel": [{"order_line_id": 11, "invoice_line_id": 100}],
    "account_partial_reconcile": [
        {
            "id": number,
            "debit_move_id": debit,
            "credit_move_id": credit,
            "debit_amount_currency": amount,
            "credit_amount_currency": amount,
            "max_date": day,
        }
        for number, debit, credit, amount, day in (
            (1, 101, 201, 595, "2026-03-20"),
            (2, 102, 201, 100, "2026-03-20"),
            (3, 102, 111, 119, "2026-03-10"),
        )
    ],
}
