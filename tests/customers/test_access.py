"""Who sees which rows: owners, managers above, analysts, outsiders, logins that are tied to nobody."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import connection

from customers.access import people, role, untied_reason, visible
from customers.access_rules import BY_ACCOUNT, BY_CUSTOMER, BY_ERP_CUSTOMER
from customers.models import Customer, CustomerRollup, Login, RoleScope
from integration_hub.models import (
    ErpAllocation,
    ErpInvoice,
    ErpOpenItem,
    ErpOrder,
    ErpProduct,
    SfAccount,
    SfContact,
    SfOpportunity,
    SfUserRole,
)
from tests.customers.world import READ_AT, ago


@pytest.fixture
def company(figures):
    """Two sellers in teams below one head; each owns one account with one of each document. A third is nobody's."""
    top = figures.role("Head")
    north, south = figures.role("North", parent=top), figures.role("South", parent=top)
    figures.user("head", top)
    for name, team, number in (("ana", north, "1"), ("ben", south, "2")):
        owner = figures.user(name, team)
        account = figures.account(name.title(), erp_number=number, owner=owner)
        customer = figures.customer(number)
        documents(figures, customer)
        figures.deal(account, "1.00", ago(3))
        figures._add(SfContact, account=account, name="Someone")
    documents(figures, figures.customer("3"))
    figures.roll_up()
    return figures


def copied(row, **values):
    kept = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    return type(row)(**kept | values)


def documents(figures, customer):
    order = figures.order(customer, "1.00", ago(3))
    line = figures.order_line(order, "1", "1.00")
    figures.delivery_line(figures.delivery(customer, ago(2), order=order), line, "1")
    invoice = figures.invoice(customer, "1.00", ago(2), order=order)
    figures.invoice_line(invoice, "1.00", order_line=line)
    figures.pay(figures.item(customer, "1.00", ago(2), ago(1), invoice=invoice), "0.50", ago(1))


def user(name, *groups, email="", **values):
    found = User.objects.create_user(name, email=email, password="x", **values)
    for group in groups:
        found.groups.add(Group.objects.get_or_create(name=group)[0])
    return found


def manager(name):
    return user(name, "Account managers", email=f"{name}@example.com")


def seen(person, model=Customer):
    rows = visible(model.objects.all(), person)
    if model is Customer:
        return {row.name for row in rows}
    return {key.rpartition(":")[2] for key in rows.values_list("customer", flat=True)}


def test_an_account_manager_sees_only_own_accounts(company):
    assert seen(manager("ana")) == {"Ana"}
    assert seen(manager("ben")) == {"Ben"}


def test_a_manager_sees_the_accounts_of_users_in_roles_below(company):
    assert seen(manager("head")) == {"Ana", "Ben"}


def test_a_colleague_in_the_same_role_sees_nothing_of_it(company, figures):
    figures.user("eve", SfUserRole.objects.get(name="North"))
    figures.roll_up()
    assert seen(manager("eve")) == set()


@pytest.mark.parametrize("group", ["Analysts", "Administrators"])
def test_analysts_and_administrators_see_everything_also_what_no_account_owns(company, group):
    assert seen(user("someone", group)) == {"Ana", "Ben", "Customer 3"}


def test_a_superuser_is_an_administrator(company):
    root = User.objects.create_superuser("root", password="x")
    assert role(root) == "administrator"
    assert len(seen(root)) == 3


def test_a_choice_of_person_offers_the_books_one_may_see(company):
    assert [person.name for person in people(manager("ana"))] == ["ana"]
    assert [person.name for person in people(manager("head"))] == ["ana", "ben", "head"]
    assert [person.name for person in people(user("someone", "Analysts"))] == ["ana", "ben"]
    assert not people(user("new")).exists()


@pytest.mark.parametrize("model", [ErpOrder, ErpInvoice, ErpOpenItem, ErpAllocation])
def test_documents_are_seen_exactly_where_their_customer_is(company, model):
    assert seen(manager("ana"), model) == {"1"}
    assert seen(manager("head"), model) == {"1", "2"}
    assert seen(user("analyst", "Analysts"), model) == {"1", "2", "3"}


@pytest.mark.parametrize("model", [SfContact, SfOpportunity])
def test_salesforce_rows_are_seen_where_their_account_is(company, model):
    ana = visible(model.objects.all(), manager("ana"))
    assert {row.account.name for row in ana} == {"Ana"}


# The ledger of the push: its pages answer 404 to everybody else, and a customer's page asks by its own account.
ONLY_FOR_ADMINISTRATORS = {"PushChange", "PushedValue", "LiveAccount", "ParkedRow", "DriftRecord"}


def test_every_table_with_a_customer_or_account_has_a_rule(company):
    ruled = BY_CUSTOMER | BY_ERP_CUSTOMER | BY_ACCOUNT
    for app in ("integration_hub", "customers"):
        for model in apps.get_app_config(app).get_models():
            names = {field.name for field in model._meta.get_fields()}
            if {"customer", "account"} & names and model.__name__ not in ONLY_FOR_ADMINISTRATORS:
                assert model in ruled, model


