"""Invoices as the ledger has them: kinds, states, rates, instalments, and what settled them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.erp.tryton.books import ADVANCE, RECEIVABLE, REVENUE, Books
from tests.erp.tryton.conftest import Reader, Rows
from tests.erp.tryton.little_tryton import LittleTryton

DAY = date(2026, 2, 10)
HALVES = (("0.5", date(2026, 3, 1)), ("0.5", date(2026, 4, 1)))


def only(rows: Rows, key: str) -> dict[str, str | None]:
    (found,) = [row for row in rows if row["key"] == key]
    return found


def opened(rows: Rows) -> list[tuple[str | None, str | None]]:
    return [(row["due_on"], row["open_amount"]) for row in rows]


def test_a_part_payment_is_taken_off_the_oldest_instalment_and_the_invoice_is_part_paid(
    books: Books, reader: Reader
) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE), due=HALVES)
    first = books.pay(date(2026, 2, 20), "30.00", invoice=invoice)
    second = books.pay(date(2026, 2, 25), "40.00", invoice=invoice)

    found = reader.read("invoices")

    assert found["invoices"][0]["status"] == "part_paid"
    assert found["invoices"][0]["due_on"] == "2026-04-01"
    assert opened(found["open_items"]) == [("2026-03-01", "0.00"), ("2026-04-01", "40.00")]
    settled = [(row["payment"], row["allocated_on"], Decimal(row["amount"] or "")) for row in found["allocations"]]
    assert settled == [
        (str(first), "2026-02-20", Decimal(30)),
        (str(second), "2026-02-25", Decimal(25)),
        (str(second), "2026-02-25", Decimal(15)),
    ]
    assert len({row["key"] for row in found["allocations"]}) == 3


def test_an_invoice_that_a_credit_note_took_back_is_reversed_and_both_stay(books: Books, reader: Reader) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE), origins=("sale.line,7",))
    line = books.get("account.invoice", invoice)["lines"][0]
    note = books.invoice(date(2026, 3, 5), ("-100.00", REVENUE), origins=(f"account.invoice.line,{line}",))
    books.get("account.invoice", invoice).update(
        state="cancelled", cancel_move=books.get("account.invoice", note)["move"]
    )
    books.get("account.invoice", note)["state"] = "paid"
    books.reconcile(*books.items(invoice), *books.items(note))

    found = reader.read("invoices")

    assert reader.keys("invoices") == [str(invoice), str(note)]
    assert [(row["kind"], row["status"], row["gross_amount"]) for row in found["invoices"]] == [
        ("invoice", "reversed", "110.00"),
        ("credit_note", "paid", "-110.00"),
    ]
    assert found["invoices"][1]["reverses"] == str(invoice)
    assert [row["order_line"] for row in found["invoice_lines"]] == ["7", "7"]
    assert [(row["credit_note"], row["amount"], row["allocated_on"]) for row in found["allocations"]] == [
        (str(note), "110.00", "2026-03-05"),
        (None, "-110.00", "2026-03-05"),
    ]


def test_a_cancellation_without_a_credit_note_becomes_a_document_that_offsets_it(books: Books, reader: Reader) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE))
    (owed,) = books.items(invoice)
    taken_back = [
        {"account": RECEIVABLE, "party": 2, "debit": Decimal("-110.00"), "credit": Decimal(0)},
        {"account": REVENUE, "debit": Decimal(0), "credit": Decimal("-100.00")},
    ]
    cancel = books.entry(date(2026, 4, 2), 1, *taken_back, origin="account.move,1")
    books.get("account.invoice", invoice).update(state="cancelled", cancel_move=cancel)
    books.reconcile(owed, *books.receivable(cancel))

    found = reader.read("invoices")

    key = f"cancel-{invoice}"
    assert reader.keys("invoices") == [str(invoice), key]
    offset = only(found["invoices"], key)
    assert only(found["invoices"], str(invoice))["status"] == "reversed"
    assert (offset["kind"], offset["status"], offset["reverses"]) == ("credit_note", "paid", str(invoice))
    assert (offset["posted_on"], offset["net_amount"]) == ("2026-04-02", "-100.00")
    assert [(row["invoice"], row["net_amount"], row["quantity"]) for row in found["invoice_lines"]] == [
        (str(invoice), "100.00", "1.0"),
        (key, "-100.00", "-1.0"),
    ]
    assert sum(Decimal(row["amount"] or "") for row in found["open_items"]) == 0
    assert {row["credit_note"] for row in found["allocations"]} == {key, None}
    again = reader.read("invoices", keys=[key])
    assert [row["key"] for row in again["invoices"]] == [str(invoice), key]


@pytest.mark.parametrize("state", ["draft", "validated"])
def test_what_is_not_posted_is_a_draft_and_owes_nothing(books: Books, reader: Reader, state: str) -> None:
    books.invoice(DAY, ("100.00", REVENUE), state=state, number=None)
    found = reader.read("invoices")
    assert (found["invoices"][0]["status"], found["invoices"][0]["state"]) == ("draft", state)
    assert found["open_items"] == []


def test_a_cancelled_draft_is_void(books: Books, reader: Reader) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE), state="draft", number=None)
    books.get("account.invoice", invoice)["state"] = "cancelled"
    assert [row["status"] for row in reader.read("invoices")["invoices"]] == ["cancelled"]


def test_only_lines_on_revenue_accounts_are_revenue(books: Books, reader: Reader) -> None:
    books.invoice(DAY, ("30.00", ADVANCE))
    books.invoice(DAY, ("100.00", REVENUE), ("-30.00", ADVANCE))
    found = reader.read("invoices")
    assert [row["kind"] for row in found["invoices"]] == ["down_payment", "invoice"]
    assert [row["kind"] for row in found["invoice_lines"]] == ["down_payment", "goods", "down_payment"]


def test_comments_and_subtotals_carry_no_amount(books: Books, reader: Reader) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE))
    for kind in ("comment", "subtotal"):
        line = books.add(
            "account.invoice.line", invoice=invoice, type=kind, amount=Decimal(100), sequence=None, product=None,
            quantity=None, account=None, origin=None, description=kind, unit=None, unit_price=None, stock_moves=[],
        )  # fmt: skip
        books.get("account.invoice", invoice)["lines"].append(line)
    lines = reader.read("invoices")["invoice_lines"]
    assert [(row["kind"], row["net_amount"]) for row in lines] == [("goods", "100.00"), ("text", None), ("text", None)]


def test_a_foreign_invoice_has_the_rate_at_which_the_ledger_booked_its_revenue(books: Books, reader: Reader) -> None:
    books.invoice(DAY, ("33.33", REVENUE), ("33.33", REVENUE), ("33.33", REVENUE), rate="0.6251")
    (row,) = reader.read("invoices")["invoices"]
    booked = 3 * (Decimal("33.33") * Decimal("0.6251")).quantize(Decimal("0.01"))
    assert (Decimal("99.99") * Decimal(row["exchange_rate"] or "")).quantize(Decimal("0.01")) == booked
    assert (row["currency.code"], row["company.currency.code"]) == ("USD", "EUR")


def test_a_foreign_draft_has_the_rate_of_its_day(books: Books, reader: Reader) -> None:
    books.invoice(date(2026, 1, 25), ("100.00", REVENUE), state="draft", currency=2)
    assert reader.read("invoices")["invoices"][0]["exchange_rate"] == "0.6250000000"


def test_a_foreign_invoice_paid_in_full_is_paid_although_a_difference_of_exchange_stays_open(
    books: Books, reader: Reader
) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE), rate="0.8")
    books.pay(date(2026, 3, 1), "110.00", invoice=invoice, rate="0.7")
    found = reader.read("invoices")
    assert (found["invoices"][0]["status"], found["invoices"][0]["state"]) == ("paid", "posted")
    assert Decimal(found["open_items"][0]["open_amount"] or "") == 0


def test_an_instalment_that_was_put_off_is_owed_on_its_new_day_only(books: Books, reader: Reader) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE), due=HALVES)
    first, _ = books.items(invoice)
    side = {"account": RECEIVABLE, "party": 2}
    later = {**side, "debit": Decimal("55.00"), "maturity_date": date(2026, 6, 1)}
    moved = books.entry(DAY, 4, {**side, "credit": Decimal("55.00")}, later, origin=f"account.invoice,{invoice}")
    books.get("account.invoice", invoice)["additional_moves"].append(moved)
    books.reconcile(first, books.receivable(moved)[0])

    found = reader.read("invoices")

    assert sorted(opened(found["open_items"])) == [("2026-04-01", "55.00"), ("2026-06-01", "55.00")]
    assert found["allocations"] == []
    assert reader.read("payments")["payments"] == []


def test_what_was_written_off_settles_without_being_a_payment(books: Books, reader: Reader) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE))
    money = books.pay(date(2026, 2, 20), "108.00", invoice=invoice)
    rest = books.pay(date(2026, 2, 21), "2.00", journal=3)
    books.reconcile(*books.items(invoice), money, rest)

    found, payments = reader.read("invoices"), reader.read("payments")["payments"]

    assert [(row["payment"], row["amount"]) for row in found["allocations"]] == [
        (str(money), "108.00"),
        (None, "2.00"),
    ]
    assert [(row["key"], row["amount"], row["unallocated_amount"]) for row in payments] == [(str(money), "108.00", "0")]


def test_money_that_settles_nothing_is_unallocated_and_refunds_are_negative(books: Books, reader: Reader) -> None:
    books.pay(date(2026, 2, 20), "50.00")
    books.pay(date(2026, 2, 21), "-20.00")
    books.pay(date(2026, 2, 22), "9.00", rate="0.8")
    payments = reader.read("payments")["payments"]
    assert [(row["amount"], row["unallocated_amount"], row["currency"]) for row in payments] == [
        ("50.00", "50.00", "EUR"),
        ("-20.00", "-20.00", "EUR"),
        ("9.00", "9.00", "USD"),
    ]
    assert reader.keys("payments") == [row["key"] for row in payments]


def test_payments_tied_to_many_invoices_close_each_of_them_in_its_own_amount(books: Books, reader: Reader) -> None:
    invoices = [books.invoice(date(2026, 2, day), (f"{day}0.00", REVENUE)) for day in (1, 2, 3)]
    money = [books.pay(date(2026, 3, day), amount) for day, amount in ((1, "16.00"), (2, "50.00"))]
    books.reconcile(*(line for each in invoices for line in books.items(each)), *money)

    found = reader.read("invoices")

    assert {row["status"] for row in found["invoices"]} == {"paid"}
    settled = [(row["invoice"], row["payment"], Decimal(row["amount"] or "")) for row in found["allocations"]]
    assert settled == [
        (str(invoices[0]), str(money[0]), Decimal(11)),
        (str(invoices[1]), str(money[0]), Decimal(5)),
        (str(invoices[1]), str(money[1]), Decimal(17)),
        (str(invoices[2]), str(money[1]), Decimal(33)),
    ]


def test_supplier_invoices_are_not_read(books: Books, reader: Reader, tryton: LittleTryton) -> None:
    books.invoice(DAY, ("100.00", REVENUE), type="in")
    assert reader.read("invoices")["invoices"] == []
    assert reader.keys("invoices") == []


def test_state_and_rate_are_right_where_lines_and_items_are_not_wanted(books: Books, reader: Reader) -> None:
    invoice = books.invoice(DAY, ("100.00", REVENUE), rate="0.8")
    books.pay(date(2026, 2, 20), "30.00", invoice=invoice, rate="0.8")
    kept = tuple(stream for stream in reader.config.streams if not stream.within)
    reader.config = replace(reader.config, streams=kept)
    found = reader.read("invoices")
    assert set(found) == {"invoices"}
    assert (found["invoices"][0]["status"], found["invoices"][0]["exchange_rate"]) == ("part_paid", "0.8000000000")
