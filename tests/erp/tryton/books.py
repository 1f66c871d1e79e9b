"""The books of a small company in a little Tryton: what is written here stands in its ledger, too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.erp.tryton.little_tryton import TO_MANY, TO_ONE, LittleTryton, Model

START = datetime(2026, 3, 1, 8, 0, 0, 123456)
EUR, USD = 1, 2
CENT = Decimal("0.01")
RECEIVABLE, REVENUE, ADVANCE, CASH = 1, 2, 3, 4
TEXT, NUMBER, DAY, INSTANT = ("char", ""), ("numeric", ""), ("date", ""), ("timestamp", "")
STAMPS = {"create_date": INSTANT, "write_date": INSTANT}

# Model -> its fields; a model's name leads there, "+" in front leads to many.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "company.company": {"party": "party.party", "currency": "currency.currency", "timezone": ""},
    "currency.currency": {"code": "", "digits": ""},
    "currency.currency.rate": {"currency": "currency.currency", "date": "", "rate": ""},
    "party.party": {"code": "", "name": "", "active": "boolean", "email": "", "phone": "", "website": "",
        "addresses": "+party.address", "contact_mechanisms": "+party.contact_mechanism",
        "identifiers": "+party.identifier", "tax_identifier": "party.identifier"},
    "party.address": {"party": "party.party", "sequence": "", "invoice": "boolean", "active": "boolean", "street": "",
        "postal_code": "", "city": "", "country": "country.country"},
    "party.contact_mechanism": {"value": ""},
    "party.identifier": {"code": ""},
    "party.relation.type": {"name": "", "usages": ""},
    "party.relation.all": {"from_": "party.party", "to": "party.party", "type": "party.relation.type"},
    "country.country": {"name": ""},
    "ir.module": {"name": "", "version": "", "state": ""},
    "product.template": {"name": "", "type": "", "default_uom": "product.uom"},
    "product.product": {"code": "", "template": "product.template", "type": ""},
    "product.uom": {"symbol": ""},
    "sale.sale": {"number": "", "reference": "", "company": "company.company", "party": "party.party", "sale_date": "",
        "currency": "currency.currency", "state": "", "untaxed_amount": "", "total_amount": "", "lines": "+sale.line"},
    "sale.line": {"sale": "sale.sale", "sequence": "", "type": "", "amount": "", "product": "product.product",
        "description": "", "quantity": "", "unit": "product.uom", "unit_price": ""},
    "stock.location": {"type": ""},
    "stock.shipment.out": {"number": "", "company": "company.company", "customer": "party.party", "planned_date": "",
        "effective_date": "", "state": "", "moves": "+stock.move"},
    "stock.move": {"shipment": "", "origin": "", "quantity": "", "sale": "sale.sale", "product": "product.product",
        "unit": "product.uom", "from_location": "stock.location", "to_location": "stock.location", "state": ""},
    "account.account.type": {"receivable": "boolean", "revenue": "boolean"},
    "account.account": {"type": "account.account.type", "company": "company.company"},
    "account.journal": {"type": ""},
    "account.move": {"number": "", "date": "", "origin": "", "journal": "account.journal", "description": "",
        "company": "company.company", "state": "", "lines": "+account.move.line"},
    "account.move.line": {"move": "account.move", "account": "account.account", "party": "party.party", "debit": "",
        "credit": "", "second_currency": "currency.currency", "amount_second_currency": "", "maturity_date": "",
        "reconciliation": "account.move.reconciliation", "invoice_payments": "+account.invoice"},
    "account.move.reconciliation": {"date": ""},
    "account.invoice": {"type": "", "number": "", "reference": "", "company": "company.company", "party": "party.party",
        "currency": "currency.currency", "invoice_date": "", "accounting_date": "", "state": "",
        "account": "account.account", "move": "account.move", "cancel_move": "account.move",
        "additional_moves": "+account.move", "payment_lines": "+account.move.line", "untaxed_amount": "",
        "tax_amount": "", "total_amount": "", "lines": "+account.invoice.line"},
    "account.invoice.line": {"invoice": "account.invoice", "sequence": "", "type": "", "amount": "", "quantity": "",
        "product": "product.product", "account": "account.account", "origin": "", "description": "",
        "unit": "product.uom", "unit_price": "", "stock_moves": "+stock.move"},
}  # fmt: skip


def models() -> dict[str, Model]:
    """Every model, empty. Returns have the fields of shipments."""
    found = {}
    for name, fields in {**FIELDS, "stock.shipment.out.return": FIELDS["stock.shipment.out"]}.items():
        kinds = {key: _kind(value) for key, value in fields.items()}
        found[name] = Model({**STAMPS, **kinds})
    return found


def _kind(leads: str) -> tuple[str, str]:
    if leads.startswith("+"):
        return TO_MANY, leads[1:]
    if leads == "boolean":
        return leads, ""
    return (TO_ONE, leads) if leads else TEXT


@dataclass
class Books:
    """Writes records; each gets a create_date a minute after the one before, and no write_date."""

    tryton: LittleTryton
    minutes: int = 0

    def add(self, model: str, **values: Any) -> int:
        """A record, and its id."""
        records = self.tryton.models[model].records
        number = len(records) + 1
        self.minutes += 1
        stamp = START + timedelta(minutes=self.minutes)
        records[number] = {"create_date": stamp, "write_date": None, **values}
        return number

    def get(self, model: str, number: int) -> dict[str, Any]:
        """The record."""
        return self.tryton.models[model].records[number]

    def touch(self, model: str, number: int, when: datetime, **values: Any) -> None:
        """Change a record."""
        self.get(model, number).update(values, write_date=when)

    def entry(
        self, day: date, journal: int, *lines: dict[str, Any], origin: str | None = None, company: int = 1
    ) -> int:
        """A posted move with its lines."""
        move = self.add("account.move", number=f"M{day:%y%m%d}", date=day, journal=journal, origin=origin, lines=[],
                        state="posted", company=company, description=None)  # fmt: skip
        for line in lines:
            empty: dict[str, Any] = {"party": None, "debit": Decimal(0), "credit": Decimal(0), "second_currency": None,
                     "amount_second_currency": None, "maturity_date": None, "reconciliation": None,
                     "invoice_payments": []}  # fmt: skip
            number = self.add("account.move.line", **{**empty, **line, "move": move})
            self.get("account.move", move)["lines"].append(number)
        return move

    def reconcile(self, *lines: int) -> None:
        """Close lines against each other."""
        number = self.add("account.move.reconciliation", date=date(2026, 12, 31))
        for line in lines:
            self.get("account.move.line", line)["reconciliation"] = number

    def receivable(self, move: int) -> list[int]:
        """The receivable lines of a move."""
        lines = self.get("account.move", move)["lines"]
        return [line for line in lines if self.get("account.move.line", line)["account"] == RECEIVABLE]

    def invoice(
        self,
        day: date,
        *nets: tuple[str, int],
        due: tuple[tuple[str, date], ...] = (),
        rate: str = "1",
        origins: tuple[str, ...] = (),
        **values: Any,
    ) -> int:
        """A posted invoice: (net, account) of each line, tax of 10 %, instalments as shares of the whole, and its move.
        Another rate than 1 makes it one in US dollars, of which each is worth so many euros.
        """
        net = sum((Decimal(amount) for amount, _ in nets), Decimal(0))
        gross, foreign = (net * Decimal("1.1")).quantize(CENT), rate != "1"
        number = self.add("account.invoice", **{
            "type": "out", "number": f"I{day:%y%m%d}", "reference": None, "company": 1, "party": 2, "state": "posted",
            "currency": USD if foreign else EUR, "invoice_date": day, "accounting_date": None, "account": RECEIVABLE,
            "move": None, "cancel_move": None, "additional_moves": [], "payment_lines": [], "untaxed_amount": net,
            "tax_amount": gross - net, "total_amount": gross, "lines": [], **values})  # fmt: skip
        lines = []
        for place, (amount, account) in enumerate(nets):
            origin = origins[place] if place < len(origins) else None
            lines.append(self.add("account.invoice.line", invoice=number, sequence=None, type="line", quantity=1.0,
                amount=Decimal(amount), product=1, account=account, origin=origin, description=f"Line {place}",
                unit=1, unit_price=Decimal(amount), stock_moves=[]))  # fmt: skip
        self.get("account.invoice", number)["lines"] = lines
        if values.get("state") not in {"draft", "validated"}:
            parts = [
                _side((gross * Decimal(share)).quantize(CENT), rate, account=RECEIVABLE, party=2, maturity_date=until)
                for share, until in due or (("1", day + timedelta(days=30)),)
            ]
            earned = [_side(-Decimal(amount), rate, account=account) for amount, account in nets]
            move = self.entry(day, 1, *parts, *earned, origin=f"account.invoice,{number}")
            self.get("account.invoice", number)["move"] = move
        return number

    def pay(self, day: date, amount: str, *, invoice: int | None = None, rate: str = "1", journal: int = 2) -> int:
        """Money; tied to an invoice, as a part payment is. The id of its receivable line."""
        line = _side(-Decimal(amount), rate, account=RECEIVABLE, party=2)
        move = self.entry(day, journal, line, _side(Decimal(amount), rate, account=CASH))
        (paid,) = self.receivable(move)
        if invoice is not None:
            self.get("account.invoice", invoice)["payment_lines"].append(paid)
            self.get("account.move.line", paid)["invoice_payments"].append(invoice)
        return paid

    def items(self, invoice: int) -> list[int]:
        """The instalments of an invoice."""
        return self.receivable(self.get("account.invoice", invoice)["move"])


def _side(amount: Decimal, rate: str, **values: Any) -> dict[str, Any]:
    """A line's debit or credit: cents of euros, and the dollars beside them where it is foreign."""
    base = (amount * Decimal(rate)).quantize(CENT)
    sides = {"debit": max(base, Decimal(0)), "credit": max(-base, Decimal(0))}
    foreign = {"second_currency": USD, "amount_second_currency": amount} if rate != "1" else {}
    return {**sides, **foreign, **values}


