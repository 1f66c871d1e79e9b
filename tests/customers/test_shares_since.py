"""A rule that holds since an earlier day: the figures stored since then are as if they had been computed by it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import timezone

from customers.deciding.acts import NotDecided, Wanted, decide, undo
from customers.deciding.sharing import Row, share
from customers.history import bring
from customers.history.days import pack
from customers.models import AccountLinkPeriod, CustomerRollup, LinkVerdict, RollupDay, UnlinkedDay
from customers.publishing import recompute_all
from tests.customers.random_company import RandomCompany
from tests.customers.world import DAY

DAYS = [DAY - timedelta(days=days) for days in (100, 60, 40, 20, 0)]
SINCE = DAY - timedelta(days=50)


@pytest.fixture
def iris(db):
    user = User.objects.create_user("iris", first_name="Iris", last_name="Wolf")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def kept():
    """The figures of every day, and what nobody's account showed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select as_of, customer_id, to_jsonb(r) - 'id' - 'computed_at' from rollup_customer r order by 1, 2"
        )
        figures = cursor.fetchall()
    return figures, list(UnlinkedDay.objects.order_by("as_of").values())


def periods(erp):
    rows = AccountLinkPeriod.objects.filter(erp_customer=erp.key).order_by("valid_from", "account", "valid_to")
    return list(rows.values_list("account", "part_from", "part_to", "valid_from", "valid_to"))


@pytest.fixture
def company(figures):
    made = RandomCompany(figures, 21)
    for day in DAYS:
        recompute_all(day, current=True)
    return made


def test_stored_and_archived_days_since_then_are_computed_anew_and_brought_back(figures, iris, company):
    acme, (first, second, *_) = company.customers[0], company.accounts
    packed = DAYS[2]
    before = periods(acme)
    assert [account for account, *_ in before] == [first.key]
    untouched = kept()
    pack(packed, timezone.now())
    rows = (Row(first.key, per_cent=Decimal("33.33")), Row(second.key, per_cent=Decimal("66.67")))
    made = share(iris, acme.key, rows, "Since the merger", since=SINCE, overrule=True)
    assert RollupDay.objects.get(as_of=packed).stored is False, "the archive is changed where it lies"
    assert bring(packed)
    assert [(account, since, until) for account, *_, since, until in periods(acme)] == [
        (first.key, SINCE, None),
        (second.key, SINCE, None),
        (first.key, None, SINCE),
    ]
    incremental = kept()
    changed = {day for day, *_ in set(map(repr_row, incremental[0])) ^ set(map(repr_row, untouched[0]))}
    assert changed == {*DAYS[2:]}
    for day in DAYS[:-1]:
        recompute_all(day, current=False)
    recompute_all(DAY, current=True)
    assert kept() == incremental
    undo(iris, [made.pk, *batch_of(made)], "Not after all")
    assert periods(acme) == before
    assert kept() == untouched


def repr_row(row):
    day, customer, figures = row
    return day, customer, repr(figures)


def batch_of(made):
    made.refresh_from_db()
    others = type(made).objects.filter(batch=made.batch, undone_at=None).exclude(pk=made.pk) if made.batch else []
    return [each.pk for each in others]


def test_a_rule_taken_back_on_a_later_day_leaves_what_was_decided_meanwhile(figures, iris, company):
    acme, (first, second, *_) = company.customers[0], company.accounts
    rows = (Row(first.key, per_cent=Decimal(50)), Row(second.key, per_cent=Decimal(50)))
    made = share(iris, acme.key, rows, "", since=SINCE, overrule=True)
    later = DAY + timedelta(days=9)
    recompute_all(later, current=True)
    undo(iris, [made.pk, *batch_of(made)])
    assert [(account, since, until) for account, *_, since, until in periods(acme)] == [
        (first.key, DAY, later),
        (second.key, DAY, later),
        (first.key, later, None),
        (first.key, None, DAY),
    ]
    computed = kept()
    for day in (*DAYS, later):
        recompute_all(day, current=day == later)
    assert kept() == computed
    assert CustomerRollup.objects.filter(as_of=later).exists()


def test_a_first_day_that_is_none_is_refused_and_another_one_makes_another_rule(figures, iris, company):
    acme, (first, second, *_) = company.customers[0], company.accounts
    rows = (Row(first.key, per_cent=Decimal(50)), Row(second.key, per_cent=Decimal(50)))
    with pytest.raises(NotDecided, match="cannot begin after today"):
        share(iris, acme.key, rows, "", since=DAY + timedelta(days=1), overrule=True)
    made = share(iris, acme.key, rows, "", since=SINCE, overrule=True)
    assert share(iris, acme.key, rows, "", since=SINCE).pk == made.pk
    moved = share(iris, acme.key, rows, "", since=DAYS[1])
    assert moved.pk != made.pk
    assert {since for _, part, _, since, _ in periods(acme) if part is not None} == {DAYS[1]}
    decide(iris, Wanted(LinkVerdict.ACCEPT, acme.key, first.key))
    assert {until for *_, since, until in periods(acme) if since == DAYS[1]} == {DAY}
