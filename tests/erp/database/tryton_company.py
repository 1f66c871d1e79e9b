"""Rows of a small company as Tryton keeps them: a part paid invoice in two instalments, a credit note, a down payment,
and an invoice that was cancelled by an entry.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]
EARLY, DAY = "2026-02-01 08:00", "2026-03-01"
RECEIVABLE, REVENUE, AHEAD = 1, 2, 3


def bill(number: int, net: str, tax: str, gross: str, **more: Any) -> Mapping[str, Any]:
    """A posted customer invoice in euro; its move has the number 40 + its own."""
    given = {
        "id": number, "number": f"R{number}", "type": "out", "state": "posted", "company": 1, "party": 10,
        "currency": 1,
        "account": RECEIVABLE, "move": 40 + number, "invoice_date": DAY, "untaxed_amount_cache": net,
        "tax_amount_cache": tax, "total_amount_cache": gross, "create_date": EARLY,
    }  # fmt: skip
    return {**given, **more}


def line(number: int, invoice: int, quantity: float, price: str, **more: Any) -> Mapping[str, Any]:
    """A line with a product on the revenue account."""
    given = {
        "id": number, "invoice": invoice, "type": "line", "account": REVENUE, "product": 1, "unit": 1,
        "quantity": quantity, "unit_price": price, "sequence": number, "create_date": EARLY,
    }  # fmt: skip
    return {**given, **more}


def entry(number: int, move: int, debit: str, credit: str = "0", **more: Any) -> Mapping[str, Any]:
    """A line of the ledger, on the receivable account."""
    given = {
        "id": number, "move": move, "account": RECEIVABLE, "party": 10, "debit": debit, "credit": credit,
        "maturity_date": "2026-03-31", "create_date": EARLY,
    }  # fmt: skip
    return {**given, **more}


def move(number: int, name: str, journal: int, origin: str | None = None) -> Mapping[str, Any]:
    """A posted move."""
    return {"id": number, "number": name, "company": 1, "date": DAY, "journal": journal, "state": "posted",
            "origin": origin, "create_date": EARLY}  # fmt: skip


def dollar(amount: str, **more: Any) -> Mapping[str, Any]:
    """An amount in the second currency."""
    return {"second_currency": 2, "amount_second_currency": amount, **more}


ROWS: Mapping[str, Rows] = {
    "currency_currency": [{"id": 1, "code": "EUR", "digits": 2}, {"id": 2, "code": "USD", "digits": 2}],
    "currency_currency_rate": [
        {"id": 1, "currency": 1, "date": "2025-01-01", "rate": "1", "create_date": EARLY},
        {"id": 2, "currency": 2, "date": "2025-01-01", "rate": "1.25", "create_date": EARLY},
    ],
    "company_company": [{"id": 1, "party": 1, "currency": 1, "timezone": "Europe/Berlin"}],
    "party_party": [
        {"id": number, "name": name, "code": str(number), "active": True, "create_date": EARLY}
        for number, name in ((1, "Halden"), (10, "Adler"), (11, "Mia"))
    ],
    "party_relation_type": [{"id": 1, "name": "Contact", "usages": '["contact"]'}],
    "party_relation": [{"id": 1, "from_": 10, "to": 11, "type": 1, "create_date": EARLY}],
    "party_contact_mechanism": [
        {"id": 1, "party": 11, "type": "email", "value": "mia@example.com", "active": True, "create_date": EARLY}
    ],
    "product_uom": [{"id": 1, "symbol": "u", "name": "Unit"}],
    "product_template": [{"id": 1, "name": "Pump", "type": "goods", "default_uom": 1, "create_date": EARLY}],
    "product_product": [{"id": 1, "template": 1, "code": "P-1", "create_date": EARLY}],
    "sale_sale": [
        {
            "id": 1,
            "number": "S1",
            "company": 1,
            "party": 10,
            "currency": 2,
            "sale_date": DAY,
            "state": "processing",
            "untaxed_amount_cache": "1000",
            "total_amount_cache": "1190",
            "create_date": EARLY,
        }
    ],
    "sale_line": [
        {
            "id": 11,
            "sale": 1,
            "type": "line",
            "product": 1,
            "unit": 1,
            "quantity": 2,
            "unit_price": "500",
            "create_date": EARLY,
        },
        {"id": 12, "sale": 1, "type": "comment", "description": "Ring twice", "create_date": EARLY},
    ],
    "stock_location": [
        {"id": 1, "type": "storage"},
        {"id": 2, "type": "customer"},
        {"id": 3, "type": "storage"},
    ],
    "stock_shipment_out": [
        {
            "id": 1,
            "number": "O1",
            "company": 1,
            "customer": 10,
            "state": "done",
            "effective_date": DAY,
            "create_date": EARLY,
        }
    ],
    "stock_shipment_out_return": [
        {
            "id": 1,
            "number": "I1",
            "company": 1,
            "customer": 10,
            "state": "done",
            "effective_date": DAY,
            "create_date": EARLY,
        }
    ],
    "stock_move": [
        {
            "id": number,
            "shipment": shipment,
            "origin": origin,
            "product": 1,
            "unit": 1,
            "quantity": quantity,
            "from_location": before,
            "to_location": after,
            "state": "done",
            "create_date": EARLY,
        }
        for number, shipment, origin, quantity, before, after in (
            (1, "stock.shipment.out,1", "sale.line,11", 2, 3, 2),
            (2, "stock.shipment.out,1", None, 2, 1, 3),
            (3, "stock.shipment.out.return,1", "sale.line,11", 1, 2, 1),
        )
    ],
    "account_account_type": [
        {"id": RECEIVABLE, "receivable": True, "revenue": False},
        {"id": REVENUE, "receivable": False, "revenue": True},
        {"id": AHEAD, "receivable": False, "revenue": False},
    ],
    "account_account": [{"id": number, "type": number, "company": 1} for number in (RECEIVABLE, REVENUE, AHEAD)],
    "account_journal": [{"id": 1, "type": "revenue"}, {"id": 2, "type": "cash"}, {"id": 3, "type": "general"}],
    "account_invoice": [
        bill(1, "1000", "190", "1190", currency=2),
        bill(2, "-100", "-19", "-119"),
        bill(3, "50", "0", "50", state="paid"),
        bill(4, "100.02", "19", "119.02", state="cancelled", cancel_move=45),
        bill(9, "5", "0", "5", type="in", move=49),
    ],
    "account_invoice_line": [
        line(31, 1, 2, "500", origin="sale.line,11"),
        line(32, 2, -2, "50", origin="account.invoice.line,43"),
        line(33, 3, 1, "50", account=AHEAD, product=None),
        line(41, 4, 3, "0.005"),
        line(42, 4, 5, "0.005"),
        line(43, 4, 1, "99.98"),
    ],
    "account_move": [
        move(41, "M41", 1, "account.invoice,1"),
        move(42, "M42", 1, "account.invoice,2"),
        move(43, "M43", 1, "account.invoice,3"),
        move(44, "M43b", 1, "account.invoice,4"),
        move(45, "M44", 1, "account.move,44"),
        move(51, "B1", 2),
        move(52, "B2", 3),
        move(53, "B3", 2),
    ],
    "account_move_line": [
        entry(101, 41, "535.50", **dollar("595")),
        entry(102, 41, "535.50", maturity_date="2026-04-30", **dollar("595")),
        entry(103, 41, "0", "900", account=REVENUE, **dollar("-1000")),
        entry(111, 42, "0", "119"),
        entry(112, 42, "100", account=REVENUE),
        entry(121, 43, "50", reconciliation=1),
        entry(131, 44, "119.02", reconciliation=2),
        entry(132, 45, "0", "119.02", reconciliation=2),
        entry(201, 51, "0", "630", **dollar("-700")),
        entry(202, 52, "0", "12"),
        entry(203, 53, "0", "50", reconciliation=1),
    ],
    "account_invoice-account_move_line": [
        {"id": 1, "invoice": 1, "line": 201, "create_date": EARLY},
        {"id": 2, "invoice": 3, "line": 203, "create_date": EARLY},
    ],
}