def company(tryton: LittleTryton) -> Books:
    """A company in euros with a customer (2) and a contact person (3), accounts, journals and two rates."""
    books = Books(tryton)
    for code in ("EUR", "USD"):
        books.add("currency.currency", code=code, digits=2)
    for currency, day, rate in ((EUR, 1, "1"), (USD, 1, "1.25"), (USD, 20, "1.6")):
        books.add("currency.currency.rate", currency=currency, date=date(2026, 1, day), rate=Decimal(rate))
    for name in ("Halden", "Adler <GmbH>", "Eva Adler"):
        party = books.add("party.party", code=f"P{name[0]}", name=name, active=True, email=None, phone=None,
            website=None, addresses=[], contact_mechanisms=[], identifiers=[], tax_identifier=None)  # fmt: skip
        for place, street in enumerate(("Old street", "Bill street")):
            books.add("party.address", party=party, sequence=place, invoice=bool(place), active=True, street=street,
                postal_code="01000", city="Köln", country=None)  # fmt: skip
    books.add("company.company", party=1, currency=EUR, timezone="Europe/Berlin")
    books.add("party.relation.type", name="Contact", usages=["contact"])
    books.add("party.relation.all", from_=2, to=3, type=1)
    books.add("ir.module", name="company", version="8.0.1", state="activated")
    for receivable, revenue in ((True, False), (False, True), (False, False)):
        books.add("account.account.type", receivable=receivable, revenue=revenue)
    for number in (1, 2, 3, 3):
        books.add("account.account", type=number, company=1)
    for kind in ("revenue", "cash", "write-off", "general"):
        books.add("account.journal", type=kind)
    books.add("product.uom", symbol="u")
    books.add("product.template", name="Pump", type="goods", default_uom=1)
    books.add("product.product", code="P-100", template=1, type="goods")
    for kind in ("storage", "customer"):
        books.add("stock.location", type=kind)
    return books
