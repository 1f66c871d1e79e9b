"""What Tryton itself says, as JSON: `python -m tests.erp.tryton_real.inside.truth CONFIGURATION DATABASE DAY...`.

Revenue comes from the general ledger's revenue accounts alone, what is open from Tryton's own computed fields, and what
is overdue on a day from the same with Tryton's calendar turned to the day before. Amounts are exact text.
"""

import datetime as dt
import json
import sys
from collections import defaultdict
from decimal import Decimal
from typing import Any

from trytond.transaction import Transaction  # type: ignore[import-not-found]

from tests.erp.tryton_real.inside.desk import Desk


def main() -> int:
    """Print everything."""
    configuration, database, *days = sys.argv[1:]
    desk = Desk(configuration, database)
    pool = desk.settings.pool
    told: dict[str, Any] = {}
    with Transaction().start(database, 0, readonly=True):
        companies = [company.id for company in pool.get("company.company").search([])]
        with Transaction().set_context(companies=companies, active_test=False):
            told["revenue"] = _revenue(pool)
            told["receivable"] = _receivable(pool)
            told["customers"] = _customers(pool)
            told["contacts"] = {
                str(each.id): [str(each.from_.id), each.to.name, each.to.email or ""]
                for each in pool.get("party.relation.all").search([("type.usages", "in", ["contact"])])
            }
            told["orders"] = {str(sale.id): _order(sale) for sale in pool.get("sale.sale").search([])}
            told["deliveries"] = _deliveries(pool)
            customers_invoices = pool.get("account.invoice").search([("type", "=", "out")])
            told["invoices"] = {str(invoice.id): _invoice(invoice) for invoice in customers_invoices}
    told["overdue"] = {day: _overdue(desk, database, dt.date.fromisoformat(day)) for day in days}
    print(json.dumps(told))
    return 0


def _money(value: Any) -> str:
    return format(Decimal(value or 0).normalize(), "f") if value else "0"


def _revenue(pool: Any) -> dict[str, list[str]]:
    """Company/month/currency of the document -> what was earned in that currency, and in the company's."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in pool.get("account.move.line").search([("account.type.revenue", "=", True)]):
        company = line.move.company
        currency = line.second_currency or company.currency
        base = line.credit - line.debit
        earned = -line.amount_second_currency if line.second_currency else base
        row = sums[f"{company.id}/{line.move.date:%Y-%m}/{currency.code}"]
        row[0], row[1] = row[0] + earned, row[1] + base
    return {key: [_money(value) for value in row] for key, row in sums.items() if any(row)}


def _receivable(pool: Any) -> dict[str, str]:
    """Company/currency -> balance of all receivable lines that nothing settles, in the lines' own currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    open_lines = [("account.type.receivable", "=", True), ("reconciliation", "=", None)]
    for line in pool.get("account.move.line").search(open_lines):
        company = line.move.company
        currency = line.second_currency or company.currency
        sums[f"{company.id}/{currency.code}"] += (
            line.amount_second_currency if line.second_currency else line.debit - line.credit
        )
    return {key: _money(value) for key, value in sums.items() if value}


def _customers(pool: Any) -> dict[str, list[str]]:
    """Who bought or was billed: number, name, e-mail, phone, terms, and whether archived."""
    buyers = {sale.party for sale in pool.get("sale.sale").search([])}
    buyers |= {invoice.party for invoice in pool.get("account.invoice").search([("type", "=", "out")])}
    return {
        str(party.id): [
            party.code or "",
            party.name,
            party.email or "",
            party.phone or "",
            "" if party.active else "archived",
        ]
        for party in buyers
    }


def _order(sale: Any) -> dict[str, Any]:
    return {
        "number": sale.number or "",
        "company": str(sale.company.id),
        "customer": str(sale.party.id),
        "state": sale.state,
        "reference": sale.reference or "",
        "date": str(sale.sale_date or ""),
        "currency": sale.currency.code,
        "net": _money(sale.untaxed_amount),
        "gross": _money(sale.total_amount),
        "lines": {
            str(line.id): [
                str(line.product.id if line.product else ""),
                _money(Decimal(str(line.quantity or 0))),
                _money(line.unit_price),
                _money(line.amount if line.type == "line" else 0),
                line.description or "",
            ]
            for line in sale.lines
            if line.type == "line"
        },
    }


def _deliveries(pool: Any) -> dict[str, Any]:
    sent = {str(one.id): _delivery(one, one.outgoing_moves, 1) for one in pool.get("stock.shipment.out").search([])}
    returns = pool.get("stock.shipment.out.return").search([])
    return {**sent, **{f"return-{one.id}": _delivery(one, one.incoming_moves, -1) for one in returns}}


def _delivery(shipment: Any, moves: Any, sign: int) -> dict[str, Any]:
    return {
        "number": shipment.number or "",
        "company": str(shipment.company.id),
        "customer": str(shipment.customer.id),
        "state": shipment.state,
        "date": str(shipment.effective_date or ""),
        "lines": {
            str(move.id): [
                str(move.product.id),
                _money(Decimal(str(move.quantity)) * sign),
                str(move.origin.id) if move.origin and move.origin.__name__ == "sale.line" else "",
            ]
            for move in moves
            if move.state != "cancelled" or shipment.state == "cancelled"
        },
    }


def _invoice(invoice: Any) -> dict[str, Any]:
    return {
        "number": invoice.number or "",
        "company": str(invoice.company.id),
        "customer": str(invoice.party.id),
        "state": invoice.state,
        "date": str(invoice.invoice_date or ""),
        "currency": invoice.currency.code,
        "net": _money(invoice.untaxed_amount),
        "tax": _money(invoice.tax_amount),
        "gross": _money(invoice.total_amount),
        "open": _money(invoice.amount_to_pay),
        "lines": {
            str(line.id): [
                str(line.product.id if line.product else ""),
                _money(Decimal(str(line.quantity or 0))),
                _money(line.unit_price),
                _money(line.amount),
                line.description or "",
            ]
            for line in invoice.lines
            if line.type == "line"
        },
    }


def _overdue(desk: Desk, database: str, day: dt.date) -> dict[str, str]:
    """Invoice -> what was due before the day and is not paid, where the customer owes something."""
    desk.turn(day - dt.timedelta(days=1))
    with Transaction().start(database, 0, readonly=True):
        found = desk.settings.pool.get("account.invoice").search([("type", "=", "out"), ("state", "=", "posted")])
        owed = {str(invoice.id): invoice.amount_to_pay_today for invoice in found if invoice.total_amount > 0}
    return {number: _money(amount) for number, amount in owed.items() if amount > 0}


if __name__ == "__main__":
    sys.exit(main())
