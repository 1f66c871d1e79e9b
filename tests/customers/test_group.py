"""The figures of a group are those of all documents of its members: none twice, circles end, gone ones left out."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import QueryDict

from customers.hierarchy import below, figures_together
from customers.measures import MEASURES
from customers.models import Customer
from customers.pages.group import build_group
from customers.pages.scope import read_scope
from integration_hub.models import ErpCustomer, Notice, SfAccount
from tests.customers.random_company import RandomCompany
from tests.customers.test_measures_add_up import RATIOS, SIMPLE, of_documents
from tests.customers.world import DAY, READ_AT, World


def below_one_another(company: RandomCompany) -> None:
    """A circle: each account below the one before, the first below the last but one; the last hangs at the first."""
    keys = [account.key for account in company.accounts]
    for place, key in enumerate(keys[1:-1], start=1):
        SfAccount.objects.filter(key=key).update(parent=keys[place - 1])
    SfAccount.objects.filter(key=keys[0]).update(parent=keys[-2])
    SfAccount.objects.filter(key=keys[-1]).update(parent=keys[0])


@pytest.mark.parametrize("seed", [21, 22])
def test_the_figures_of_a_group_are_those_of_the_documents_of_all_its_members(figures: World, seed: int) -> None:
    company = RandomCompany(figures, seed, customers=5)
    below_one_another(company)
    figures.roll_up()
    top = figures.of(company.accounts[0])
    members = below(top)
    assert len(members) == len(set(members)) == len(company.accounts)
    together = figures_together(top, members, DAY)
    assert together is not None
    everybody = Customer.objects.filter(pk__in=members)
    stored = {measure.name: measure.value(together) for measure in SIMPLE}
    assert stored == {measure.name: of_documents(measure, everybody, DAY) for measure in SIMPLE}
    for ratio in RATIOS:
        parts = (getattr(together, ratio.numerator), getattr(together, ratio.denominator))
        assert ratio.value(together) == ratio.ratio(*parts), ratio.name


def test_each_one_of_a_circle_leads_to_the_same_group(figures: World) -> None:
    company = RandomCompany(figures, 23, customers=4)
    below_one_another(company)
    figures.roll_up()
    circle = [figures.of(account) for account in company.accounts[:-1]]
    assert len({tuple(sorted(below(customer))) for customer in circle}) == 1


def test_a_circle_is_reported_with_the_names_of_its_accounts_until_it_is_broken(figures: World) -> None:
    first, second, outside = figures.account("Acme"), figures.account("Brix"), figures.account("Corda")
    for account, parent in ((first, second), (second, first), (outside, first)):
        account.parent_id = parent.key
        account.save()
    figures.roll_up()
    notice = Notice.objects.get(subject="Parent accounts", cleared_at=None)
    assert notice.text == (
        f"Parents lead round in a circle: Acme ({first.key}) below Brix ({second.key}) below Acme ({first.key})."
    )
    boss = User.objects.create_user("boss", is_superuser=True)
    told = {account.name: read_scope(figures.of(account), boss, QueryDict()).in_circle for account in (first, outside)}
    assert told == {"Acme": True, "Corda": False}
    SfAccount.objects.filter(key=second.key).update(parent=None)
    figures.roll_up()
    assert not Notice.objects.filter(subject="Parent accounts", cleared_at=None).exists()


def test_an_account_that_is_gone_is_no_member_and_its_erp_customer_counts_where_it_stands_now(figures: World) -> None:
    company = RandomCompany(figures, 24, customers=4)
    keys = [account.key for account in company.accounts]
    SfAccount.objects.filter(key__in=keys[1:]).update(parent=keys[0])
    figures.roll_up()
    top = figures.of(company.accounts[0])
    gone = figures.of(company.accounts[1])
    assert gone.pk in below(top)
    SfAccount.objects.filter(key=keys[1]).update(deleted_at=READ_AT, gone_reason="deleted")
    figures.roll_up()
    assert gone.pk not in below(top)
    together = figures_together(top, below(top), DAY)
    assert together is not None
    everybody = Customer.objects.filter(pk__in=below(top))
    assert together.orders_received == of_documents(MEASURES["orders_received"], everybody, DAY)


def test_members_that_one_may_not_see_are_counted_beside_and_not_in_the_figures(figures: World) -> None:
    role = figures.role("Sales")
    mine, other = figures.user("ana", role), figures.user("ben", figures.role("Elsewhere"))
    accounts = [
        figures.account("Top", erp_number="1", owner_id=mine.key),
        figures.account("Mine", erp_number="2", owner_id=mine.key),
        figures.account("Foreign", erp_number="3", owner_id=other.key),
    ]
    SfAccount.objects.filter(key__in=[one.key for one in accounts[1:]]).update(parent=accounts[0].key)
    for number, net in (("1", "100.00"), ("2", "20.00"), ("3", "3.00")):
        figures.invoice(figures.customer(number), net, DAY)
    figures.roll_up()
    assert ErpCustomer.objects.count() == 3
    manager = User.objects.create_user("ana", "ana@example.com")
    manager.groups.add(Group.objects.get_or_create(name="Account managers")[0])
    scope = read_scope(figures.of(accounts[0]), manager, QueryDict("group=1"))
    assert (len(scope.members), scope.outside, scope.figures.revenue_ytd) == (2, 1, Decimal(120))
    group = build_group(scope)
    assert group is not None
    assert [row.name for row in group.rows] == ["Top", "Mine"]
    assert [figure.value for row in group.rows for figure in row.figures if figure.measure == "revenue_ytd"] == [
        100,
        20,
    ]
    analyst = User.objects.create_user("iris")
    analyst.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    whole = read_scope(figures.of(accounts[0]), analyst, QueryDict("group=1"))
    assert (whole.outside, whole.figures.revenue_ytd) == (0, Decimal(123))


def test_the_rows_of_a_group_add_up_to_its_tiles(figures: World) -> None:
    company = RandomCompany(figures, 25, customers=5)
    below_one_another(company)
    figures.roll_up()
    analyst = User.objects.create_user("iris")
    analyst.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    scope = read_scope(figures.of(company.accounts[0]), analyst, QueryDict("group=1"))
    group = build_group(scope)
    assert group is not None
    for place, total in enumerate(group.totals):
        parts: list[Any] = [row.figures[place].value for row in group.rows]
        assert sum(parts) == total.value, total.measure
        assert total.value == MEASURES[total.measure].value(scope.figures)


def test_l3_an_account_below_itself_is_a_group_of_one_and_counts_once(figures: World) -> None:
    account = figures.account("Acme", erp_number="1")
    SfAccount.objects.filter(key=account.key).update(parent=account.key)
    figures.invoice(figures.customer("1"), "100.00", DAY)
    figures.roll_up()
    customer = figures.of(account)
    assert below(customer) == (customer.pk,)
    together = figures_together(customer, below(customer), DAY)
    assert together is not None
    assert together.revenue_ytd == Decimal(100)
    assert customer.parent_id is None


def test_l3_thirty_levels_and_twenty_thousand_children_are_each_counted_once(figures: World) -> None:
    levels = [figures.account(f"Level {level:02}", erp_number=str(level)) for level in range(1, 31)]
    for upper, lower in pairwise(levels):
        SfAccount.objects.filter(key=lower.key).update(parent=upper.key)
    for level in range(1, 31):
        figures.invoice(figures.customer(str(level)), "1.00", DAY)
    figures.roll_up()
    top, lowest = figures.of(levels[0]), figures.of(levels[-1])
    Customer.objects.bulk_create(
        [Customer(account=f"001C{n:011}AAA", name=f"Child {n}", parent=lowest) for n in range(20_000)], batch_size=5000
    )
    members = below(top)
    assert len(members) == len(set(members)) == 20_030
    together = figures_together(top, members, DAY)
    assert together is not None
    assert together.revenue_ytd == Decimal(30)
    assert not Notice.objects.filter(subject="Parent accounts", cleared_at=None).exists()
