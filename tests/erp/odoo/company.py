"""A small company's history as Odoo would keep it, and a ledger of its own beside it: both are written from the same
business events, but the ledger never looks at a record.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.erp.odoo.orm import Database

EUR, USD, JPY = 1, 2, 3
HALDEN, OTHER = 1, 2
BOOKS = {HALDEN: EUR, OTHER: USD}
RECEIVABLE, INCOME, BANK = 1, 2, 3
ADA, ADA_BILLS, ADA_PERSON, BERTA, VENDOR, CHILD, FOREIGN, EMPLOYEE, OWN, OWN_2, LEFT = range(1, 12)
PART, SERVICE = 1, 2
TODAY = "2026-06-01"


@dataclass
class Item:
    """An instalment as the ledger knows it, in document currency and with its rate to the books."""

    line: int
    due: str
    open: Decimal
    rate: Decimal
    company: int


@dataclass
class Ledger:
    """Revenue and receivables, kept from the events. Books are those of each company."""

    revenue: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    items: dict[int, Item] = field(default_factory=dict)

    def open(self, company: int, before: str = "9999") -> Decimal:
        """What is open of items due before a day, in the books' currency."""
        mine = [each for each in self.items.values() if each.company == company and each.due < before]
        return sum((each.open * each.rate for each in mine), Decimal(0))


