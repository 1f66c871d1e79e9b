"""Master data, orders, deliveries and rates; what is asked after a change; keys."""

import base64
import json
from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.erp.tryton.books import REVENUE, START, Books
from tests.erp.tryton.conftest import Reader
from tests.erp.tryton.little_tryton import LittleTryton

LATER = START + timedelta(days=2)
SINCE = LATER.replace(tzinfo=UTC)


def sale(books: Books, *nets: str, **values: Any) -> int:
    """An order with a line of each net amount, and a subtotal."""
    total = sum((Decimal(net) for net in nets), Decimal(0))
    order = books.add("sale.sale", **{
        "number": "S1", "reference": "PO", "company": 1, "party": 2, "sale_date": date(2026, 1, 10), "currency": 1,
        "state": "processing", "untaxed_amount": total, "total_amount": total, "lines": [], **values})  # fmt: skip
    for net, kind in [*((net, "line") for net in nets), (str(total), "subtotal")]:
        line = books.add("sale.line", sale=order, sequence=None, type=kind, amount=Decimal(net), product=1,
            description="Pump", quantity=2.0, unit=1, unit_price=Decimal(net) / 2)  # fmt: skip
        books.get("sale.sale", order)["lines"].append(line)
    return order


def shipment(books: Books, order_line: int, quantity: float, *, back: bool = False, **values: Any) -> int:
    """A shipment of one order line by way of the output zone, or a return."""
    model = "stock.shipment.out.return" if back else "stock.shipment.out"
    number = books.add(model, **{"number": "D1", "company": 1, "customer": 2, "planned_date": date(2026, 1, 12),
        "effective_date": date(2026, 1, 13), "state": "done", "moves": [], **values})  # fmt: skip
    order = books.get("sale.line", order_line)["sale"]
    inside, outside = (2, 1) if back else (1, 2)
    for start, end, state in ((1, 1, "done"), (inside, outside, "done"), (inside, outside, "cancelled")):
        move = books.add("stock.move", shipment=f"{model},{number}", origin=f"sale.line,{order_line}",
            quantity=quantity, sale=order, product=1, unit=1, from_location=start, to_location=end,
            state=state)  # fmt: skip
        books.get(model, number)["moves"].append(move)
    return number


def test_an_order_brings_its_lines_and_only_lines_with_an_amount_have_one(books: Books, reader: Reader) -> None:
    order = sale(books, "10.00", "5.55", currency=2)
    found = reader.read("orders")
    (row,) = found["orders"]
    assert (row["key"], row["untaxed_amount"], row["company.currency.code"]) == (str(order), "15.55", "EUR")
    assert row["exchange_rate"] == "0.8000000000"  # 1 EUR is 1.25 USD on that day
    assert [(line["position"], line["kind"], line["net_amount"]) for line in found["order_lines"]] == [
        ("1", "goods", "10.00"),
        ("2", "goods", "5.55"),
        ("3", "text", None),
    ]


def test_a_delivery_holds_what_leaves_to_the_customer_and_a_return_comes_with_negative_quantities(
    books: Books, reader: Reader
) -> None:
    order = sale(books, "10.00")
    shipment(books, 1, 3.0)
    shipment(books, 1, 1.0, back=True)

    found = reader.read("deliveries")

    assert [(row["key"], row["order"], row["is_return"]) for row in found["deliveries"]] == [
        ("1", str(order), "false"),
        ("return-1", str(order), "true"),
    ]
    assert [(row["delivery"], row["order_line"], row["quantity"]) for row in found["delivery_lines"]] == [
        ("1", "1", "3.0"),
        ("return-1", "1", "-1.0"),
    ]
    assert reader.keys("deliveries") == ["1", "return-1"]
    assert [row["key"] for row in reader.read("deliveries", keys=["return-1"])["deliveries"]] == ["return-1"]
    assert [row["key"] for row in reader.read("deliveries", place="1/0")["deliveries"]] == ["return-1"]


