"""Every stored figure is the sum of its documents, to the cent: one customer, all customers, any day, any data."""

import os
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.models import Max, Min, Sum

from customers.measures import MEASURES, not_converted
from customers.measures_receivables import PARTS
from customers.models import Customer, CustomerCategory, CustomerMonth, CustomerRollup
from integration_hub.models import ErpInvoice, ErpOrder
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY

# More companies than every build tries: FIGURE_SEEDS=50.
SEEDS = range(int(os.environ.get("FIGURE_SEEDS", "3")))
PAST = DAY - timedelta(days=130)
BUCKETS = [name for name in MEASURES if name.startswith("aging_")]
PARTS_OF_OPEN = [measure.name for measure in PARTS]
SIMPLE = [measure for measure in MEASURES.values() if measure.kind != "ratio"]
RATIOS = [measure for measure in MEASURES.values() if measure.kind == "ratio"]


def of_documents(measure, customers, as_of):
    """The figure as its documents make it."""
    function = {"min": Min, "max": Max}.get(measure.kind, Sum)
    found = measure.documents(customers, as_of).aggregate(total=function("counted"))["total"]
    return found if measure.kind in {"min", "max"} else found or Decimal(0)


def assert_all_agree(as_of: date) -> None:
    rollups = CustomerRollup.objects.filter(as_of=as_of)
    assert rollups
    for rollup in rollups:
        customer = Customer.objects.filter(pk=rollup.customer_id)
        stored = {measure.name: measure.value(rollup) for measure in SIMPLE}
        assert stored == {measure.name: of_documents(measure, customer, as_of) for measure in SIMPLE}
        assert sum(getattr(rollup, name) for name in BUCKETS) == rollup.open_amount
        assert sum(getattr(rollup, name) for name in PARTS_OF_OPEN) == rollup.open_amount
        unconverted = {kind: rows.count() for kind, rows in not_converted(customer, as_of).items()}
        assert rollup.not_converted_count == sum(unconverted.values()), unconverted
        for ratio in RATIOS:
            numerator, denominator = getattr(rollup, ratio.numerator), getattr(rollup, ratio.denominator)
            assert ratio.value(rollup) == ratio.ratio(numerator, denominator), ratio.name


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_today_and_on_a_past_day_is_the_sum_of_its_documents(figures, seed):
    RandomCompany(figures, seed)
    figures.roll_up()
    figures.roll_up(PAST, current=False)
    assert_all_agree(DAY)
    assert_all_agree(PAST)


def test_all_customers_together_make_the_total_of_the_mirror(figures):
    RandomCompany(figures, 101, customers=10)
    figures.roll_up()
    sums = CustomerRollup.objects.filter(as_of=DAY, customer__gone_at=None).aggregate(
        **{measure.name: Sum(measure.column) for measure in SIMPLE if measure.kind in {"sum", "count"}}
    )
    everybody = Customer.objects.all()
    for name, total in sums.items():
        assert total == of_documents(MEASURES[name], everybody, DAY), name
    counting = ErpInvoice.objects.live().filter(revenue_on__range=(date(2026, 1, 1), DAY))
    counting = counting.exclude(status__in=("draft", "cancelled")).exclude(kind="down_payment")
    assert sums["revenue_ytd"] == counting.aggregate(total=Sum("reporting_amount"))["total"] or 0
    orders = ErpOrder.objects.live().exclude(status="quote").filter(ordered_on__lte=DAY)
    assert sums["orders_received_count"] == orders.count()


def test_months_add_up_to_what_is_converted_up_to_the_day(figures):
    RandomCompany(figures, 102)
    figures.roll_up()
    for rollup in CustomerRollup.objects.filter(as_of=DAY):
        months = CustomerMonth.objects.filter(customer=rollup.customer_id)
        this_year = months.filter(month__gte=date(2026, 1, 1)).aggregate(revenue=Sum("revenue"))
        assert (this_year["revenue"] or 0) == rollup.revenue_ytd
        last_year = months.filter(month__range=(date(2025, 1, 1), date(2025, 12, 1)))
        assert (last_year.aggregate(total=Sum("revenue"))["total"] or 0) == rollup.revenue_last_year
        assert (months.aggregate(total=Sum("order_intake"))["total"] or 0) == rollup.order_intake


@pytest.mark.parametrize("seed", SEEDS)
def test_recomputing_what_was_touched_gives_the_same_as_recomputing_everything(figures, seed):
    company = RandomCompany(figures, seed)
    figures.roll_up()
    touched = company.customers[:2]
    for customer in touched:
        company._documents(customer)
    figures.publish(customers=touched, accounts=company.accounts[:1])
    incremental = _everything()
    figures.roll_up()
    assert incremental == _everything()


def _everything():
    rollups = CustomerRollup.objects.order_by("customer", "as_of").values()
    months = CustomerMonth.objects.order_by("customer", "month").values()
    categories = CustomerCategory.objects.order_by("customer", "category").values()
    smaller = [_without(row, "id") for row in (*months, *categories)]
    return [_without(row, "id", "computed_at") for row in rollups], smaller


def _without(row, *names):
    return {name: value for name, value in row.items() if name not in names}


def test_the_random_companies_exercise_every_figure(figures):
    """A property test proves nothing of a figure that is always zero."""
    RandomCompany(figures, 103, customers=40)
    figures.roll_up()
    rollups = list(CustomerRollup.objects.all())
    idle = {measure.name for measure in MEASURES.values() if not any(measure.value(row) for row in rollups)}
    assert idle == set()
