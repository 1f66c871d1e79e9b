"""The ways of an invoice that belongs to no sale: five kinds in turn."""

from decimal import Decimal

from tests.erp.tryton_real.inside import papers
from tests.erp.tryton_real.inside.history import History
from tests.erp.tryton_real.inside.masterdata import Books


def begin(history: History, books: Books, number: int) -> None:
    """Write a bill today; what follows is put on the agenda."""
    kind, round_ = number % 5, number // 5
    positions = [(number % 8, str(1 + number % 4), f"{31 + 3 * number}.{2500 + 13 * number}"), (2, "37", "0.0499")]
    terms = {"currency": "GBP"} if kind == 4 else {}
    terms["reference"] = f"Call {number}"
    bill = papers.bill(history.desk, history.world, books, (number * 5) % 12, positions, **terms)
    WAYS[kind](history, books, int(bill.id), round_)


def _open(history: History, books: Books, bill: int, round_: int) -> None:
    papers.post(history.desk, history.invoice(bill))
    if round_ == 1:
        history.after(8, books, lambda: _void(history, bill))
    elif round_ == 2:
        beyond = Decimal("12.34")
        history.after(8, books, lambda: papers.pay_too_much(history.desk, books, history.invoice(bill), beyond))


def _void(history: History, bill: int) -> None:
    """Cancel a posted invoice without a credit note, which a company may allow: the ledger takes the entry back."""
    history.invoice(bill).click("cancel")


def _reversed(history: History, books: Books, bill: int, round_: int) -> None:
    def reverse() -> None:
        note = papers.credit(history.desk, history.invoice(bill), refund=True)
        assert history.invoice(bill).state == "cancelled"
        assert note.state == "paid"

    papers.post(history.desk, history.invoice(bill))
    history.after(6 + 20 * (round_ % 2), books, reverse)


def _not_posted(history: History, books: Books, bill: int, round_: int) -> None:
    """A draft, a validated one, a cancelled draft."""
    buttons = ((), ("validate_invoice",), ("cancel",), ())[round_ % 4]
    papers.supplied(history.desk, history.world, books, round_)
    for button in buttons:
        history.invoice(bill).click(button)


def _credited_whole(history: History, books: Books, bill: int, round_: int) -> None:
    def credit() -> None:
        invoice = history.invoice(bill)
        note = papers.post(history.desk, papers.credit(history.desk, invoice, refund=False))
        if round_ % 2:
            papers.reconcile(history.desk, invoice, note)
            assert invoice.state == note.state == "paid"
        else:  # The money went back to the customer, and the invoice stays open.
            papers.pay(history.desk, books, note, (note.total_amount * Decimal("0.5")).quantize(Decimal("0.01")))

    papers.post(history.desk, history.invoice(bill))
    history.after(9, books, credit)


def _abroad_in_parts(history: History, books: Books, bill: int, round_: int) -> None:
    papers.post(history.desk, history.invoice(bill))
    history.pay_later(15, books, bill, "0.2")
    history.pay_later(47, books, bill, "0.7")
    if round_ % 2:
        history.pay_later(60, books, bill)


WAYS = {0: _open, 1: _reversed, 2: _not_posted, 3: _credited_whole, 4: _abroad_in_parts}