def test_suppliers_are_left_out_by_a_condition_on_the_customers(books: Books, reader: Reader) -> None:
    supplier = books.add("party.party", code="S1", name="Steel mill", active=True)
    everybody = reader.keys("customers")
    assert str(supplier) in everybody
    stream = reader.stream("customers", where='[["code", "!=", "S1"]]')
    kept = [key for part in reader.adapter().keys(stream) for key in part]
    assert kept == [key for key in everybody if key != str(supplier)]


def test_contacts_are_persons_of_a_customer_and_no_customers_until_they_are_billed(
    books: Books, reader: Reader
) -> None:
    customers = reader.read("customers")["customers"]
    (contact,) = reader.read("contacts")["contacts"]
    assert [(row["key"], row["street"], row["active"]) for row in customers] == [
        ("1", "Bill street", "true"),
        ("2", "Bill street", "true"),
    ]
    assert (contact["from_"], contact["to.name"], contact["type.name"]) == ("2", "Eva Adler", "Contact")

    books.invoice(date(2026, 2, 1), ("1.00", REVENUE), party=3)
    assert reader.keys("customers") == ["1", "2", "3"]


def test_rates_are_company_currency_per_unit_on_every_day_on_which_either_side_was_set(
    books: Books, reader: Reader
) -> None:
    books.add("company.company", party=1, currency=2, timezone=None)
    rates = reader.read("rates")["rates"]
    assert [(row["key"], row["rate"]) for row in rates] == [
        ("USD-EUR-2026-01-01", "0.8000000000"),
        ("USD-EUR-2026-01-20", "0.6250000000"),
        ("EUR-USD-2026-01-01", "1.2500000000"),
        ("EUR-USD-2026-01-20", "1.6000000000"),
    ]
    assert reader.keys("rates") == [row["key"] for row in rates]
    assert reader.read("rates", since=SINCE)["rates"] == []
    books.touch("currency.currency.rate", 3, LATER, rate=Decimal(2))
    changed = {row["rate"]: row["source_modified_at"] for row in reader.read("rates", since=SINCE)["rates"]}
    assert changed["0.5000000000"] == "2026-03-03T08:00:00.123456Z"
    assert changed["0.8000000000"] != changed["0.5000000000"]


def test_after_a_change_of_a_line_alone_its_document_comes_again(books: Books, reader: Reader) -> None:
    sale(books, "10.00")
    second = sale(books, "20.00")
    shipment(books, 1, 3.0)
    invoice = books.invoice(date(2026, 2, 1), ("100.00", REVENUE))
    for name in ("orders", "deliveries", "invoices", "payments", "products", "customers", "contacts", "companies"):
        assert reader.read(name, since=SINCE)[name] == [], name

    books.touch("sale.line", books.get("sale.sale", second)["lines"][0], LATER, description="Other words")
    books.touch("stock.move", 2, LATER, quantity=1.0)
    books.touch("account.invoice.line", 1, LATER, description="Other words")
    (item,) = books.items(invoice)

    for name, key in (("orders", str(second)), ("deliveries", "1"), ("invoices", str(invoice))):
        (row,) = reader.read(name, since=SINCE)[name]
        assert (row["key"], row["source_modified_at"]) == (key, "2026-03-03T08:00:00.123456Z"), name
    books.touch("account.invoice.line", 1, START)
    books.touch("account.move.line", item, LATER, reconciliation=None)
    assert [row["key"] for row in reader.read("invoices", since=SINCE)["invoices"]] == [str(invoice)]


def test_what_was_written_at_the_very_instant_of_the_cursor_is_read(books: Books, reader: Reader) -> None:
    order = sale(books, "10.00")
    books.touch("sale.sale", order, LATER)
    assert len(reader.read("orders", since=SINCE)["orders"]) == 1
    assert reader.read("orders", since=SINCE + timedelta(microseconds=1))["orders"] == []


def test_archived_records_are_asked_for(tryton: LittleTryton, reader: Reader) -> None:
    reader.read("customers")
    sent = base64.urlsafe_b64decode(tryton.asked[-1].headers["X-Tryton-Context"])
    assert json.loads(sent) == {"active_test": False, "company": 1}


