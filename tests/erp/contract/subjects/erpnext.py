"""ERPNext behind a stand-in of a Frappe site: documents were the only judge of what it answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from integration_hub.models import ErpCustomer, ErpInvoice, ErpInvoiceLine, ErpOpenItem, ErpOrder, ErpOrderLine
from integration_hub.sources import SourceRefused, open_source
from tests.erp.contract.subject import Seen, Subject, changes_of
from tests.erp.rest.erpnext_history import DE, US, build, invoice, ledger, order, pay
from tests.erp.rest.frappe_site import FrappeSite

ZONE = ZoneInfo("Europe/Berlin")
WRITES = (
    ("POST", "/api/resource/Customer"),
    ("PUT", "/api/resource/Customer/Berg"),
    ("DELETE", "/api/resource/Customer/Berg"),
    ("POST", "/api/method/frappe.client.set_value"),
    ("POST", "/api/method/frappe.client.submit"),
    ("GET", "/api/method/frappe.client.delete"),
)


def erpnext(_folder: Path) -> Subject:
    """A site of its own."""
    site = FrappeSite()
    build(site)
    for number in range(3):
        invoice(site, f"SI-9{number}", "10.00")
    return Subject(
        name="erpnext",
        source="erpnext",
        toml='[[sources]]\nname = "erpnext"\nlabel = "ERPNext"\nkind = "rest"\nprofile = "erpnext"\npage_rows = 4\n'
        'without = ["rates", "products", "contacts"]\n'
        f'url = "{site.url}"\ncompanies = ["{DE}", "{US}"]\nmax_deleted_share = 0.5\n'
        'api_key = "${CONTRACT_KEY}"\nclient_secret = "${CONTRACT_SECRET}"\n',
        environment={"CONTRACT_KEY": "key", "CONTRACT_SECRET": "secret"},
        wrong={"CONTRACT_SECRET": "a-wrong-secret"},
        changes=changes_of(site, *CHANGES),
        breaks=_breaks(site),
        writes=lambda: _writes(site),
        not_applicable={"down_payment": "ERPNext books what was paid in advance as payments, not as invoices"},
        close=site.close,
    )


def _now(minutes: int = 0) -> str:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _seen(model: Any, key: str, **values: Any) -> Seen:
    return Seen(model, f"erpnext:{key}", values)


def part_payment(site: FrappeSite) -> list[Seen]:
    pay(site, "PE-0009", "20.00", _now())
    ledger(site, "L9", "PE-0009", "SI-0004-1", "-20.00", of="Payment Entry", modified=_now())
    return [
        _seen(ErpInvoice, "SI-0004-1", status="part_paid"),
        _seen(ErpOpenItem, "SI-0004-1", open_amount=Decimal(35)),
    ]


def refund(site: FrappeSite, amount: str = "-11.90") -> list[Seen]:
    invoice(site, "SI-0010", amount, _now(), is_return=1, return_against="SI-0004-1", status="Return")
    ledger(site, "L10", "SI-0010", "SI-0004-1", amount, modified=_now())
    values = {"kind": "credit_note", "gross_amount": Decimal(amount), "reverses_id": "erpnext:SI-0004-1"}
    return [_seen(ErpInvoice, "SI-0010", **values)]


def reversal(site: FrappeSite) -> list[Seen]:
    return [*refund(site, "-55.00"), _seen(ErpInvoice, "SI-0004-1", status="reversed")]


def cancel(site: FrappeSite) -> list[Seen]:
    order(site, "SO-0001", "100.00", _now(), docstatus=2, status="Cancelled")
    return [_seen(ErpOrder, "SO-0001", status="cancelled")]


def archive(site: FrappeSite) -> list[Seen]:
    site.put("Customer", "Tal", _now(), disabled=1)
    return [_seen(ErpCustomer, "Tal", archived=True)]


def hard_delete(site: FrappeSite) -> list[Seen]:
    del site.tables["Sales Invoice"]["SI-0005"]
    return [Seen(ErpInvoice, "erpnext:SI-0005", None)]


def gone_resumed(site: FrappeSite) -> list[Seen]:
    """Deleted, which the site writes down, while others changed."""
    site.unreadable.clear()
    for number in range(3):
        site.tables["Sales Invoice"][f"SI-9{number}"]["modified"] = _now()
    site.put("Deleted Document", "d1", _now(), deleted_doctype="Sales Invoice", deleted_name="SI-0005")
    return hard_delete(site)


def line_text(site: FrappeSite) -> list[Seen]:
    site.tables["Sales Order Item"]["SO-0001-i1"]["item_name"] = "Another pump"
    site.tables["Sales Order"]["SO-0001"]["modified"] = _now()
    return [_seen(ErpOrderLine, "SO-0001-i1", text="Another pump")]


def replaced_whole(site: FrappeSite) -> list[Seen]:
    del site.tables["Sales Order Item"]["SO-0001-i1"]
    site.put("Sales Order", "SO-0001", _now(), net_total=0.0)
    return [Seen(ErpOrderLine, "erpnext:SO-0001-i1", None)]


def late_commit(site: FrappeSite) -> list[Seen]:
    site.put("Customer", "Late", "2026-03-01 09:55:00.000000", **_like(site, "Customer", "Tal"))
    return [_seen(ErpCustomer, "Late", number="Late")]


def long_text(site: FrappeSite) -> list[Seen]:
    site.tables["Sales Invoice Item"]["SI-90-i1"]["item_name"] = "x" * 1_000_000
    return [_seen(ErpInvoiceLine, "SI-90-i1", net_amount=Decimal("8.4")), _seen(ErpInvoice, "SI-90", status="open")]


CHANGES = (
    part_payment,
    refund,
    reversal,
    cancel,
    archive,
    hard_delete,
    gone_resumed,
    line_text,
    replaced_whole,
    late_commit,
    long_text,
)


def _like(site: FrappeSite, doctype: str, name: str) -> dict[str, Any]:
    own = {"name", "modified", "creation", "docstatus"}
    return {key: value for key, value in site.tables[doctype][name].items() if key not in own}


def _breaks(site: FrappeSite) -> dict[str, Callable[[], None]]:
    def misbehaving(kind: str, **options: Any) -> Callable[[], None]:
        return lambda: site.misbehave(kind, path="Sales%20Invoice\\?|get_list", times=99, **options)

    def described(name: str, kind: str) -> Callable[[], None]:
        return lambda: site.types.update({("Sales Invoice", name): kind})

    return {
        "lost_right": lambda: site.unreadable.add("Sales Invoice"),
        "lost_company": site.tables["Company"].clear,
        "field_added": described("fresh_field", "Data"),
        "field_removed": described("net_total", ""),
        "field_retyped": described("net_total", "Text"),
        "html_page": misbehaving("html"),
        "cut_answer": misbehaving("cut_json"),
        "repeated_page": lambda: site.misbehave("repeat", path=r"Sales%20Invoice\?", times=1, after=1),
        "page_out_of_order": lambda: setattr(site, "shuffled", True),
    }


def _writes(site: FrappeSite) -> tuple[int, int]:
    session = open_source("erpnext")._adapter.session  # type: ignore[attr-defined]
    refused = 0
    for method, path in WRITES:
        try:
            session.ask(method, path, body={"doctype": "Customer"})
        except SourceRefused:
            refused += 1
    return refused, len(site.asked)
