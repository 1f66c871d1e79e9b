"""Whatever a report has no room for is said: cohorts of long ago, months before those that are shown."""

from datetime import date
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta

from customers.models import CustomerRollup, RollupDay
from tests.reports.asked import answer_of
from tests.reports.world import DAY, NOW, add_customer, open_day

pytestmark = pytest.mark.django_db


def test_cohorts_say_which_are_left_out_and_how_many_customers_they_have() -> None:
    open_day()
    for year in range(2008, 2026):
        add_customer(f"Customer {year}", first_order_on=date(year, 3, 1), order_count=1)
    answer = answer_of("cohorts")
    assert (answer.rows.count(), answer.rows.totals()[1]) == (12, 12)
    note = answer.notes[-1].replace("\u00a0", " ")
    assert "The 12 newest cohorts are shown, and totals are of these" in note
    assert "6 customers with a first order in 2008 to 2013 are left out" in note


def test_the_overdue_trend_tells_how_many_months_there_are_and_how_many_it_shows() -> None:
    open_day()
    rollup = add_customer("Acme", overdue_amount=Decimal(5), overdue_count=1)
    for months in range(1, 31):
        day = DAY - relativedelta(months=months)
        RollupDay.objects.create(as_of=day, current=False, completed_at=NOW)
        CustomerRollup.objects.create(customer=rollup.customer, as_of=day, computed_at=NOW)
    answer = answer_of("overdue-trend")
    assert answer.rows.count() == 24
    assert "Figures are kept of 31 months so far, since 2023-08-10. The last 24 are shown." in answer.notes[0]
