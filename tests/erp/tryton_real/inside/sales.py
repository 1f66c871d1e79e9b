"""The ways a sale may go: nine kinds in turn."""

from tests.erp.tryton_real.inside import papers
from tests.erp.tryton_real.inside.history import History
from tests.erp.tryton_real.inside.masterdata import Books


def begin(history: History, books: Books, number: int) -> None:
    """Take an order in today; what follows is put on the agenda."""
    kind, round_ = number % 9, number // 9
    foreign = {"EUR": ("USD", "GBP"), "USD": ("EUR", "GBP")}[books.currency]
    terms = {"currency": foreign[round_ % 2]} if kind in (4, 6) else {}
    positions = [
        (number % 8, str(2 + number % 5), None),
        ((number + 3) % 8, str(3 + number % 7), f"{17 + number}.{1000 + 37 * number}"),
        ((number + 5) % 5, "12", "3.3333"),
    ]
    terms["invoice_method"] = "fulfillment" if kind in (1, 4) else "order"
    terms["reference"] = f"PO-{number:03};{kind}"
    if kind == 3:
        terms["advance_payment_term"] = history.desk.get("sale.advance_payment_term", books.down_payment)
    sale = papers.sale(history.desk, history.world, books, number % 12, positions, **terms)
    if kind == 7:
        _not_carried_out(history, books, sale, round_)
        return
    papers.confirm(sale)
    WAYS[kind](history, books, int(sale.id))


def _paid(history: History, books: Books, sale: int) -> None:
    history.bill_open(books, sale, lambda invoice: history.pay_later(18, books, invoice))
    history.ship_later(3, books, sale)


def _in_two_shipments(history: History, books: Books, sale: int) -> None:
    def second() -> None:
        history.bill_open(books, sale)

    def first() -> None:
        history.bill_open(books, sale, lambda invoice: history.pay_later(20, books, invoice))
        history.ship_later(10, books, sale, then=second)

    history.ship_later(2, books, sale, "0.5", first)


def _part_paid(history: History, books: Books, sale: int) -> None:
    def twice(invoice: int) -> None:
        history.pay_later(10, books, invoice, "0.25")
        history.pay_later(30, books, invoice, "0.333333")

    history.bill_open(books, sale, twice)
    history.ship_later(4, books, sale, "0.7")


def _paid_ahead(history: History, books: Books, sale: int) -> None:
    def deliver() -> None:
        history.bill_open(books, sale, lambda invoice: history.pay_later(25, books, invoice, "0.5"))
        history.ship_later(2, books, sale)

    for invoice in history.desk.get("sale.sale", sale).advance_payment_invoices:
        history.post_later(1, books, invoice.id, lambda number: history.pay_later(6, books, number))
    history.after(9, books, deliver)


def _rest_still_waits(history: History, books: Books, sale: int) -> None:
    history.ship_later(2, books, sale, "0.4", lambda: history.bill_open(books, sale))


def _first_instalment(history: History, books: Books, sale: int) -> None:
    history.bill_open(books, sale, lambda invoice: history.pay_later(14, books, invoice, "0.5"))


def _abroad(history: History, books: Books, sale: int) -> None:
    # Paid at another rate than billed: one leaves the difference open, the next writes it off.
    history.bill_open(books, sale, lambda invoice: history.pay_later(40, books, invoice, write_off=bool(sale % 2)))
    history.ship_later(3, books, sale)


def _partly_credited(history: History, books: Books, sale: int) -> None:
    def credit(invoice: int) -> None:
        note = papers.credit(history.desk, history.invoice(invoice), refund=False)
        for line in note.lines[1:]:
            note.lines.remove(line)
        note.lines[0].quantity = -1.0
        note.save()
        papers.post(history.desk, note)

    history.bill_open(books, sale, lambda invoice: history.after(12, books, lambda: credit(invoice)))
    history.ship_later(3, books, sale)
    history.after(20, books, lambda: _returned(history, books, sale))


def _returned(history: History, books: Books, sale: int) -> None:
    """Goods come back: a sale of a negative quantity, a return shipment and the credit note for it."""
    party = history.world.parties.index(history.desk.get("sale.sale", sale).party.id)
    back = papers.sale(history.desk, history.world, books, party, [(0, "-1", None)], invoice_method="fulfillment")
    papers.confirm(back)
    for shipment in back.shipment_returns:
        shipment.click("receive")
        shipment.click("do")
    history.bill_open(books, int(back.id))


def _not_carried_out(history: History, books: Books, sale: object, round_: int) -> None:
    """A draft, a quotation, a cancelled quotation, and a cancelled order whose invoice and shipment go with it."""
    buttons = ((), ("quote",), ("quote", "cancel"), ("cancel",))[round_ % 4]
    for button in buttons:
        sale.click(button)  # type: ignore[attr-defined]


WAYS = {
    0: _paid, 1: _in_two_shipments, 2: _part_paid, 3: _paid_ahead, 4: _rest_still_waits, 5: _first_instalment,
    6: _abroad, 8: _partly_credited,
}  # fmt: skip
