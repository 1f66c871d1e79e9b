"""Tryton, read through REST from a little Tryton with books."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from integration_hub.erp.tryton import TrytonAdapter
from integration_hub.models import ErpAllocation, ErpCustomer, ErpInvoice, ErpInvoiceLine, ErpOpenItem
from integration_hub.sources import SourceRefused, open_source
from tests.erp.contract.subject import UNNAMED, Change, Seen, Subject
from tests.erp.tryton.books import ADVANCE, REVENUE, START, Books, company, models
from tests.erp.tryton.little_tryton import KEY, LittleTryton

LATER = START + timedelta(days=2)
DAY = date(2026, 2, 10)
TOML = """
[[sources]]
name = "tryton"
label = "Tryton"
kind = "tryton"
profile = "tryton"
url = "{url}"
database = "company"
api_key = "${{CONTRACT_TRYTON_KEY}}"
companies = ["Halden"]
page_rows = 2
max_deleted_share = 0.5
"""


@dataclass
class Office:
    """The people of the company at work; each method changes the books and returns what must be seen."""

    books: Books

    def __post_init__(self) -> None:
        for code in ("P-200", "P-300"):
            self.books.add("product.product", code=code, template=1, type="goods")
        halves = (("0.5", date(2026, 3, 1)), ("0.5", date(2026, 4, 1)))
        self.first = self.books.invoice(DAY, ("60.00", REVENUE), ("40.00", REVENUE), due=halves)
        self.second = self.books.invoice(DAY, ("50.00", REVENUE))
        self.draft = self.books.invoice(DAY, ("30.00", REVENUE), ("10.00", REVENUE), state="draft", number=None)

    def part_payment(self) -> list[Seen]:
        money = self.books.pay(date(2026, 2, 20), "30.00", invoice=self.first)
        self.books.touch("account.invoice", self.first, LATER)
        item = self.books.items(self.first)[0]
        return [
            Seen(ErpOpenItem, f"tryton:{item}", {"open_amount": 25}),
            Seen(ErpAllocation, f"tryton:{item}-{money}", {"amount": 30, "payment_id": f"tryton:{money}"}),
            Seen(ErpInvoice, f"tryton:{self.first}", {"status": "part_paid"}),
        ]

    def refund(self) -> list[Seen]:
        note = self.books.invoice(DAY, ("-40.00", REVENUE))
        return [Seen(ErpInvoice, f"tryton:{note}", {"net_amount": -40, "kind": "credit_note", "status": "open"})]

    def reversal(self) -> list[Seen]:
        line = self.books.get("account.invoice", self.second)["lines"][0]
        note = self.books.invoice(DAY, ("-50.00", REVENUE), origins=(f"account.invoice.line,{line}",))
        cancel = self.books.get("account.invoice", note)["move"]
        self.books.touch("account.invoice", self.second, LATER, state="cancelled", cancel_move=cancel)
        self.books.reconcile(*self.books.items(self.second), *self.books.items(note))
        return [
            Seen(ErpInvoice, f"tryton:{self.second}", {"status": "reversed", "net_amount": 50}),
            Seen(ErpInvoice, f"tryton:{note}", {"reverses_id": f"tryton:{self.second}", "net_amount": -50}),
        ]

    def down_payment(self) -> list[Seen]:
        invoice = self.books.invoice(DAY, ("20.00", ADVANCE))
        line = self.books.get("account.invoice", invoice)["lines"][0]
        return [
            Seen(ErpInvoice, f"tryton:{invoice}", {"kind": "down_payment"}),
            Seen(ErpInvoiceLine, f"tryton:{line}", {"kind": "down_payment"}),
        ]

    def cancel(self) -> list[Seen]:
        self.books.touch("account.invoice", self.draft, LATER, state="cancelled")
        return [Seen(ErpInvoice, f"tryton:{self.draft}", {"status": "cancelled"})]

    def archive(self) -> list[Seen]:
        self.books.touch("party.party", 2, LATER, active=False)
        return [Seen(ErpCustomer, "tryton:2", {"archived": True})]

    def hard_delete(self) -> list[Seen]:
        lines = self.books.get("account.invoice", self.draft)["lines"]
        for line in lines:
            del self.books.tryton.models["account.invoice.line"].records[line]
        del self.books.tryton.models["account.invoice"].records[self.draft]
        return [
            Seen(ErpInvoice, f"tryton:{self.draft}", None),
            *(Seen(ErpInvoiceLine, f"tryton:{line}", None) for line in lines),
        ]

    def line_text(self) -> list[Seen]:
        self.books.touch("account.invoice.line", 1, LATER, description="Better bolts")
        return [Seen(ErpInvoiceLine, "tryton:1", {"text": "Better bolts"})]

    def replaced_whole(self) -> list[Seen]:
        """A line deleted by itself: Tryton moves no stamp, so that only the sweep can tell."""
        lost = self.books.get("account.invoice", self.draft)["lines"].pop()
        del self.books.tryton.models["account.invoice.line"].records[lost]
        amounts = {"untaxed_amount": Decimal(30), "tax_amount": Decimal(3), "total_amount": Decimal(33)}
        self.books.get("account.invoice", self.draft).update(amounts)
        return [
            Seen(ErpInvoiceLine, f"tryton:{lost}", None),
            Seen(ErpInvoice, f"tryton:{self.draft}", {"net_amount": 30}),
        ]

    def late_commit(self) -> list[Seen]:
        """Committed now, stamped ten minutes before the youngest that was read."""
        invoice = self.books.invoice(DAY, ("7.00", REVENUE), state="draft")
        stamp = START + timedelta(minutes=self.books.minutes - 13)
        self.books.get("account.invoice", invoice)["create_date"] = stamp
        for line in self.books.get("account.invoice", invoice)["lines"]:
            self.books.get("account.invoice.line", line)["create_date"] = stamp
        return [Seen(ErpInvoice, f"tryton:{invoice}", {"status": "draft"})]

    def long_text(self) -> list[Seen]:
        self.books.touch("account.invoice.line", 1, LATER, description="x" * 1_000_000)
        return [
            Seen(ErpInvoiceLine, "tryton:1", {"net_amount": 60}),
            Seen(ErpInvoice, f"tryton:{self.first}", {"net_amount": 100}),
        ]

    def lose_company(self) -> None:
        """The record rules hide whatever belongs to it."""
        for name in ("account.invoice", "account.move.line", "account.account", "sale.sale"):
            self.books.tryton.models[name].records.clear()

    def changes(self) -> dict[str, Change]:
        """Each case by its name."""
        made: tuple[Change, ...] = (
            *(self.part_payment, self.refund, self.reversal, self.down_payment, self.cancel, self.archive),
            *(self.hard_delete, self.line_text, self.replaced_whole, self.late_commit, self.long_text),
        )
        return {change.__name__: change for change in made}


def tryton(_folder: Path) -> Subject:
    """A little Tryton with three invoices."""
    server = LittleTryton(models())
    office = Office(company(server))
    invoices = server.models["account.invoice"]

    def writes() -> tuple[int, int]:
        before, refused = len(server.asked), 0
        adapter = open_source("tryton")._adapter  # type: ignore[attr-defined]
        assert isinstance(adapter, TrytonAdapter)
        attempts = [(method, "company/rest/model/party.party") for method in ("POST", "PUT", "PATCH", "DELETE")]
        for method, path in [*attempts, ("POST", "company/rpc/"), ("POST", "company/rest/model/sale.sale/1/confirm")]:
            try:
                adapter._wire.session.ask(method, path)
            except SourceRefused:
                refused += 1
        adapter.close()
        return refused, len(server.asked) - before

    return Subject(
        name="tryton",
        source="tryton",
        toml=TOML.format(url=server.url),
        environment={"CONTRACT_TRYTON_KEY": KEY},
        wrong={"CONTRACT_TRYTON_KEY": "a-key-that-nobody-approved"},
        changes=office.changes(),
        breaks={
            "lost_right": lambda: server.forbidden.add("account.invoice"),
            "lost_company": office.lose_company,
            "field_added": lambda: invoices.fields.update(fresh=("char", "")),
            "field_removed": lambda: invoices.fields.__delitem__("reference"),
            "field_retyped": lambda: invoices.fields.update(reference=("integer", "")),
            "html_page": lambda: server.misbehave("html", path=r"model/account\.invoice\?", times=99),
            "cut_answer": lambda: server.misbehave("cut", path=r"model/account\.invoice\.line\?", times=99),
            "repeated_page": lambda: server.misbehave("repeat", path=r"model/product\.product\?", after=1),
            "page_out_of_order": lambda: server.reversed.add("product.product"),
        },
        writes=writes,
        not_applicable=UNNAMED,
        close=server.close,
    )