def test_pages_go_by_id_and_an_interrupted_pull_goes_on_behind_the_last_page(
    books: Books, reader: Reader, tryton: LittleTryton
) -> None:
    orders = [str(sale(books, f"{number}.00")) for number in range(1, 6)]
    small = replace(reader.config, page_rows=2)
    reader.config = small
    found = reader.read("orders")
    assert [row["key"] for row in found["orders"]] == orders
    assert len(found["order_lines"]) == 10
    assert [row["key"] for row in reader.read("orders", place="0/2")["orders"]] == orders[2:]


def test_many_keys_are_asked_for_in_addresses_of_moderate_length(
    books: Books, reader: Reader, tryton: LittleTryton
) -> None:
    order = sale(books, "10.00")
    keys = [str(number) for number in range(100_000, 101_000)]
    assert [row["key"] for row in reader.read("orders", keys=[*keys, str(order), "no-key"])["orders"]] == [str(order)]
    assert max(len(asked.query) for asked in tryton.asked) < 4000


def test_a_text_of_a_million_characters_passes_through(books: Books, reader: Reader) -> None:
    sale(books, "10.00")
    text = "ä<\t\n" * 250_000
    books.get("sale.line", 1)["description"] = text
    assert reader.read("orders")["order_lines"][0]["description"] == text


@pytest.mark.parametrize("named", ["2", "Adler <GmbH>"])
def test_only_documents_of_the_named_companies_are_read(books: Books, reader: Reader, named: str) -> None:
    books.add("company.company", party=2, currency=2, timezone=None)
    books.add("account.account", type=1, company=2)
    sale(books, "10.00")
    other = sale(books, "20.00", company=2)
    reader.config = replace(reader.config, companies=(named,))
    assert [row["key"] for row in reader.read("orders")["orders"]] == [str(other)]
    assert reader.keys("orders") == [str(other)]
    assert [row["key"] for row in reader.read("companies")["companies"]] == ["2"]


def test_a_field_of_ones_own_is_read_where_this_tryton_has_it_and_named_where_not(books: Books, reader: Reader) -> None:
    stream = reader.stream("customers")
    columns = {**stream.columns, "salesforce_account": replace(stream.columns["name"], source=("no_such_field",))}
    can = reader.adapter().capabilities(replace(stream, columns=columns))
    assert "no_such_field" in can.columns
    assert any("no_such_field" in line for line in can.missing)
    assert can.fields["name"] == "char"
    assert (can.cursor, can.granularity, can.deletes) == ("modified", "instant", "sweep")


@pytest.mark.parametrize("companies", [(), ("1",)])
def test_keys_of_lines_are_those_that_come_with_their_documents(
    books: Books, reader: Reader, companies: tuple[str, ...]
) -> None:
    reader.config = replace(reader.config, companies=companies)
    sale(books, "10.00", "20.00")
    shipment(books, 1, 3.0)
    shipment(books, 1, 1.0, back=True)
    invoice = books.invoice(date(2026, 2, 1), ("100.00", REVENUE))
    books.invoice(date(2026, 2, 1), ("100.00", REVENUE), type="in")
    books.pay(date(2026, 2, 20), "40.00", invoice=invoice)
    void = books.invoice(date(2026, 2, 2), ("7.00", REVENUE))
    books.get("account.invoice", void).update(state="cancelled", cancel_move=books.entry(date(2026, 2, 3), 1))

    for name in ("orders", "deliveries", "invoices"):
        found = reader.read(name)
        assert len(found) > 1
        for each, rows in found.items():
            assert sorted(reader.keys(each)) == sorted(str(row["key"]) for row in rows), each
    assert f"cancel-{books.get('account.invoice', void)['lines'][0]}" in reader.keys("invoice_lines")
    can = reader.adapter().capabilities(reader.stream("order_lines"))
    assert (can.columns[0], can.cursor) == ("key", "none")
