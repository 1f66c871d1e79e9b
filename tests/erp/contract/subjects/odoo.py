"""Odoo, read over JSON-2 (19) and JSON-RPC (16) from a stand-in."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from integration_hub.config import hub
from integration_hub.erp.odoo.source import OdooAdapter
from integration_hub.models import ErpAllocation, ErpCustomer, ErpInvoice, ErpInvoiceLine, ErpOpenItem, ErpPayment
from integration_hub.sources import SourceRefused
from tests.erp.contract.subject import Change, Maker, Seen, Subject
from tests.erp.odoo.company import ADA, Business
from tests.erp.odoo.history import history
from tests.erp.odoo.schema import Field
from tests.erp.odoo.standin import DATABASE, KEY, LOGIN, OdooStandin

TOML = """
[[sources]]
name = "odoo"
label = "Odoo"
kind = "odoo"
profile = "odoo"
url = "{url}"
database = "{database}"
username = "{login}"
api_key = "${{CONTRACT_ODOO_KEY}}"
companies = ["1", "2"]
page_rows = 3
"""
LATER = "2026-06-02 09:00:00"
BEFORE_THE_LAST = "2026-03-01 07:50:00"
HEADERS = 'account.move/search_read|"account.move", "search_read"'
WRITES = ("create", "write", "unlink", "copy", "action_post", "action_confirm", "button_draft", "message_post")


def odoo(version: int) -> Maker:
    """A stand-in of that version with the history of a small company."""

    def made(_folder: Path) -> Subject:
        business = history(version)
        server = OdooStandin(business.db)
        return Subject(
            name=f"odoo {version}",
            source="odoo",
            toml=TOML.format(url=server.url, database=DATABASE, login=LOGIN),
            environment={"CONTRACT_ODOO_KEY": KEY},
            wrong={"CONTRACT_ODOO_KEY": "a key that nobody has"},
            changes=_Users(business).changes(),
            breaks=_breaks(server, business),
            writes=lambda: _writes(server),
            close=server.close,
        )

    return made


def _breaks(server: OdooStandin, business: Business) -> dict[str, Callable[[], None]]:
    db = business.db

    def field(name: str, kind: Field | None) -> Callable[[], None]:
        return lambda: db.changed.update({("account.move", name): kind})

    def out_of_order() -> None:
        server.reversed_pages = True

    return {
        "lost_right": lambda: db.unreadable.add("account.move"),
        "lost_company": lambda: db.tables["res.users"][2].update(company_ids=[1]),
        "field_added": field("x_new", Field("char")),
        "field_removed": field("ref", None),
        "field_retyped": field("ref", Field("integer")),
        "html_page": lambda: server.misbehave("html", path=HEADERS, times=99),
        "cut_answer": lambda: server.misbehave("cut", path=HEADERS, times=99),
        "repeated_page": lambda: server.misbehave("repeat", path=HEADERS, times=99, after=1),
        "page_out_of_order": out_of_order,
    }


def _writes(server: OdooStandin) -> tuple[int, int]:
    """Every kind of write, through the client that reads."""
    adapter = OdooAdapter(hub().source("odoo"))
    adapter.check()
    before, refused = len(server.asked), 0
    for method in WRITES:
        try:
            adapter.reader.odoo.call("account.move", method, {"vals": {"ref": "x"}}, {})
        except SourceRefused:
            refused += 1
    adapter.close()
    return refused, len(server.asked) - before


@dataclass
class _Users:
    """Odoo's users at work; each method changes records and returns what must be seen."""

    business: Business

    def _invoice(self, number: int, **values: object) -> Seen:
        return Seen(ErpInvoice, f"odoo:{number}", values)

    def part_payment(self) -> list[Seen]:
        self.business.pay(5, "100.00", "2026-06-02")
        settled = max(self.business.db.tables["account.partial.reconcile"])
        return [
            Seen(ErpOpenItem, "odoo:5", {"open_amount": Decimal(295)}),
            Seen(ErpAllocation, f"odoo:{settled}", {"amount": 100, "open_item_id": "odoo:5"}),
        ]

    def refund(self) -> list[Seen]:
        number, (item,) = self.business.move("RINV/9", [{"net": Decimal("40.00")}], kind="out_refund")
        return [
            self._invoice(number, net_amount=-40, kind="credit_note"),
            Seen(ErpOpenItem, f"odoo:{item}", {"open_amount": -40}),
        ]

    def reversal(self) -> list[Seen]:
        number, (item,) = self.business.move(
            "RINV/8", [{"net": Decimal("200.00")}], kind="out_refund", reversed_entry_id=11
        )
        self.business.settle(30, item, "200.00", "2026-06-02")
        self.business.db.write("account.move", 11, payment_state="reversed")
        return [
            self._invoice(11, status="reversed", net_amount=200),
            self._invoice(number, reverses_id="odoo:11", net_amount=-200),
        ]

    def down_payment(self) -> list[Seen]:
        number, _ = self.business.move("INV/9", [{"net": Decimal("20.00"), "is_downpayment": True}])
        line = min(key for key, each in self._lines().items() if each["move_id"] == number)
        return [Seen(ErpInvoiceLine, f"odoo:{line}", {"kind": "down_payment", "net_amount": 20})]

    def cancel(self) -> list[Seen]:
        self.business.db.write("account.move", 11, state="cancel")
        return [self._invoice(11, status="cancelled")]

    def archive(self) -> list[Seen]:
        self.business.db.write("res.partner", ADA, active=False)
        return [Seen(ErpCustomer, f"odoo:{ADA}", {"archived": True})]

    def hard_delete(self) -> list[Seen]:
        line = min(key for key, each in self._lines().items() if each["move_id"] == 12)
        self.business.db.unlink("account.move", 12)
        return [Seen(ErpInvoice, "odoo:12", None), Seen(ErpInvoiceLine, f"odoo:{line}", None)]

    def gone_resumed(self) -> list[Seen]:
        """A payment was cancelled while another changed."""
        self.business.db.write("account.payment", 1, state="cancel" if self.business.db.version < 18 else "canceled")
        self.business.db.write("account.payment", 2, ref="Thank you", memo="Thank you")
        return [Seen(ErpPayment, "odoo:1", None), Seen(ErpPayment, "odoo:2", {"reference": "Thank you"})]

    def line_text(self) -> list[Seen]:
        self.business.db.write("account.move.line", 1, name="Better pump")
        return [Seen(ErpInvoiceLine, "odoo:1", {"text": "Better pump"})]

    def replaced_whole(self) -> list[Seen]:
        """The final invoice no longer takes the down payment off."""
        db, amount = self.business.db, Decimal("300.00")
        del db.tables["account.move.line"][28]
        db.write("account.move.line", 30, amount_currency=amount, amount_residual_currency=amount)
        names = ("amount_untaxed", "amount_total", "amount_residual", "amount_untaxed_signed", "amount_total_signed")
        db.write("account.move", 11, **dict.fromkeys(names, amount))
        return [Seen(ErpInvoiceLine, "odoo:28", None), self._invoice(11, net_amount=300)]

    def late_commit(self) -> list[Seen]:
        """Committed now, stamped ten minutes before the youngest that was read."""
        self.business.db.clock = BEFORE_THE_LAST
        number, _ = self.business.move("INV/10", [{"net": Decimal("7.00")}])
        return [self._invoice(number, status="open")]

    def long_text(self) -> list[Seen]:
        self.business.db.write("account.move.line", 1, name="x" * 1_000_000)
        return [Seen(ErpInvoiceLine, "odoo:1", {"net_amount": 1000}), self._invoice(1, net_amount=1000)]

    def _lines(self) -> dict[int, dict[str, object]]:
        return self.business.db.tables["account.move.line"]

    def changes(self) -> dict[str, Change]:
        """Each case by its name."""
        made: tuple[Change, ...] = (
            *(self.part_payment, self.refund, self.reversal, self.down_payment, self.cancel, self.archive),
            *(
                self.hard_delete,
                self.gone_resumed,
                self.line_text,
                self.replaced_whole,
                self.late_commit,
                self.long_text,
            ),
        )
        return {change.__name__: self._later(change) for change in made}

    def _later(self, change: Change) -> Change:
        def at_a_later_time() -> list[Seen]:
            self.business.db.clock = LATER
            return change()

        return at_a_later_time
