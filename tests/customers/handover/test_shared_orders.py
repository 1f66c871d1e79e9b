"""An order of an ERP customer that a rule shares by per cent: one order, whichever account's opportunities name it."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User

from customers.deciding.acts import undo
from customers.deciding.sharing import Row, share
from customers.models import Handover, OpportunityOrder, OrderWithoutOpportunity
from tests.customers.world import ago


@pytest.fixture
def iris(db):
    user = User.objects.create_user("iris", first_name="Iris", last_name="Wolf")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def pairs():
    rows = OpportunityOrder.objects.order_by("order__number", "customer__name")
    return list(rows.values_list("order__number", "customer__name", "state", "ordered"))


def test_every_account_that_shares_it_may_have_sold_it_and_it_is_counted_once(figures, iris):
    acme, first, second = figures.customer("100"), figures.account("First"), figures.account("Second")
    for number, net in (("SO-1", "1000.01"), ("SO-2", "500.00"), ("SO-3", "700.00")):
        figures.order(acme, net, ago(20), number=number)
    both = {"Order__c": "SO-1"}
    figures.deal(first, "400.00", ago(30), custom_fields=both)
    figures.deal(second, "600.00", ago(30), custom_fields=both)
    figures.deal(second, "500.00", ago(25), custom_fields={"Order__c": "SO-2"})
    lost = figures.deal(second, "1.00", ago(25), is_won=False, custom_fields={"Order__c": "SO-1"})
    figures.roll_up()
    assert pairs() == []
    halves = (Row(first.key, per_cent=Decimal(50)), Row(second.key, per_cent=Decimal(50)))
    made = share(iris, acme.key, halves, "")
    shared = [
        ("SO-1", "First", "stated", Decimal("400.00")),
        ("SO-1", "Second", "stated", Decimal("600.01")),
        ("SO-2", "Second", "stated", Decimal("500.00")),
    ]
    assert [each for each in pairs() if each[3]] == shared
    alone = OrderWithoutOpportunity.objects.values_list("order__number", "customer__name")
    assert list(alone) == [("SO-3", "First")], "with the first account of the rule, and nowhere else"
    assert Handover.objects.get(opportunity=lost.key).standing == "lost"
    # What touches one of the accounts leaves the other's part.
    figures.publish(accounts=[second], changed=["sf_opportunity"])
    assert [each for each in pairs() if each[3]] == shared
    figures.roll_up()
    assert [each for each in pairs() if each[3]] == shared
    assert list(alone.all()) == [("SO-3", "First")]
    undo(iris, [made.pk])
    assert pairs() == []
    assert not OrderWithoutOpportunity.objects.exists()