class Business:
    """Writes what happened, at first the whole history."""

    def __init__(self, version: int) -> None:
        self.db, self.ledger = Database(version), Ledger()
        self._masters()

    def _masters(self) -> None:
        db = self.db
        db.clock = "2026-01-02 08:00:00"
        for name, places, active in (("EUR", 2, True), ("USD", 2, True), ("JPY", 0, False)):
            db.add("res.currency", name=name, decimal_places=places, active=active)
        db.add("res.country", name="Germany", code="DE")
        terms = [db.add("account.payment.term", name=name) for name in ("30 days", "Two instalments")]
        for term, days in ((terms[0], 30), (terms[1], 30), (terms[1], 60)):
            db.add("account.payment.term.line", payment_id=term, days=days, nb_days=days,
                   option="day_after_invoice_date", day_of_the_month=0, months=0, days_after=0,
                   delay_type="days_after")  # fmt: skip
        kinds = (
            ("account", "asset_receivable", "receivable"),
            ("income", "income", "other"),
            ("bank", "asset_cash", "liquidity"),
        )
        for code, new, old in kinds:
            db.add("account.account", code=code, account_type=new, internal_type=old)
        self._partners(terms[1])
        db.add("res.company", name="Halden", currency_id=EUR, partner_id=OWN)
        db.add("res.company", name="Halden US", currency_id=USD, partner_id=OWN_2)
        db.add("res.users", id=2, name="Rita Reader", login="reader@example.com", active=True, company_ids=[1, 2])
        db.add("res.users.apikeys", name="hub", user_id=2, scope="rpc", expiration_date="2099-01-01 00:00:00")
        unit = db.add("uom.uom", name="Units")
        category = db.add("product.category", name="Parts", complete_name="All / Parts")
        for name, kind in (("Pump", "consu"), ("Assembly", "service")):
            template = db.add("product.template", name=name)
            db.add("product.product", name=name, default_code=name[:2].upper(), type=kind, active=True, uom_id=unit,
                   categ_id=category, product_tmpl_id=template)  # fmt: skip
        db.add("stock.location", name="Stock", usage="internal", active=True)
        db.add("stock.location", name="Customers", usage="customer", active=False)
        db.add("delivery.carrier", name="Post")
        # Units of the currency per one of the company's: 1.25 dollars for a euro.
        db.add("res.currency.rate", name="2026-01-01", rate=1.25, company_rate=1.25, currency_id=USD, company_id=HALDEN)
        db.add("res.currency.rate", name="2026-01-01", rate=0.8, company_rate=0.8, currency_id=EUR, company_id=OTHER)

    def _partners(self, term: int) -> None:
        add = self.partner
        add(ADA, "Ada GmbH", is_company=True, ref="C-1", vat="DE1", customer_rank=3, street="Ring 1", street2="Hof",
            zip="10115", city="Berlin", country_id=1, user_id=2, property_payment_term_id=term, credit_limit=5000.0,
            use_partner_credit_limit=True, company_registry="HRB 12", sale_warn="block", sale_warn_msg="Ask first",
            email="ada@example.com")  # fmt: skip
        add(ADA_BILLS, False, parent_id=ADA, commercial_partner_id=ADA, type="invoice", email="bills@example.com")
        add(ADA_PERSON, "Adele", parent_id=ADA, commercial_partner_id=ADA, function="Buyer", phone="1")
        add(BERTA, "Berta", customer_rank=1, active=False)
        add(VENDOR, "Vendor", is_company=True, supplier_rank=4)
        add(CHILD, "Ada Süd GmbH", is_company=True, parent_id=ADA, customer_rank=1)
        add(FOREIGN, "Foreign Inc", is_company=True, customer_rank=1, company_id=OTHER)
        add(EMPLOYEE, "Rita Reader", partner_share=False)
        add(OWN, "Halden", is_company=True, tz="Europe/Berlin")
        add(OWN_2, "Halden US", is_company=True, tz="America/New_York")
        add(LEFT, "Left Long Ago", parent_id=ADA, commercial_partner_id=ADA, active=False)

    def partner(self, number: int, name: Any, **values: Any) -> None:
        own = {"commercial_partner_id": number, "active": True, "type": "contact", "partner_share": True,
               "customer_rank": 0, "supplier_rank": 0, "sale_warn": "no-message", "credit_limit": 0.0}  # fmt: skip
        self.db.add("res.partner", id=number, name=name, **{**own, **values})

    def move(
        self,
        name: Any,
        lines: list[dict[str, Any]],
        *,
        kind: str = "out_invoice",
        day: str = "2026-01-15",
        state: str = "posted",
        partner: int = ADA,
        company: int = HALDEN,
        currency: int = 0,
        rate: str = "1",
        tax: str = "0",
        due: tuple[tuple[str, str], ...] = (),
        **values: Any,
    ) -> tuple[int, list[int]]:
        """Post an invoice or credit note: lines with net, and instalments (day, share of the gross amount).

        `rate` is the books' currency per one of the document's. Returns its id and those of its instalments.
        """
        db, sign = self.db, -1 if kind == "out_refund" else 1
        currency = currency or BOOKS[company]
        net = sum((Decimal(str(line["net"])) for line in lines), Decimal(0)).quantize(Decimal("0.01"))
        gross, booked = net + Decimal(tax), Decimal(rate)
        commercial = db.tables["res.partner"][partner]["commercial_partner_id"]
        shared = {"company_id": company, "currency_id": currency}
        move = db.add(
            "account.move", **shared, name=name, move_type=kind, date=day, invoice_date=day, state=state,
            partner_id=partner, commercial_partner_id=commercial, company_currency_id=BOOKS[company],
            invoice_date_due=due[-1][0] if due else day, amount_untaxed=net, amount_tax=Decimal(tax),
            amount_total=gross,
            amount_untaxed_signed=sign * net * booked, amount_total_signed=sign * gross * booked,
            amount_residual=gross if state == "posted" else Decimal(0), payment_state="not_paid",
            invoice_currency_rate=1 / float(rate), **values,
        )  # fmt: skip
        for number, line in enumerate(lines):
            self._line(move, number, line, sign, shared)
        db.add("account.move.line", **shared, move_id=move, sequence=99, name="Section", display_type="line_section",
               account_id=False)  # fmt: skip
        if Decimal(tax):
            db.add("account.move.line", **shared, move_id=move, name="VAT", amount_currency=-sign * Decimal(tax),
                   account_id=INCOME, exclude_from_invoice_tab=True,
                   display_type="tax" if db.version >= 16 else False)  # fmt: skip
        items = [
            self._item(move, shared, date, sign * gross * Decimal(share), booked, posted=state == "posted")
            for date, share in due or ((day, "1"),)
        ]
        if state == "posted":
            kept = sum((Decimal(str(each["net"])) for each in lines if not each.get("is_downpayment")), Decimal(0))
            self.ledger.revenue[company] += sign * kept.quantize(Decimal("0.01")) * booked
        return move, items

    def _line(self, move: int, number: int, line: dict[str, Any], sign: int, shared: dict[str, Any]) -> None:
        net = line["net"]
        usual = {"name": "Pump", "product_id": PART, "quantity": 1.0, "price_unit": net, "product_uom_id": 1}
        values = {**usual, **{name: value for name, value in line.items() if name != "net"}}
        self.db.add(
            "account.move.line", **shared, move_id=move, sequence=number, price_subtotal=net, price_total=net,
            amount_currency=-sign * net, account_id=INCOME, display_type="product" if self.db.version >= 16 else False,
            **values,
        )  # fmt: skip

    def _item(
        self, move: int, shared: dict[str, Any], due: str, amount: Decimal, rate: Decimal, *, posted: bool
    ) -> int:
        line = self.db.add(
            "account.move.line", **shared, move_id=move, date_maturity=due, amount_currency=amount,
            amount_residual_currency=amount, account_id=RECEIVABLE, exclude_from_invoice_tab=True,
            display_type="payment_term" if self.db.version >= 16 else False, name="",
        )  # fmt: skip
        if posted:
            self.ledger.items[line] = Item(line, due, amount, rate, shared["company_id"])
        return line

    def pay(self, item: int, amount: str, day: str, *, partner: int = ADA, bank_line: bool = False) -> int:
        """Receive money and settle an instalment with it; with `bank_line` without a payment."""
        db, paid = self.db, Decimal(amount)
        line = db.tables["account.move.line"][item]
        shared = {"company_id": line["company_id"], "currency_id": line["currency_id"]}
        entry = db.add("account.move", **shared, name=f"BNK/{day}", move_type="entry", state="posted")
        payment = False if bank_line else db.add(
            "account.payment", **shared, name=f"PAY/{item}", date=day, amount=paid, payment_type="inbound",
            partner_type="customer", state="paid" if db.version >= 18 else "posted", ref="Thanks", memo="Thanks",
            partner_id=partner, move_id=entry,
        )  # fmt: skip
        own = db.add(
            "account.move.line", **shared, move_id=entry, payment_id=payment, account_id=RECEIVABLE,
            amount_currency=-paid, amount_residual_currency=-paid,
        )  # fmt: skip
        self.settle(item, own, amount, day)
        return int(payment)

    def settle(self, debit: int, credit: int, amount: str, day: str) -> None:
        """Reconcile a debit with a credit item."""
        db, settled = self.db, Decimal(amount)
        company = db.tables["account.move.line"][debit]["company_id"]
        db.add("account.partial.reconcile", debit_move_id=debit, credit_move_id=credit, max_date=day, amount=settled,
               debit_amount_currency=settled, credit_amount_currency=settled, company_id=company)  # fmt: skip
        for item, sign in ((debit, -1), (credit, 1)):
            line = db.tables["account.move.line"][item]
            db.write(
                "account.move.line", item, amount_residual_currency=line["amount_residual_currency"] + sign * settled
            )
            if item in self.ledger.items:
                self.ledger.items[item].open += sign * settled
            self._restate(line["move_id"])

    def _restate(self, move: int) -> None:
        head, lines = self.db.tables["account.move"][move], self.db.tables["account.move.line"].values()
        if head["move_type"] == "entry":
            return
        rest = sum(abs(each["amount_residual_currency"] or 0) for each in lines if each["move_id"] == move)
        state = "paid" if not rest else "partial" if rest < head["amount_total"] else "not_paid"
        self.db.write("account.move", move, amount_residual=rest, payment_state=state)
