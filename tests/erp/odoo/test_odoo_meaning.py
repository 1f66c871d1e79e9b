"""What Odoo's records mean where a field alone does not say it, in the versions that differ."""

from decimal import Decimal
from typing import Any

import pytest

from integration_hub.erp.adapter import Question
from integration_hub.sources import SourceProblem
from tests.erp.odoo.company import BERTA, HALDEN, PART, VENDOR, Business
from tests.erp.odoo.conftest import Reads
from tests.erp.odoo.history import CUSTOMERS
from tests.erp.odoo.rows import by, pulled, stream
from tests.erp.odoo.standin import OdooStandin
from tests.erp.odoo.test_odoo_changes import SINCE

LATER = "2026-06-02 00:00:00"
VENDORS = 3


def versions(*chosen: int) -> pytest.MarkDecorator:
    """Only these, of all that are read."""
    return pytest.mark.parametrize("version", chosen)


@versions(16, 19)
def test_a_rounding_on_the_biggest_tax_is_tax_and_another_is_a_charge(reads: Reads, business: Business) -> None:
    db = business.db
    number, _ = business.move("INV/R", [{"net": Decimal("10.00")}], tax="1.93")
    shared = {"move_id": number, "display_type": "rounding", "account_id": 2, "currency_id": 1, "company_id": HALDEN,
              "name": "Rounding", "quantity": 1.0, "price_subtotal": 0.0, "price_total": 0.0}  # fmt: skip
    tax = db.add("account.tax.repartition.line")
    db.add("account.move.line", **shared, amount_currency=Decimal("-0.02"), tax_repartition_line_id=tax)
    plain = db.add("account.move.line", **shared, amount_currency=Decimal("-0.05"))
    db.write("account.move", number, amount_untaxed=Decimal("10.05"), amount_tax=Decimal("1.95"))
    adapter = reads()
    lines = [each for each in pulled(adapter, "invoices")["invoice_lines"] if each["invoice"] == str(number)]
    assert [(each["kind"], each["net_amount"]) for each in lines] == [("goods", "10.0"), ("charge", "0.05")]
    keys = [key for page in adapter.keys(stream(adapter, "invoice_lines")) for key in page]
    assert sorted(keys) == sorted(each["key"] or "" for each in pulled(adapter, "invoices")["invoice_lines"])
    assert str(plain) in keys


@versions(15, 19)
def test_what_is_gone_is_named_by_a_read_that_goes_on_too(reads: Reads, business: Business) -> None:
    business.db.write("account.payment", 1, state="cancel" if business.db.version < 18 else "canceled")
    adapter = reads(page_rows=1)
    for name, key in (("payments", "1"), ("contacts", "11")):
        config = stream(adapter, name)
        first = next(iter(adapter.pull(Question(config))))
        assert first.gone == ()
        rest = pulled(adapter, name, place=first.place)
        assert rest["gone"] == [{"key": key}]
        assert pulled(adapter, name, keys=[key])["gone"] == [{"key": key}]


@versions(15, 19)
def test_a_delivery_belongs_to_who_ordered_and_not_to_the_vendor_that_ships(reads: Reads, business: Business) -> None:
    db = business.db
    db.add("stock.location", name="Vendors", usage="supplier", active=True)
    shared = {"company_id": HALDEN, "partner_id": VENDOR, "state": "done", "scheduled_date": "2026-01-18 10:00:00",
              "date_done": "2026-01-19 10:00:00", "location_id": VENDORS, "location_dest_id": CUSTOMERS}  # fmt: skip
    for name, order, line in (("DS/1", 1, False), ("DS/2", False, 1), ("DS/3", False, False)):
        picking = db.add("stock.picking", **shared, name=name, sale_id=order)
        db.add("stock.move", picking_id=picking, sequence=1, name="Pump", product_uom_qty=1.0, quantity=1.0,
               quantity_done=1.0, product_id=PART, product_uom=1, state="done", sale_line_id=line)  # fmt: skip
    rows = pulled(reads(), "deliveries")
    told = {each["number"]: each["customer"] for each in rows["deliveries"]}
    assert {name: told[name] for name in ("DS/1", "DS/2", "DS/3")} == {"DS/1": "1", "DS/2": "1", "DS/3": str(VENDOR)}
    keys = {each["number"]: each["key"] for each in rows["deliveries"]}
    assert {each["customer"] for each in rows["delivery_lines"] if each["delivery"] == keys["DS/2"]} == {"1"}


