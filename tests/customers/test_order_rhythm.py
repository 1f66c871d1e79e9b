"""The stored rhythm, late amount and standing of a customer, held against a recount in Python."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from random import Random
from statistics import median

import pytest
from dateutil.relativedelta import relativedelta
from django.db.models import Sum

from customers.measures import get_measure
from customers.models import AccountLink, Customer, CustomerRollup, OpenOrder
from customers.rhythm import DAYS_BEYOND_USUAL, TIMES_USUAL, order_days, usual_gap
from integration_hub.models import ErpCustomer, ErpOrder
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY, ago


def days_of(customer, as_of):
    keys = AccountLink.objects.filter(customer=customer).values("erp_customer")
    orders = ErpOrder.objects.live().filter(customer__in=keys).exclude(status__in=("quote", "cancelled"))
    first = as_of - relativedelta(months=24)
    return sorted({day for day in orders.values_list("ordered_on", flat=True) if day and first < day <= as_of})


def rhythm(days, as_of):
    """The usual gap, and the first day beyond it if that is over; None where there are too few days."""
    if len(days) < 3:
        return None, None
    gaps = [(later - day).days for day, later in pairwise(days)]
    gap = int(Decimal(median(gaps)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    quiet = next((day for day in count_days(days[-1]) if is_quiet((day - days[-1]).days, gap)), None)
    return gap, quiet if quiet <= as_of else None


def count_days(start):
    return (start + timedelta(days=number) for number in range(5000))


def is_quiet(since, gap):
    return since > TIMES_USUAL * gap and since > gap + DAYS_BEYOND_USUAL


@pytest.mark.parametrize("as_of", [DAY, ago(130)])
def test_the_stored_rhythm_is_the_median_gap_of_random_orders(figures, as_of):
    rng = Random(7)  # noqa: S311 - the same company every time is the point
    RandomCompany(figures, 11, customers=6)
    for number in range(12):
        customer, day = figures.linked(f"Rhythm {number}", f"9{number}"), ago(rng.randint(0, 400))
        for _ in range(rng.randint(1, 12)):
            figures.order(customer, "10", day, status=rng.choice(("open", "done", "closed", "cancelled", "quote")))
            day -= timedelta(days=rng.choice((0, 1, 7, 8, 30, 61, 200)))
    figures.roll_up()
    figures.roll_up(as_of, current=False)
    found = [
        (rhythm(days_of(each.customer_id, as_of), as_of), (each.order_gap_days, each.quiet_since))
        for each in CustomerRollup.objects.filter(as_of=as_of)
    ]
    assert [stored for _told, stored in found] == [told for told, _stored in found]
    assert len({gap for _told, (gap, _quiet) in found}) > 4
    assert len({quiet for _told, (_gap, quiet) in found}) > 2


@pytest.mark.parametrize(
    ("gaps", "since", "gap", "quiet"),
    [
        ((10, 10), 24, 10, False),
        ((10, 10), 25, 10, True),  # more than 14 days beyond ten
        ((30, 30), 60, 30, False),
        ((30, 30), 61, 30, True),  # more than twice thirty
        ((10, 11), 25, 11, False),  # 10.5 is rounded up
        ((30,), 300, None, False),
    ],
)
def test_a_customer_is_quiet_beyond_twice_its_gap_and_two_weeks(figures, gaps, since, gap, quiet):
    acme, day = figures.linked(), ago(since)
    figures.order(acme, "10", day)
    for step in gaps:
        day -= timedelta(days=step)
        figures.order(acme, "10", day)
    figures.roll_up()
    stored = figures.figures(acme)
    assert (stored.order_gap_days, stored.quiet_since is not None) == (gap, quiet)


def test_kept_open_orders_are_those_of_the_figures(figures):
    """Row by row the same as the measure, so the figures of the book add up from either."""
    company = RandomCompany(figures, 21, customers=8)
    figures.roll_up()
    company._documents(company.customers[0])
    figures.publish(customers=[company.customers[0]])
    everybody = Customer.objects.all()
    for name, kept in (("open_orders_amount", OpenOrder.objects.all()), ("late_orders_amount", late())):
        documents = dict(get_measure(name).documents(everybody, DAY).values_list("key", "counted"))
        assert documents
        assert dict(kept.values_list("order", "open_amount")) == documents, name
    for rollup in CustomerRollup.objects.filter(as_of=DAY):
        total = late().filter(customer=rollup.customer_id).aggregate(total=Sum("open_amount"))["total"]
        assert (total or 0) == rollup.late_orders_amount


def late():
    return OpenOrder.objects.filter(due_on__lt=DAY)


def test_the_page_counts_the_same_days_as_the_roll_up_to_the_edge_of_24_months(figures):
    acme = figures.customer("1")
    edge = DAY - relativedelta(months=24)
    for day in (edge, edge + timedelta(days=1), ago(400), ago(360), ago(30)):
        figures.order(acme, "1", day)
    figures.roll_up()
    stored = CustomerRollup.objects.get(as_of=DAY).order_gap_days
    assert stored == usual_gap(order_days([acme.key], DAY))
    assert order_days([acme.key], DAY)[0] == edge + timedelta(days=1)


class TestCredit:
    def used(self, figures, customer):
        figures.roll_up()
        return figures.figures(customer).credit_used

    def limited(self, figures, limit="1000", currency="USD", **values):
        figures.account("Acme", erp_number="100")
        return figures.customer("100", currency=currency, credit_limit=Decimal(limit), **values)

    def test_is_what_is_open_of_the_limit_in_its_own_currency(self, figures):
        acme = self.limited(figures)
        item = figures.item(acme, "1200", ago(40), ago(10), currency="USD")
        figures.pay(item, "250", ago(5))
        figures.item(acme, "-300", ago(3), None, currency="USD")
        assert self.used(figures, acme) == Decimal("0.95")

    def test_is_unknown_where_something_is_owed_in_another_currency(self, figures):
        acme = self.limited(figures)
        figures.item(acme, "900", ago(40), ago(10), currency="USD")
        figures.item(acme, "1", ago(40), ago(10), currency="EUR")
        assert self.used(figures, acme) is None

    def test_is_unknown_without_a_limit_and_nothing_where_nothing_is_open(self, figures):
        acme = self.limited(figures, limit="0")
        assert self.used(figures, acme) is None
        ErpCustomer.objects.update(credit_limit=Decimal(5))
        assert self.used(figures, acme) == 0

    def test_of_several_erp_customers_the_highest_counts_and_blocked_ones_are_counted(self, figures):
        account = figures.account("Acme")
        for number, share in (("1", "10"), ("2", "80")):
            each = figures.customer(
                number, salesforce_account=account.key, currency="EUR", credit_limit=Decimal(100), blocked=number == "1"
            )
            figures.item(each, share, ago(9), ago(2))
        figures.roll_up()
        stored = figures.figures(account)
        assert (stored.credit_used, stored.blocked_count) == (Decimal("0.8"), 1)
