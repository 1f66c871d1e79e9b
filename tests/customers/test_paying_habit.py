"""How late a customer usually pays, what is later than that, and the parts of the open amount."""

from decimal import Decimal

import pytest

from customers.measures_receivables import PARTS
from customers.models import Customer
from customers.pages.open_totals import open_totals
from customers.pages.payment_habit import habit, verdict
from tests.customers.world import DAY, ago


@pytest.fixture
def acme(figures):
    return figures.linked("Acme", "100")


def test_days_late_are_weighted_by_amount_and_early_payments_count_against_late_ones(figures, acme):
    for amount, due, paid in (("900.00", 60, 50), ("100.00", 60, 70), ("500.00", None, 20)):
        item = figures.item(acme, amount, ago(90), None if due is None else ago(due))
        figures.pay(item, amount, ago(paid))
    figures.roll_up()
    rollup = figures.figures(acme)
    assert (rollup.late_days_weighted_12m, rollup.paid_due_amount_12m) == (Decimal(8000), Decimal(1000))
    assert rollup.days_late_paid == Decimal("8.0")
    # The one without a due date tells nothing about lateness, but how long it took.
    assert rollup.paid_amount_12m == Decimal(1500)


def test_only_items_later_than_the_habit_are_unusual(figures, acme):
    item = figures.item(acme, "1000.00", ago(90), ago(60))
    figures.pay(item, "1000.00", ago(51))
    for days_late in (3, 9, 10, 40):
        figures.item(acme, "10.00", ago(90), ago(days_late))
    figures.roll_up()
    usual = figures.figures(acme).days_late_paid
    unusual = open_totals(Customer.objects.all(), DAY, usual_days_late=usual).owed.where(unusual=True)
    assert (usual, unusual.count, unusual.counted) == (Decimal(9), 2, Decimal(20))
    assert habit(usual) == "Usually pays 9\u00a0days\u00a0late"
    assert verdict(usual, unusual.count, 4) == "2\u00a0items are later than that"


@pytest.mark.parametrize(
    ("usual", "unusual", "overdue", "words"),
    [
        (None, 0, 0, ("No payment in 12 months tells how this customer pays", "")),
        (None, 0, 1, ("No payment in 12 months tells how this customer pays", "1\u00a0item overdue")),
        (Decimal("0.4"), 0, 0, ("Usually pays on time", "nothing is overdue")),
        (Decimal("-3.0"), 1, 1, ("Usually pays 3\u00a0days\u00a0early", "1\u00a0item is later than that")),
        (Decimal(1), 0, 2, ("Usually pays 1\u00a0day\u00a0late", "what is overdue is within that habit")),
    ],
)
def test_the_habit_is_said_in_words(usual, unusual, overdue, words):
    assert (habit(usual), verdict(usual, unusual, overdue)) == words


def test_every_open_item_is_in_exactly_one_part(figures, acme):
    figures.item(acme, "1.00", ago(90), ago(-8))
    figures.item(acme, "2.00", ago(90), None)
    figures.item(acme, "4.00", ago(90), ago(-7))
    figures.item(acme, "8.00", ago(90), DAY)
    figures.item(acme, "16.00", ago(90), ago(1), disputed=True)
    figures.item(acme, "32.00", ago(90), None, disputed=True)
    figures.item(acme, "999.99", ago(90), ago(1))
    figures.item(acme, "1000.00", ago(90), ago(1))
    figures.item(acme, "-5.00", ago(90), ago(1))
    figures.roll_up()
    rollup = figures.figures(acme)
    parts = {measure.name: getattr(rollup, measure.name) for measure in PARTS}
    assert parts == {
        "due_later_amount": Decimal(3),
        "due_soon_amount": Decimal(12),
        "disputed_amount": Decimal(48),
        "overdue_small_amount": Decimal("999.99"),
        "overdue_large_amount": Decimal(1000),
    }
    assert sum(parts.values()) == rollup.open_amount
    counts = open_totals(Customer.objects.all(), DAY).owed
    assert [counts.where(part=name).counted for name in parts] == list(parts.values())


def test_a_payment_without_a_rate_is_listed_and_in_no_total(figures, acme):
    figures.payment(acme, "50.00", ago(5))
    figures.payment(acme, "70.00", ago(5), currency="XAU")
    figures.payment(acme, "90.00", ago(-5))
    figures.roll_up()
    rollup = figures.figures(acme)
    assert (rollup.unallocated_amount, rollup.not_converted_count) == (Decimal(50), 1)