@pytest.mark.parametrize("model", [*BY_CUSTOMER, *BY_ERP_CUSTOMER, *BY_ACCOUNT])
def test_nobody_and_untied_people_see_no_row_of_any_table(company, model):
    for person in (AnonymousUser(), user("new"), user("ana", "Account managers")):
        assert not visible(model.objects.all(), person).exists()
        User.objects.all().delete()


def test_a_model_without_a_rule_is_refused(company):
    with pytest.raises(TypeError, match="ErpProduct"):
        visible(ErpProduct.objects.all(), manager("ana"))


def test_an_inactive_analyst_sees_nothing(company):
    assert seen(user("gone", "Analysts", is_active=False)) == set()


class TestTheTie:
    def test_is_made_once_by_an_exact_unique_e_mail_and_survives_a_change_of_it(self, company):
        ana = manager("ana")
        assert seen(ana) == {"Ana"}
        assert Login.objects.get(user=ana).tied_by == "e-mail"
        User.objects.filter(pk=ana.pk).update(email="other@example.com")
        assert seen(User.objects.get(pk=ana.pk)) == {"Ana"}

    def test_is_not_made_where_two_salesforce_users_share_the_e_mail(self, company, figures):
        figures.user("double", email="ana@example.com")
        ana = manager("ana")
        assert seen(ana) == set()
        assert "Several Salesforce users" in untied_reason(ana)

    def test_is_not_made_to_an_inactive_salesforce_user(self, company, figures):
        figures.user("eve", is_active=False)
        eve = manager("eve")
        assert "No active Salesforce user" in untied_reason(eve)

    def test_that_an_administrator_made_wins_over_the_e_mail(self, company):
        ana = manager("ana")
        ben = str(SfAccount.objects.get(name="Ben").owner_id)
        Login.objects.create(user=ana, salesforce_user=ben, tied_by="admin")
        assert seen(ana) == {"Ben"}

    def test_explains_itself_to_a_login_without_role_and_without_e_mail(self, company):
        assert "no role" in untied_reason(user("new", email="ana@example.com"))
        assert "no e-mail" in untied_reason(user("bare", "Account managers"))
        assert untied_reason(manager("ana")) == ""
        assert untied_reason(user("analyst", "Analysts")) == ""


def test_an_owner_change_moves_what_is_seen_at_the_next_publish(company, figures):
    account = SfAccount.objects.get(name="Ana")
    account.owner_id = SfAccount.objects.get(name="Ben").owner_id
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"])
    assert seen(manager("ana")) == set()
    assert seen(manager("ben")) == {"Ana", "Ben"}


def test_a_new_role_below_widens_what_is_seen_at_the_next_publish(company, figures):
    team = figures.role("West", parent=figures.role("Region"))
    eve = figures.user("eve", team.parent)
    figures.account("Eve's", owner=figures.user("kim", team))
    figures.publish(changed=["sf_user", "sf_user_role", "sf_account"])
    assert seen(manager("eve")) == {"Eve's"}
    team.deleted_at = READ_AT
    team.save()
    figures.publish(changed=["sf_user_role"])
    assert RoleScope.objects.filter(viewer=eve.key).count() == 1


def test_roles_in_a_circle_end(company, figures):
    one = figures.role("One")
    two = figures.role("Two", parent=one)
    one.parent = two
    one.save()
    first, second = figures.user("first", one), figures.user("second", two)
    figures.roll_up()
    assert RoleScope.objects.filter(viewer=first.key, owner=second.key).exists()
    assert RoleScope.objects.filter(viewer=first.key).count() == 2


@pytest.mark.parametrize(
    ("model", "off", "used"),
    [
        (ErpInvoice, ("seqscan", "hashjoin"), "erp_invoice_by_date"),
        # Of several indexes that begin with the customer any may be taken.
        (CustomerRollup, ("seqscan", "hashjoin", "mergejoin"), r"Index Cond: \(customer_id = "),
    ],
)
def test_a_managers_rows_are_found_by_index(company, model, off, used):
    for one in CustomerRollup.objects.all():
        # Of three rows an index that is read whole costs no more than one that is searched.
        CustomerRollup.objects.bulk_create(copied(one, as_of=one.as_of - timedelta(day)) for day in range(1, 500))
    rows = visible(model.objects.all(), manager("ana"))
    with connection.cursor() as cursor:
        cursor.execute("analyze rollup_customer, customer, role_scope")
        # Tables this small are always read whole; the question is whether an index could serve.
        for choice in off:
            cursor.execute(f"set local enable_{choice} = off")
        plan = rows.explain()
    assert re.search(used, plan), plan
    assert "Seq Scan" not in plan
