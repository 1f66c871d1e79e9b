"""Who sees a customer beside its owner: the account team, and deputies for some days."""

from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction

from customers import books
from customers.access import lent_books, people, untied_reason, visible
from customers.models import Customer, Deputy, TeamScope
from integration_hub.models import ErpOrder, SfAccount, SfAccountTeamMember, SfUser
from tests.customers.world import READ_AT, ago

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


@pytest.fixture
def company(figures):
    """Two teams below one head; ana and ben own one account each. Eve, in Ben's team, owns nothing."""
    top = figures.role("Head")
    north, south = figures.role("North", parent=top), figures.role("South", parent=top)
    figures.user("head", top)
    figures.user("eve", south)
    figures.user("south-head", figures.role("South head", parent=top))
    for name, team, number in (("ana", north, "1"), ("ben", south, "2")):
        account = figures.account(name.title(), erp_number=number, owner=figures.user(name, team))
        figures.order(figures.customer(number), "1.00", ago(3))
        assert account
    figures.roll_up()
    return figures


def login(name, group="Account managers"):
    found = User.objects.filter(username=name).first()
    if found is None:
        found = User.objects.create_user(name, email=f"{name}@example.com", password="x")
        found.groups.add(Group.objects.get_or_create(name=group)[0])
    return User.objects.get(pk=found.pk)


def salesforce(name):
    return SfUser.objects.get(name=name)


def seen(name):
    person = login(name)
    rows = {customer.name for customer in visible(Customer.objects.all(), person)}
    orders = visible(ErpOrder.objects.all(), person).values_list("customer__number", flat=True)
    assert {"1": "Ana", "2": "Ben"}.keys() >= set(orders)
    assert {{"1": "Ana", "2": "Ben"}[number] for number in orders} == rows
    accounts = {account.name for account in visible(SfAccount.objects.all(), person)}
    assert accounts == rows
    return rows


class TestAccountTeams:
    def test_a_team_member_sees_the_account_and_so_do_those_above_until_the_member_leaves(self, company):
        ana = SfAccount.objects.get(name="Ana")
        member = company.team_member(ana, salesforce("eve"))
        company.publish(accounts=[ana], changed=["sf_account_team_member"])
        assert seen("eve") == {"Ana"}
        assert seen("ben") == {"Ben"}
        assert seen("head") == {"Ana", "Ben"}
        # The head sees it by its owner, so the team adds no row for the head.
        assert list(TeamScope.objects.values_list("viewer", flat=True)) == [salesforce("eve").key]
        SfAccountTeamMember.objects.filter(pk=member.pk).update(deleted_at=READ_AT)
        company.publish(accounts=[ana], changed=["sf_account_team_member"])
        assert seen("eve") == set()

    def test_a_change_of_owner_keeps_the_team_right_for_both(self, company):
        ana = SfAccount.objects.get(name="Ana")
        company.team_member(ana, salesforce("ben"))
        company.publish(accounts=[ana], changed=["sf_account_team_member"])
        assert seen("ben") == {"Ana", "Ben"}
        SfAccount.objects.filter(pk=ana.pk).update(owner=salesforce("ben"))
        company.publish(accounts=[ana], changed=["sf_account"])
        assert (seen("ana"), seen("ben")) == (set(), {"Ana", "Ben"})
        assert not TeamScope.objects.exists()
        SfAccount.objects.filter(pk=ana.pk).update(owner=salesforce("ana"))
        company.publish(accounts=[ana], changed=["sf_account"])
        assert (seen("ana"), seen("ben")) == ({"Ana"}, {"Ana", "Ben"})

    def test_a_change_of_roles_moves_what_those_above_see_of_teams(self, company):
        company.team_member(SfAccount.objects.get(name="Ana"), salesforce("eve"))
        company.roll_up()
        assert seen("south-head") == set()
        south, above = salesforce("eve").role, salesforce("south-head").role
        south.parent = above
        south.save()
        company.publish(changed=["sf_user_role"])
        assert seen("south-head") == {"Ana", "Ben"}

    def test_is_found_by_index(self, company):
        company.team_member(SfAccount.objects.get(name="Ana"), salesforce("eve"))
        company.roll_up()
        with connection.cursor() as cursor:
            cursor.execute("set local enable_seqscan = off")
            cursor.execute("set local enable_hashjoin = off")
            plan = visible(Customer.objects.all(), login("eve")).explain()
        assert "customer_by_owner" in plan
        assert "team_scope_once" in plan
        assert "Seq Scan" not in plan


class TestDeputies:
    @pytest.fixture
    def today(self, monkeypatch):
        def is_now(day):
            monkeypatch.setattr(books, "company_date", lambda: day)

        return is_now

    @pytest.fixture
    def lent(self, company):
        return Deputy.objects.create(
            absent=salesforce("ana").key, deputy=login("ben"), begins_on=MONDAY, ends_on=FRIDAY, created_by=login("ana")
        )

    def test_a_deputy_sees_the_book_on_both_days_and_those_between_and_on_no_other(self, company, lent, today):
        for day, both in ((1, False), (2, True), (4, True), (6, True), (7, False)):
            today(date(2026, 3, day))
            assert seen("ben") == ({"Ana", "Ben"} if both else {"Ben"}), day
            assert [each.name for each in people(login("ben"))] == (["ana", "ben"] if both else ["ben"])
            assert [(each.name, each.until) for each in lent_books(login("ben"))] == ([("ana", FRIDAY)] if both else [])
            assert seen("ana") == {"Ana"}

    def test_what_one_got_as_a_deputy_is_not_passed_on(self, company, lent, today):
        Deputy.objects.create(
            absent=salesforce("ben").key, deputy=login("eve"), begins_on=MONDAY, ends_on=FRIDAY, created_by=login("ben")
        )
        today(MONDAY)
        assert seen("ben") == {"Ana", "Ben"}
        assert seen("eve") == {"Ben"}

    def test_the_book_holds_team_accounts_and_those_of_roles_below(self, company, today):
        company.team_member(SfAccount.objects.get(name="Ben"), salesforce("ana"))
        company.roll_up()
        Deputy.objects.create(
            absent=salesforce("ana").key, deputy=login("eve"), begins_on=MONDAY, ends_on=FRIDAY, created_by=login("ana")
        )
        today(MONDAY)
        assert seen("eve") == {"Ana", "Ben"}

    def test_it_can_be_ended_early_once(self, company, lent, today):
        today(MONDAY)
        books.end(lent, login("ana"))
        assert seen("ben") == {"Ben"}
        ended_at = Deputy.objects.get().ended_at
        books.end(Deputy.objects.get(), login("ben"))
        assert (Deputy.objects.get().ended_at, Deputy.objects.get().ended_by) == (ended_at, login("ana"))

    def test_a_login_tied_to_nobody_sees_what_is_lent_to_it(self, company, today):
        Deputy.objects.create(
            absent=salesforce("ana").key,
            deputy=login("temp"),
            begins_on=MONDAY,
            ends_on=FRIDAY,
            created_by=login("ana"),
        )
        today(MONDAY)
        assert untied_reason(login("temp"))
        assert seen("temp") == {"Ana"}

    def test_the_last_day_is_not_before_the_first(self, company):
        with pytest.raises(IntegrityError), transaction.atomic():
            Deputy.objects.create(absent="x", deputy=login("ben"), begins_on=FRIDAY, ends_on=MONDAY)
