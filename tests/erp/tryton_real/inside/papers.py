"""Single steps of Tryton's daily work, each by Tryton's own buttons and wizards: sell, ship, bill, pay, credit."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from proteus import Wizard  # type: ignore[import-not-found]

from tests.erp.tryton_real.inside.desk import Desk
from tests.erp.tryton_real.inside.masterdata import Books, World

Position = tuple[int, str, str | None]
"""Product (its place in the world), quantity, and the unit price if it is not the list price."""


def sale(desk: Desk, world: World, books: Books, party: int, positions: Sequence[Position], **terms: Any) -> Any:
    """A sale in draft, ordered today; `terms` are fields of the sale, `currency` a code."""
    record = desk.model("sale.sale")()
    record.company = desk.get("company.company", books.company)
    record.party = desk.get("party.party", world.parties[party])
    record.sale_date = desk.today
    currency = terms.pop("currency", books.currency)
    record.currency = desk.get("currency.currency", world.currencies[currency])
    for name, value in terms.items():
        setattr(record, name, value)
    for product, quantity, price in positions:
        line = record.lines.new()
        line.product = desk.get("product.product", world.products[product])
        line.quantity = float(quantity)
        if price is not None:
            line.unit_price = Decimal(price)
    note = record.lines.new(type="comment")
    note.description = "Deliver to the back door; ring twice"
    record.save()
    return record


def confirm(record: Any) -> None:
    """Quote and confirm: Tryton then makes shipments and invoices by itself."""
    record.click("quote")
    record.click("confirm")
    record.reload()


def ship(shipment: Any, share: str = "1") -> None:
    """Send a shipment, of each position at least one and at most this share; Tryton makes a back order of the rest."""
    if share != "1":
        for move in shipment.inventory_moves:
            move.quantity = float(max(Decimal(1), (Decimal(str(move.quantity)) * Decimal(share)).quantize(Decimal(1))))
        shipment.save()
    for button in ("assign_try", "pick", "pack", "do"):
        shipment.click(button)
    assert shipment.state == "done", shipment.state


def bill(desk: Desk, world: World, books: Books, party: int, positions: Sequence[Position], **terms: Any) -> Any:
    """An invoice in draft that belongs to no sale; its last position bears the second tax, and a comment follows."""
    record = desk.model("account.invoice")(type="out")
    record.company = desk.get("company.company", books.company)
    record.party = desk.get("party.party", world.parties[party])
    record.currency = desk.get("currency.currency", world.currencies[terms.pop("currency", books.currency)])
    for name, value in terms.items():
        setattr(record, name, value)
    for product, quantity, price in positions:
        line = record.lines.new()
        line.product = desk.get("product.product", world.products[product])
        line.quantity = float(quantity)
        line.unit_price = Decimal(price or "12.3456")
    line = record.lines.new(description="Freight, lump sum", quantity=1.0, unit_price=Decimal("19.9900"))
    line.account = desk.get("account.account", books.accounts["revenue"])
    line.taxes.append(desk.get("account.tax", books.taxes[1]))
    record.lines.new(type="comment", description='Thank you; "Danke"')
    record.save()
    return record


def supplied(desk: Desk, world: World, books: Books, party: int) -> None:
    """Post a bill that we get from a party, which no mirror of customers may take for one that we write."""
    record = desk.model("account.invoice")(type="in", reference="Not ours")
    record.company = desk.get("company.company", books.company)
    record.party = desk.get("party.party", world.parties[party])
    line = record.lines.new(description="Rent", quantity=1.0, unit_price=Decimal("777.7700"))
    line.account = desk.get("account.account", books.accounts["expense"])
    record.save()
    post(desk, record)


def post(desk: Desk, invoice: Any) -> Any:
    """Post an invoice with today's date."""
    assert invoice.state in ("draft", "validated"), (invoice.id, invoice.number, invoice.state)
    invoice.invoice_date = desk.today
    invoice.click("post")
    assert invoice.state in ("posted", "paid"), invoice.state
    return invoice


def pay(desk: Desk, books: Books, invoice: Any, amount: Decimal | None = None, *, write_off: bool = False) -> None:
    """Pay an amount today, or all that is open. A difference of exchange stays open unless it is to be written off."""
    invoice.reload()
    before = invoice.amount_to_pay
    wizard = invoice.click("pay")
    wizard.form.payment_method = desk.get("account.invoice.payment.method", books.method)
    wizard.form.amount = invoice.amount_to_pay if amount is None else amount
    wizard.form.date = desk.today
    wizard.execute("choice")
    if wizard.state != wizard.end_state:  # it asks what shall become of the rest
        wizard.form.type = "writeoff" if write_off else "partial"
        if write_off:
            wizard.form.writeoff = desk.get("account.move.reconcile.write_off", books.write_off)
        wizard.execute("pay")
    invoice.reload()
    assert abs(invoice.amount_to_pay) < abs(before), (before, invoice.amount_to_pay)


def pay_too_much(desk: Desk, books: Books, invoice: Any, beyond: Decimal) -> None:
    """Pay all that is open and something beyond, which stays on account."""
    wizard = invoice.click("pay")
    wizard.form.payment_method = desk.get("account.invoice.payment.method", books.method)
    wizard.form.amount = invoice.amount_to_pay + beyond
    wizard.form.date = desk.today
    wizard.execute("choice")
    wizard.form.type = "overpayment"
    wizard.execute("pay")
    invoice.reload()


def credit(desk: Desk, invoice: Any, *, refund: bool) -> Any:
    """The credit note of a whole invoice: posted and reconciled with it if `refund`, else a draft."""
    before = {found.id for found in desk.model("account.invoice").find([])}
    wizard = Wizard("account.invoice.credit", [invoice])
    wizard.form.with_refund = refund
    wizard.form.invoice_date = desk.today
    wizard.execute("credit")
    (number,) = {found.id for found in desk.model("account.invoice").find([])} - before
    return desk.get("account.invoice", number)


def reconcile(desk: Desk, *invoices: Any) -> None:
    """Set what is open on these documents off against each other."""
    lines = [line for invoice in invoices for line in invoice.lines_to_pay if not line.reconciliation]
    wizard = Wizard("account.move.reconcile_lines", lines)
    if wizard.state != "end":
        wizard.execute("reconcile")
    for invoice in invoices:
        invoice.reload()
