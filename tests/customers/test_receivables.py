"""Open, overdue and aging, instalment by instalment, on any day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from customers.measures import get_measure
from customers.models import Customer
from tests.customers.world import DAY, ago


@pytest.fixture
def acme(figures):
    return figures.linked("Acme", "100")


@pytest.fixture
def rolled(figures, acme):
    def roll_up(as_of: date = DAY):
        figures.roll_up(as_of)
        return figures.figures(acme, as_of)

    return roll_up


def test_an_item_due_today_is_not_overdue(figures, acme, rolled):
    figures.item(acme, "100.00", ago(31), ago(1))
    figures.item(acme, "200.00", ago(30), DAY)
    rollup = rolled()
    assert (rollup.overdue_amount, rollup.overdue_count, rollup.oldest_overdue_days) == (Decimal(100), 1, 1)
    assert (rollup.open_amount, rollup.aging_not_due) == (Decimal(300), Decimal(200))


def test_only_the_due_instalment_is_overdue(figures, acme, rolled):
    invoice = figures.invoice(acme, "300.00", ago(60), due_on=ago(-30))
    for part, due_on in (("100.00", ago(30)), ("100.00", DAY), ("100.00", ago(-30))):
        figures.item(acme, part, ago(60), due_on, invoice=invoice)
    assert rolled().overdue_amount == Decimal(100)


@pytest.mark.parametrize(
    ("days_late", "bucket"),
    [
        (0, "aging_not_due"),
        (-5, "aging_not_due"),
        (1, "aging_1_30"),
        (30, "aging_1_30"),
        (31, "aging_31_60"),
        (60, "aging_31_60"),
        (61, "aging_61_90"),
        (90, "aging_61_90"),
        (91, "aging_over_90"),
        (4000, "aging_over_90"),
    ],
)
def test_an_item_lies_in_exactly_one_bucket(figures, acme, rolled, days_late, bucket):
    figures.item(acme, "100.00", ago(5000), ago(days_late))
    rollup = rolled()
    buckets = ("not_due", "1_30", "31_60", "61_90", "over_90", "no_due_date")
    filled = {name: value for name in buckets if (value := getattr(rollup, f"aging_{name}"))}
    assert filled == {bucket.removeprefix("aging_"): Decimal(100)}


def test_a_missing_due_date_is_shown_and_not_dropped(figures, acme, rolled):
    figures.item(acme, "100.00", ago(400), None)
    rollup = rolled()
    assert (rollup.open_amount, rollup.aging_no_due_date, rollup.overdue_amount) == (Decimal(100), Decimal(100), 0)


def test_credits_stand_beside_and_reduce_nothing(figures, acme, rolled):
    figures.item(acme, "100.00", ago(40), ago(10))
    figures.item(acme, "-30.00", ago(20), ago(20))
    rollup = rolled()
    assert (rollup.open_amount, rollup.overdue_amount, rollup.credits_amount) == (Decimal(100), Decimal(100), -30)


def test_an_overpaid_item_is_a_credit(figures, acme, rolled):
    figures.pay(figures.item(acme, "100.00", ago(40), ago(10)), "120.00", ago(5))
    rollup = rolled()
    assert (rollup.open_amount, rollup.credits_amount) == (0, Decimal(-20))


def test_a_past_day_sees_the_item_that_was_paid_later(figures, acme, rolled):
    item = figures.item(acme, "100.00", ago(100), ago(70))
    figures.pay(item, "40.00", ago(50))
    figures.pay(item, "60.00", ago(10))
    assert rolled().overdue_amount == 0
    for days, expected in ((9, 0), (10, 0), (11, 60), (50, 60), (51, 100), (70, 0), (71, 0)):
        figures.roll_up(ago(days), current=False)
        assert figures.figures(acme, ago(days)).overdue_amount == Decimal(expected), days


def test_an_item_issued_later_was_not_open_then(figures, acme):
    figures.item(acme, "100.00", ago(10), ago(5))
    figures.roll_up()
    figures.roll_up(ago(11), current=False)
    assert figures.figures(acme, ago(11)).open_amount == 0


def test_a_payment_of_tomorrow_does_not_settle_today(figures, acme, rolled):
    figures.pay(figures.item(acme, "100.00", ago(40), ago(10)), "100.00", DAY + timedelta(days=1))
    assert rolled().overdue_amount == Decimal(100)
    figures.roll_up(DAY + timedelta(days=1))
    assert figures.figures(acme, DAY + timedelta(days=1)).overdue_amount == 0


def test_without_dated_payments_the_open_amount_is_taken_as_it_is(figures, acme, rolled):
    figures.item(acme, "100.00", ago(40), ago(10), dated_allocations=False, open_amount=Decimal("25.50"))
    figures.item(acme, "100.00", ago(40), ago(10), dated_allocations=False, open_amount=Decimal(0))
    assert rolled().overdue_amount == Decimal("25.50")


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_a_draft_or_void_invoice_asks_for_nothing(figures, acme, rolled, status):
    invoice = figures.invoice(acme, "100.00", ago(40), status=status)
    figures.item(acme, "100.00", ago(40), ago(10), invoice=invoice)
    assert rolled().open_amount == 0


def test_an_item_counts_at_the_rate_of_its_invoice(figures, acme, rolled):
    figures.rate("USD", "0.90", ago(100))
    figures.rate("USD", "0.50", ago(20))
    invoice = figures.invoice(acme, "100.00", ago(40), currency="USD")
    figures.item(acme, "100.01", ago(10), ago(5), invoice=invoice, currency="USD")
    figures.item(acme, "100.01", ago(10), ago(5), currency="USD")
    assert rolled().overdue_amount == Decimal("90.01") + Decimal("50.01")


def test_days_to_pay_are_weighted_by_amount(figures, acme, rolled):
    large, small = figures.item(acme, "900.00", ago(60), ago(30)), figures.item(acme, "100.00", ago(60), ago(30))
    figures.pay(large, "900.00", ago(50))
    figures.pay(small, "100.00", ago(10))
    rollup = rolled()
    assert rollup.days_to_pay == Decimal("14.0")
    assert (rollup.paid_days_weighted_12m, rollup.paid_amount_12m) == (Decimal(14000), Decimal(1000))


def test_days_to_pay_look_at_payments_of_12_months_and_at_no_credit_notes(figures, acme, rolled):
    item = figures.item(acme, "300.00", ago(500), ago(470))
    figures.pay(item, "100.00", ago(400))
    figures.pay(item, "100.00", ago(300))
    credit = figures.invoice(acme, "-100.00", ago(299), kind="credit_note")
    figures.pay(item, "100.00", ago(299), credit_note=credit)
    assert rolled().days_to_pay == Decimal("200.0")


def test_there_are_no_days_to_pay_where_nothing_was_paid(figures, acme, rolled):
    figures.item(acme, "300.00", ago(500), ago(470))
    assert rolled().days_to_pay is None


def test_overdue_moves_at_the_change_of_day_without_any_data_changing(figures, acme):
    figures.item(acme, "100.00", ago(30), DAY)
    figures.publish(customers=[acme], changed=["erp_customer", "erp_open_item"])
    assert figures.figures(acme).overdue_amount == 0
    tomorrow = DAY + timedelta(days=1)
    figures.publish(as_of=tomorrow)
    assert figures.figures(acme, tomorrow).overdue_amount == Decimal(100)


def test_the_rows_of_overdue_carry_what_is_open_and_how_late(figures, acme, rolled):
    figures.rate("USD", "0.50")
    item = figures.item(acme, "100.00", ago(40), ago(10), currency="USD")
    figures.pay(item, "40.00", ago(5))
    rolled()
    (row,) = get_measure("overdue_amount").documents(Customer.objects.all(), DAY)
    assert (row.open_now, row.counted, row.days_late) == (Decimal(60), Decimal(30), 10)


@pytest.mark.parametrize(("due_on", "overdue"), [(date.min, 100), (date.max, 0), (date(2024, 2, 29), 100)])
def test_t3_the_first_the_last_and_a_leap_day_make_defined_figures(figures, acme, rolled, due_on, overdue):
    figures.invoice(acme, "10.00", due_on)
    figures.item(acme, "100.00", min(due_on, ago(1)), due_on)
    rollup = rolled()
    assert (rollup.overdue_amount, rollup.open_amount) == (Decimal(overdue), Decimal(100))
    assert rollup.revenue_ytd == 0
    if overdue:
        assert rollup.oldest_overdue_days == (DAY - due_on).days
