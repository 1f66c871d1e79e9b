"""What must stand before the first document: companies, charts, years, taxes, terms, rates, products, parties."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from proteus import Wizard  # type: ignore[import-not-found]
from trytond.modules.account.tests.tools import create_chart  # type: ignore[import-not-found]

from tests.erp.tryton_real.inside.desk import Desk

FIRST_YEAR, LAST_YEAR = 2025, 2026
CURRENCIES = {"EUR": "Euro", "USD": "US dollar", "GBP": "Pound sterling"}
COMPANIES = (("Halden Handel GmbH", "EUR", "Europe/Berlin"), ("Halden Inc.", "USD", "America/New_York"))
TAXES = {"EUR": (Decimal("0.19"), Decimal("0.07")), "USD": (Decimal("0.0825"), Decimal(0))}
PRODUCTS = (
    ("P-100", "Pump <S> & valve", "goods", "129.9000"),
    ("P-200", 'Röhrensatz 3/4"', "goods", "17.3333"),
    ("P-300", "Filter", "goods", "0.0499"),
    ("P-400", "Compressor", "goods", "2480.0000"),
    ("P-500", "Hose by the metre", "goods", "7.7700"),
    ("S-100", "Installation", "service", "95.0000"),
    ("S-200", "Maintenance; yearly", "service", "333.3300"),
    ("S-300", 'Training, "on site"', "service", "1150.0000"),
)
CUSTOMERS = (
    "Adler Maschinenbau GmbH",
    "Brückner & Söhne KG",
    "Costa Verde, S.A.",
    "D'Angelo S.r.l.",
    "Fjord Teknik AS",
    "Granite State Tools Inc.",
    "Hôtel Étoile",
    'Ibérica "Norte" SL',
    "Jönköping Kraft AB",
    "Kowalski sp. z o.o.",
    "Łódź Serwis",
    "Müller; Meier GbR",
)


@dataclass
class Books:
    """One company's ids: what a document of this company needs."""

    company: int
    currency: str
    accounts: dict[str, int] = field(default_factory=dict)
    method: int = 0
    write_off: int = 0
    down_payment: int = 0
    taxes: tuple[int, ...] = ()


@dataclass
class World:
    """Ids of everything that documents choose from."""

    books: list[Books] = field(default_factory=list)
    currencies: dict[str, int] = field(default_factory=dict)
    terms: list[int] = field(default_factory=list)
    products: list[int] = field(default_factory=list)
    parties: list[int] = field(default_factory=list)


def build(desk: Desk) -> World:
    """Everything, in an order in which each thing finds what it needs."""
    world = World()
    world.currencies = {code: _currency(desk, code, name) for code, name in CURRENCIES.items()}
    for name, currency, zone in COMPANIES:
        world.books.append(_company(desk, name, currency, zone, world.currencies[currency]))
    _see_both(desk, desk.one("res.user", ("login", "=", "admin")), world)
    for books in world.books:
        desk.work_for(books.company)
        _accounts(desk, books)
    world.terms = [_term(desk, name, parts) for name, parts in _TERMS]
    world.products = _products(desk, world.books)
    world.parties = [_party(desk, number, name, world.terms) for number, name in enumerate(CUSTOMERS)]
    return world


