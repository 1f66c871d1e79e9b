"""A clerk who works while the mirror looks on: `python -m tests.erp.tryton_real.inside.change CONFIGURATION DATABASE`.

Reads one order per line from standard input, {"do": NAME, "with": ...}, and answers each with a line of JSON.
"""

import datetime as dt
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.erp.tryton_real.inside import papers
from tests.erp.tryton_real.inside.desk import Desk
from tests.erp.tryton_real.inside.masterdata import Books, World

TODAY = dt.date(2026, 11, 2)


class Clerk:
    """Finds what suits an order, does it, and says which record it was."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.turn(TODAY)
        self.company = desk.model("company.company").find([], order=[("id", "ASC")])[0]
        desk.work_for(self.company.id)

    def posted(self, *domain: Any, paid: bool = False) -> Any:
        """The oldest posted invoice of the first company in its own currency; nothing paid of it unless `paid`."""
        wanted = [
            ("type", "=", "out"),
            ("state", "=", "posted"),
            ("company", "=", self.company.id),
            ("currency", "=", self.company.currency.id),
            *domain,
        ]
        for invoice in self.desk.model("account.invoice").find(wanted, order=[("id", "ASC")]):
            if invoice.total_amount > 0 and bool(invoice.payment_lines) == paid and invoice.amount_to_pay > 0:
                return invoice
        raise LookupError(wanted)

    def books(self) -> Books:
        """What a payment needs."""
        books = Books(self.company.id, self.company.currency.code)
        method = self.desk.one("account.invoice.payment.method", ("company", "=", self.company.id))
        advance = self.desk.model("sale.advance_payment_term").find([], order=[("id", "ASC")])[0]
        revenue = [("type.revenue", "=", True), ("company", "=", self.company.id)]
        books.accounts = {"revenue": self.desk.model("account.account").find(revenue, limit=1)[0].id}
        taxes = self.desk.model("account.tax").find([("company", "=", self.company.id)], order=[("id", "ASC")])
        books.method, books.down_payment, books.taxes = method.id, advance.id, tuple(tax.id for tax in taxes)
        return books

    def world(self) -> World:
        """What documents choose from."""
        ids = {
            name: [each.id for each in self.desk.model(name).find([], order=[("id", "ASC")])]
            for name in ("currency.currency", "product.product")
        }
        buyers = {sale.party.id for sale in self.desk.model("sale.sale").find([])}
        currencies = {each.code: each.id for each in self.desk.model("currency.currency").find([])}
        return World(currencies=currencies, products=ids["product.product"], parties=sorted(buyers))

    # What can be ordered

    def part_payment(self) -> str:
        """Pay a third of an invoice."""
        invoice = self.posted()
        papers.pay(self.desk, self.books(), invoice, (invoice.total_amount / 3).quantize(Decimal("0.01")))
        return str(invoice.id)

    def credit_note(self) -> str:
        """Write and post a credit note for a part of an invoice."""
        invoice = self.posted()
        note = papers.credit(self.desk, invoice, refund=False)
        for line in note.lines[1:]:
            note.lines.remove(line)
        note.save()
        return str(papers.post(self.desk, note).id)

    def reversal(self) -> str:
        """Reverse an invoice by a credit note with refund."""
        invoice = self.posted()
        papers.credit(self.desk, invoice, refund=True)
        return str(invoice.id)

    def void(self) -> str:
        """Cancel an invoice without a credit note."""
        invoice = self.posted()
        invoice.click("cancel")
        return str(invoice.id)

    def down_payment(self) -> str:
        """Take an order against a down payment, and post the bill for it."""
        term = self.desk.get("sale.advance_payment_term", self.books().down_payment)
        sale = papers.sale(self.desk, self.world(), self.books(), 0, [(0, "4", None)], advance_payment_term=term)
        papers.confirm(sale)
        (invoice,) = sale.advance_payment_invoices
        return str(papers.post(self.desk, self.desk.get("account.invoice", invoice.id)).id)

    def draft_order(self) -> str:
        """Write an order."""
        positions: list[papers.Position] = [(0, "2", "10.0000"), (1, "3", "20.0000")]
        return str(papers.sale(self.desk, self.world(), self.books(), 1, positions).id)

    def cancel_order(self, sale: str) -> str:
        """Cancel an order."""
        self.desk.get("sale.sale", int(sale)).click("cancel")
        return sale

    def line_text(self, sale: str) -> str:
        """Write another text on an order's first line, on the line itself."""
        line = self.desk.get("sale.sale", int(sale)).lines[0]
        line.description = "Another text"
        line.save()
        return str(line.id)

    def delete_line(self, sale: str) -> str:
        """Delete an order's second line, on the line itself."""
        line = self.desk.get("sale.sale", int(sale)).lines[1]
        number = str(line.id)
        line.delete()
        return number

    def delete_order(self, sale: str) -> str:
        """Delete an order, which must be cancelled first."""
        record = self.desk.get("sale.sale", int(sale))
        if record.state != "cancelled":
            record.click("cancel")
        record.delete()
        return sale

    def archive(self) -> str:
        """Archive a customer."""
        party = self.desk.model("party.party").find([("name", "like", "Müller%")])[0]
        party.active = False
        party.save()
        return str(party.id)


def main() -> int:
    """Obey until the input ends."""
    clerk = Clerk(Desk(sys.argv[1], sys.argv[2]))
    for line in sys.stdin:
        order = json.loads(line)
        do: Callable[..., str] = getattr(clerk, order["do"])
        print(json.dumps(do(*order.get("with", ()))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