@versions(15, 19)
def test_a_vendor_that_buys_is_a_customer_from_its_first_order_on(reads: Reads, business: Business) -> None:
    db, adapter = business.db, reads()
    assert str(VENDOR) not in {each["key"] for each in pulled(adapter, "customers")["customers"]}
    buyer = 12
    business.partner(buyer, "Vera", parent_id=VENDOR, commercial_partner_id=VENDOR)
    db.clock = LATER
    order = {name: value for name, value in db.tables["sale.order"][2].items() if name != "id"}
    number = db.add("sale.order", **{**order, "name": "S9", "partner_id": buyer, "write_date": LATER})
    for question in ({}, {"since": SINCE}):
        assert str(VENDOR) in {each["key"] for each in pulled(adapter, "customers", **question)["customers"]}
        assert "Vera" in {each["name"] for each in pulled(adapter, "contacts", **question)["contacts"]}
    assert by(pulled(adapter, "orders")["orders"], "number", "S9")["customer"] == str(VENDOR)
    assert str(VENDOR) in [key for page in adapter.keys(stream(adapter, "customers")) for key in page]
    # An invoice counts the rank up, behind the back of the partner's stamp.
    db.unlink("sale.order", number)
    db.clock = "2026-06-03 00:00:00"
    business.move("INV/V", [{"net": Decimal("5.00")}], partner=VENDOR)
    db.tables["res.partner"][VENDOR]["customer_rank"] = 1
    assert str(VENDOR) in {each["key"] for each in pulled(adapter, "customers", since=SINCE)["customers"]}


@versions(15, 17, 18, 19)
def test_money_between_own_accounts_is_no_payment_of_a_customer(reads: Reads, business: Business, version: int) -> None:
    business.db.tables["account.payment"][2] |= {
        "is_internal_transfer": True,
        "paired_internal_transfer_payment_id": 1,
    }
    adapter = reads()
    wanted = ["1"] if version < 19 else ["1", "2"]
    assert [each["key"] for each in pulled(adapter, "payments")["payments"]] == wanted
    assert [key for page in adapter.keys(stream(adapter, "payments")) for key in page] == wanted


@versions(15, 16, 17, 19)
def test_payment_days_are_told_only_where_they_are_days_after_the_invoice(
    reads: Reads, business: Business, version: int
) -> None:
    db = business.db
    later: dict[str, Any] = {"delay_type": "days_after_end_of_month", "nb_days": 30}
    old: dict[int, dict[str, Any]] = {
        15: {"option": "after_invoice_month", "days": 0},
        16: {"months": 1, "days": 0},
    }
    db.tables["account.payment.term.line"][3] |= old.get(version, later)
    db.write("res.partner", BERTA, property_payment_term_id=1)
    rows = pulled(reads(), "customers")["customers"]
    assert {each["name"]: each["payment_days"] for each in rows[:2]} == {"Ada GmbH": None, "Berta": "30"}
    assert by(rows, "name", "Ada GmbH")["payment_terms"] == "Two instalments"


def test_an_order_is_done_when_nothing_is_left_to_deliver_and_to_invoice(reads: Reads, business: Business) -> None:
    db = business.db
    head = {name: value for name, value in db.tables["sale.order"][1].items() if name != "id"}
    line = {name: value for name, value in db.tables["sale.order.line"][1].items() if name != "id"}
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "more than ordered": ("upselling", {"qty_delivered": 3.0, "qty_invoiced": 2.5}),
        "one more than ordered": ("to invoice", {"qty_delivered": 3.0, "invoice_status": "upselling"}),
        "free": ("to invoice", {"price_unit": 0.0, "qty_invoiced": 0.0}),
        "wholly off": ("to invoice", {"discount": 100.0, "qty_invoiced": 0.0}),
        "free, not here yet": ("no", {"price_unit": 0.0, "qty_invoiced": 0.0, "qty_delivered": 0.0}),
        "expense": ("to invoice", {"price_subtotal": Decimal(0), "product_uom_qty": 0.0, "qty_invoiced": 0.0}),
        "not invoiced": ("no", {"qty_invoiced": 0.0}),
        "sent back": ("no", {"qty_invoiced": -2.5, "product_uom_qty": -2.5}),
    }
    for name, (status, values) in cases.items():
        number = db.add("sale.order", **{**head, "name": name, "invoice_status": status})
        db.add("sale.order.line", **{**line, "order_id": number, **values})
    told = {each["number"]: each["status"] for each in pulled(reads(), "orders")["orders"]}
    still_open = {"free, not here yet", "expense", "not invoiced"}
    assert {name: told[name] for name in cases} == {name: "open" if name in still_open else "done" for name in cases}


@versions(17, 19)
@pytest.mark.parametrize("page", ["/", "/web", "/web/login?db=x", "/odoo", "/odoo/action-12/7", "/web#action=3&id=4"])
def test_an_address_that_was_copied_from_the_browser_is_understood(reads: Reads, odoo: OdooStandin, page: str) -> None:
    assert reads(url=f"{odoo.url}{page}", companies=("1", "2")).check().warnings == ()


@versions(15, 19)
def test_a_company_that_is_lost_is_told_in_every_language_and_is_no_missing_right(
    reads: Reads, business: Business
) -> None:
    business.db.language = "de_DE"
    adapter = reads()
    pulled(adapter, "orders")
    business.db.tables["res.users"][2]["company_ids"] = [1]
    with pytest.raises(SourceProblem, match="see a company that it saw before") as caught:
        adapter.reader.labels("delivery.carrier", "name")
    assert "hidden from us" in str(caught.value)
    assert adapter.reader.unreadable == {}
