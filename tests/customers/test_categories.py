"""Revenue by product category adds up to the revenue, whatever the data, and says when somebody stopped buying."""

import os
from datetime import date, timedelta
from decimal import Decimal

import pytest

from customers.calendar import periods
from customers.categories import (
    NOT_BY_LINE,
    CategoryFigures,
    category_lines,
    figures_of_documents,
)
from customers.measures import get_measure
from customers.models import AccountLink, Customer, CustomerCategory, CustomerRollup
from customers.publishing import recompute_all
from customers.rhythm import usual_gap
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY, ago

SEEDS = range(int(os.environ.get("FIGURE_SEEDS", "3")))
EVERY = 10_000


@pytest.mark.parametrize("seed", SEEDS)
def test_categories_add_up_to_the_revenue_and_each_to_its_lines(figures, seed):
    RandomCompany(figures, seed, customers=16)
    figures.roll_up()
    seen = set()
    for rollup in CustomerRollup.objects.filter(as_of=DAY):
        keys = list(AccountLink.objects.filter(customer=rollup.customer_id).values_list("erp_customer", flat=True))
        rows = list(CustomerCategory.objects.filter(customer=rollup.customer_id))
        for name in ("revenue_12m", "revenue_prior_12m"):
            period = get_measure(name).period(DAY)
            assert period is not None
            assert sum(getattr(row, name) for row in rows) == getattr(rollup, name)
            for row in rows:
                found = category_lines(keys, period, row.category, most=EVERY)
                assert found.total == getattr(row, name), (row.category, name)
                assert found.total == sum(line.counted for line in found.lines)
                assert found.count == len(found.lines)
        seen |= {row.category for row in rows if row.revenue_12m or row.revenue_prior_12m}
    assert NOT_BY_LINE in seen
    assert len(seen) >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_from_the_documents_are_those_that_are_stored(figures, seed):
    RandomCompany(figures, seed, customers=6)
    figures.roll_up()
    both = periods(DAY)
    for customer in Customer.objects.filter(gone_at=None):
        keys = list(AccountLink.objects.filter(customer=customer).values_list("erp_customer", flat=True))
        stored = {
            CategoryFigures(
                row.category, row.revenue_12m, row.revenue_prior_12m, row.first_on, row.last_on, row.usual_gap
            )
            for row in CustomerCategory.objects.filter(customer=customer).exclude(category=NOT_BY_LINE)
        }
        made = {
            row
            for row in figures_of_documents(keys, both["last_12_months"], both["prior_12_months"])
            if row.category != NOT_BY_LINE
        }
        assert made == stored


def test_lines_of_a_foreign_invoice_share_its_rounding(figures):
    customer = figures.linked()
    figures.rate("USD", "0.9137")
    invoice = figures.invoice(customer, "1.00", ago(5), currency="USD")
    for name in ("Hoses", "Pumps", ""):
        product = figures.product(name, category=name) if name else None
        figures.invoice_line(invoice, "0.33" if name else "0.34", product=product)
    figures.roll_up()
    stored = dict(CustomerCategory.objects.values_list("category", "revenue_12m"))
    assert sorted(stored) == ["Hoses", "Pumps", "Without a product"]
    assert sum(stored.values()) == figures.figures(customer).revenue_12m == Decimal("0.91")


def bought(figures, customer, product, *days):
    for number_of_days in days:
        invoice = figures.invoice(customer, "100", ago(number_of_days))
        figures.invoice_line(invoice, "100", product=product)


def test_stopped_is_more_than_twice_the_own_usual_gap(figures):
    customer = figures.linked()
    for name, last in (("Weekly", 15), ("Yearly", 200)):
        product = figures.product(name, category=name)
        gap = {"Weekly": 7, "Yearly": 180}[name]
        bought(figures, customer, product, last, last + gap, last + 2 * gap)
    figures.roll_up()
    weekly, yearly = CustomerCategory.objects.order_by("category")
    assert (weekly.usual_gap, yearly.usual_gap) == (7, 180)
    both = periods(DAY)
    found = figures_of_documents([customer.key], both["last_12_months"], both["prior_12_months"])
    made = {row.category: row for row in found}
    assert made["Weekly"].stopped(DAY)
    assert not made["Weekly"].stopped(DAY - timedelta(days=1))
    assert not made["Yearly"].stopped(DAY)


def test_two_days_of_buying_make_no_rhythm():
    days = [date(2026, 1, 1), date(2026, 1, 8), date(2026, 2, 1), date(2026, 2, 2)]
    assert usual_gap(days[:2]) is None
    assert usual_gap(days[:3]) == 16  # the median of 7 and 24 is 15.5, rounded half up
    assert usual_gap(days) == 7


def test_a_category_that_left_the_24_months_leaves_the_table(figures):
    customer = figures.linked()
    bought(figures, customer, figures.product("P", category="Pumps"), 700)
    figures.roll_up()
    assert CustomerCategory.objects.get().revenue_prior_12m == Decimal(100)
    recompute_all(DAY + timedelta(days=100), current=True)
    assert not CustomerCategory.objects.exists()
