"""One ERP customer shared over several accounts: the parts make its total to the cent, whatever is shared and when."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Sum

from customers.deciding.sharing import Row, share
from customers.models import (
    AccountLinkPeriod,
    Customer,
    CustomerRollup,
    OpenOrder,
)
from customers.publishing import recompute_all
from integration_hub.models import ErpDelivery, ErpOrder
from tests.customers.random_company import RandomCompany
from tests.customers.test_measures_add_up import SEEDS, SIMPLE, assert_all_agree, of_documents
from tests.customers.world import DAY

SUMS = [measure for measure in SIMPLE if measure.kind == "sum"]
PAST = DAY - timedelta(days=130)


@pytest.fixture
def iris(db):
    user = User.objects.create_user("iris", first_name="Iris", last_name="Wolf")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def by_per_cent(*rows):
    return tuple(Row(account.key, per_cent=Decimal(per_cent)) for account, per_cent in rows)


def by_ship_to(*rows):
    return tuple(Row(account.key, ship_to=party.key if party else "") for account, party in rows)


def total(name="revenue_12m", as_of=DAY):
    return sum(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None).values_list(name, flat=True))


def sums(as_of):
    rollups = CustomerRollup.objects.filter(as_of=as_of)
    return rollups.aggregate(**{measure.name: Sum(measure.column) for measure in SUMS})


@pytest.mark.parametrize("seed", [4, *SEEDS[3:]])
def test_the_parts_of_every_figure_make_the_whole_today_and_on_a_past_day(figures, iris, seed):
    company, rng = RandomCompany(figures, seed, customers=5), Random(seed)  # noqa: S311
    parties = [figures.customer(f"9{number}") for number in range(3)]
    for model in (ErpOrder, ErpDelivery):
        for row in model.objects.all():
            row.ship_to = rng.choice((None, *parties))
            row.save()
    figures.roll_up()
    figures.roll_up(PAST, current=False)
    before, then = sums(DAY), sums(PAST)
    first, second, third, *_ = company.accounts
    share(iris, company.customers[0].key, by_per_cent((first, "33.33"), (second, "33.33"), (third, "33.34")), "Thirds")
    share(iris, company.customers[2].key, by_ship_to((first, parties[0]), (third, parties[1]), (second, None)), "Sites")
    share(iris, company.customers[4].key, by_per_cent((third, "12.5"), (first, "87.5")), "")
    assert sums(DAY) == before
    assert_all_agree(DAY)
    everybody = Customer.objects.all()
    for measure in SIMPLE:
        if measure.kind in {"sum", "count"}:
            assert total(measure.column) == of_documents(measure, everybody, DAY), measure.name
    assert sum(OpenOrder.objects.values_list("open_amount", flat=True)) == before["open_orders_amount"]
    stored = list(CustomerRollup.objects.filter(as_of=DAY).order_by("customer").values())
    figures.roll_up()
    again = list(CustomerRollup.objects.filter(as_of=DAY).order_by("customer").values())
    assert [row | {"computed_at": 0, "id": 0} for row in stored] == [row | {"computed_at": 0, "id": 0} for row in again]
    # The day before the rule began is by the links of then.
    figures.roll_up(PAST, current=False)
    assert sums(PAST) == then
    assert not AccountLinkPeriod.objects.filter(part_to__isnull=False, valid_from=None)
    # And a past day by today's links divides as today.
    recompute_all(PAST, current=False, links_then=False)
    assert sums(PAST) == then
    assert_all_agree_by_todays_links()


def assert_all_agree_by_todays_links():
    for rollup in CustomerRollup.objects.filter(as_of=PAST, customer__gone_at=None):
        customer = Customer.objects.filter(pk=rollup.customer_id)
        for measure in SUMS:
            assert measure.value(rollup) == of_documents(measure, customer, PAST), measure.name