def _currency(desk: Desk, code: str, name: str) -> int:
    model = desk.model("currency.currency")
    currency = (model.find([("code", "=", code)]) or [model(name=name, code=code, symbol=code)])[0]
    currency.rounding, currency.digits = Decimal("0.01"), 2
    for month in range(24):
        day = dt.date(FIRST_YEAR + month // 12, month % 12 + 1, 1)
        # Units of the currency per one euro; six digits, as central banks publish them.
        rate = {
            "EUR": Decimal(1),
            "USD": Decimal("1.0834") + Decimal("0.0071") * (month % 7),
            "GBP": Decimal("0.843217") + Decimal("0.002113") * (month % 5),
        }[code]
        if code != "EUR" or not month:
            currency.rates.new(date=day, rate=rate)
    currency.save()
    return int(currency.id)


def _company(desk: Desk, name: str, code: str, zone: str, currency: int) -> Books:
    party = desk.model("party.party")(name=name)
    party.save()
    wizard = Wizard("company.company.config")
    wizard.execute("company")
    wizard.form.party = party
    wizard.form.currency = desk.get("currency.currency", currency)
    wizard.form.timezone = zone
    wizard.execute("add")
    return Books(int(desk.one("company.company", ("party", "=", party.id)).id), code)


def _see_both(desk: Desk, user: Any, world: World) -> None:
    """Let a user see every company at once, as a reader of all of them must."""
    for books in world.books:
        if books.company not in [company.id for company in user.companies]:
            user.companies.append(desk.get("company.company", books.company))
    user.company = desk.get("company.company", world.books[0].company)
    user.company_filter = "all"
    user.save()


def _accounts(desk: Desk, books: Books) -> None:
    company = desk.get("company.company", books.company)
    create_chart(company)
    company.cancel_invoice_out = True
    company.save()
    kinds: dict[str, list[Any]] = {kind: [("type." + kind, "=", True)] for kind in ("receivable", "revenue", "expense")}
    codes = {"cash": [("code", "=", "1.1.1")], "tax": [("code", "=", "6.3.6")], "advance": [("code", "=", "2.2.2")]}
    for kind, domain in {**kinds, **codes}.items():
        of_company = [("company", "=", books.company), ("closed", "!=", True), *domain]
        books.accounts[kind] = int(desk.model("account.account").find(of_company, limit=1)[0].id)
    configuration = desk.model("account.configuration")(1)
    expense = desk.get("account.account", books.accounts["expense"])
    configuration.currency_exchange_debit_account = configuration.currency_exchange_credit_account = expense
    configuration.save()
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        _fiscal_year(desk, company, year)
    books.taxes = tuple(_tax(desk, books, rate) for rate in TAXES[books.currency])
    books.method, books.write_off = _payment(desk, books), _write_off(desk, books)
    books.down_payment = _down_payment(desk, books)


def _sequence(desk: Desk, name: str, kind: str, company: Any, prefix: str = "") -> Any:
    sequence_type = desk.one("ir.sequence.type", ("name", "=", kind))
    sequence = desk.model("ir.sequence.strict")(
        name=name, sequence_type=sequence_type, company=company, prefix=prefix, padding=4
    )
    sequence.save()
    return sequence


def _fiscal_year(desk: Desk, company: Any, year: int) -> None:
    fiscal = desk.model("account.fiscalyear")(name=str(year), company=company)
    fiscal.start_date, fiscal.end_date = dt.date(year, 1, 1), dt.date(year, 12, 31)
    fiscal.move_sequence = _sequence(desk, str(year), "Account Move", company)
    # Both companies number alike: a number names no document across companies.
    invoices = _sequence(desk, f"Invoices {year}", "Invoice", company, f"{year}-")
    notes = _sequence(desk, f"Credit notes {year}", "Invoice", company, f"C{year}-")
    (row,) = fiscal.invoice_sequences
    row.out_invoice_sequence = row.in_invoice_sequence = invoices
    row.out_credit_note_sequence = row.in_credit_note_sequence = notes
    fiscal.click("create_period")


def _tax(desk: Desk, books: Books, rate: Decimal) -> int:
    account = desk.get("account.account", books.accounts["tax"])
    tax = desk.model("account.tax")(name=f"Tax {rate:%}", description=f"Tax {rate:%}", type="percentage", rate=rate)
    tax.company = desk.get("company.company", books.company)
    tax.invoice_account = tax.credit_note_account = account
    tax.save()
    return int(tax.id)


def _payment(desk: Desk, books: Books) -> int:
    cash = desk.get("account.account", books.accounts["cash"])
    method = desk.model("account.invoice.payment.method")(name="Bank", credit_account=cash, debit_account=cash)
    method.company = desk.get("company.company", books.company)
    method.journal = desk.model("account.journal").find([("type", "=", "cash")], limit=1)[0]
    method.save()
    return int(method.id)


def _write_off(desk: Desk, books: Books) -> int:
    expense = desk.get("account.account", books.accounts["expense"])
    method = desk.model("account.move.reconcile.write_off")(
        name="Exchange", credit_account=expense, debit_account=expense
    )
    method.company = desk.get("company.company", books.company)
    method.journal = desk.model("account.journal").find([("type", "=", "write-off")], limit=1)[0]
    method.save()
    return int(method.id)


def _down_payment(desk: Desk, books: Books) -> int:
    term = desk.model("sale.advance_payment_term")(name=f"30 % ahead ({books.currency})")
    line = term.lines.new(description="Down payment 30 %", formula="0.3 * total_amount")
    line.account = desk.get("account.account", books.accounts["advance"])
    line.block_shipping, line.invoice_delay = True, dt.timedelta(days=0)
    term.save()
    return int(term.id)


_TERMS: tuple[tuple[str, Sequence[tuple[str, int]]], ...] = (
    ("30 days", (("", 30),)),
    ("Half in 14 days, half in 45", (("0.5", 14), ("", 45))),
    ("A third now, the rest in 60 days", (("0.333333", 0), ("", 60))),
)


def _term(desk: Desk, name: str, parts: Sequence[tuple[str, int]]) -> int:
    term = desk.model("account.invoice.payment_term")(name=name)
    for ratio, days in parts:
        line = term.lines.new(type="percent", ratio=Decimal(ratio)) if ratio else term.lines.new(type="remainder")
        while line.relativedeltas:
            line.relativedeltas.pop()
        line.relativedeltas.new(days=days)
    term.save()
    return int(term.id)


def _products(desk: Desk, every: Sequence[Books]) -> list[int]:
    category = desk.model("product.category")(name="Standard", accounting=True)
    category.save()
    for books in every:
        desk.work_for(books.company)
        category = desk.get("product.category", category.id)
        category.account_revenue = desk.get("account.account", books.accounts["revenue"])
        category.account_expense = desk.get("account.account", books.accounts["expense"])
        category.customer_taxes.append(desk.get("account.tax", books.taxes[0]))
        category.save()
    desk.work_for(every[0].company)
    unit = desk.one("product.uom", ("name", "=", "Unit"))
    made = []
    for code, name, kind, price in PRODUCTS:
        template = desk.model("product.template")(name=name, default_uom=unit, type=kind, salable=True)
        template.list_price = Decimal(price)
        template.account_category = desk.get("product.category", category.id)
        template.consumable = kind == "goods"
        template.products[0].suffix_code = code
        template.save()
        made.append(int(template.products[0].id))
        for books in every[1:]:  # each company has its own list price
            desk.work_for(books.company)
            template = desk.get("product.template", template.id)
            template.list_price = Decimal(price) * 2
            template.save()
        desk.work_for(every[0].company)
    return made


def _party(desk: Desk, number: int, name: str, terms: Sequence[int]) -> int:
    party = desk.model("party.party")(name=name)
    party.customer_payment_term = desk.get("account.invoice.payment_term", terms[number % len(terms)])
    address = party.addresses[0] if party.addresses else party.addresses.new()
    address.street, address.postal_code, address.city = (
        f"Hafenstraße {number + 1}\nHinterhaus",
        f"0{number + 1000}",
        "Köln",
    )
    party.contact_mechanisms.new(type="email", value=f"office{number}@example.com")
    party.contact_mechanisms.new(type="phone", value=f"+49 221 555 01{number:02}")
    party.save()
    if number % 2 == 0:
        person = desk.model("party.party")(name=f"Contact {number} of {name}")
        person.contact_mechanisms.new(type="email", value=f"person{number}@example.com")
        person.save()
        kind = desk.model("party.relation.type").find([("name", "=", "Contact")])
        relation_type = kind[0] if kind else desk.model("party.relation.type")(name="Contact", usages=["contact"])
        relation_type.save()
        desk.model("party.relation.all")(from_=party, to=person, type=relation_type).save()
    return int(party.id)
