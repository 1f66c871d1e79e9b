"""What people decide about links is kept, outlives every sync, and moves exactly the money of the ERP customer."""

import re
from contextlib import closing
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from customers import formats
from customers.deciding import acts, bulk
from customers.deciding.acts import NotDecided, Wanted, decide, undo
from customers.deciding.effects import TOLD, changes_for, own_figures
from customers.deciding.in_force import state_of
from customers.models import (
    AccountLink,
    AccountLinkPeriod,
    CustomerRollup,
    LinkDecision,
    LinkEvent,
    LinkProposal,
    LinkVerdict,
    RollupDay,
)
from integration_hub import locks
from tests.customers.world import DAY, READ_AT, ago

ACCEPT, REJECT, IGNORE, LATER = LinkVerdict.ACCEPT, LinkVerdict.REJECT, LinkVerdict.IGNORE, LinkVerdict.LATER


@pytest.fixture
def iris(db):
    user = User.objects.create_user("iris", first_name="Iris", last_name="Wolf")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def propose(erp, account, score="0.93", *, certain=False, value="DE123456789"):
    row = {"field": "vat", "erp": value, "account": value, "verdict": "same", "weight": 50}
    return LinkProposal.objects.create(
        erp_customer=erp.key,
        account=account.key,
        score=Decimal(score),
        certain=certain,
        evidence=[row],
        found_at=timezone.now(),
    )


def told(erp):
    link = AccountLink.objects.get(erp_customer=erp.key)
    return link.status, link.method, link.account


def total(name="revenue_12m"):
    return sum(CustomerRollup.objects.filter(as_of=DAY, customer__gone_at=None).values_list(name, flat=True))


def test_an_accepted_account_is_linked_at_once_and_after_every_sync(figures, iris):
    account, acme = figures.account("Acme"), figures.customer("100")
    figures.invoice(acme, "120.50", ago(5))
    figures.roll_up()
    made = decide(iris, Wanted(ACCEPT, acme.key, account.key, "Same letterhead"))
    assert told(acme) == ("linked", "decided", account.key)
    assert figures.figures(account).revenue_12m == total() == Decimal("120.50")
    assert (made.by_name, made.reason, made.score is not None) == ("Iris Wolf", "Same letterhead", True)
    assert LinkEvent.objects.get().why == "decided"
    for full in (False, True):
        figures.publish(accounts=[account], changed=["sf_account"], full=full)
        assert told(acme) == ("linked", "decided", account.key)
    undo(iris, [made.pk], "Another company after all")
    assert told(acme) == ("unlinked", "", None)
    assert figures.figures(account).revenue_12m == 0
    assert figures.figures(acme).revenue_12m == total() == Decimal("120.50")
    with pytest.raises(NotDecided, match="taken back already by Iris Wolf"):
        undo(iris, [made.pk])


def test_trap_22_a_relink_moves_exactly_what_was_told_before_and_undo_moves_it_back(figures, iris):
    old, new = figures.account("Old"), figures.account("New", erp_number="300")
    mine, other, third = figures.customer("100"), figures.customer("200"), figures.customer("300")
    for customer, net in ((mine, "100.10"), (mine, "-7.05"), (other, "33.33"), (third, "5.01")):
        invoice = figures.invoice(customer, net, ago(40))
        figures.item(customer, net, ago(40), ago(10), invoice=invoice)
        order = figures.order(customer, "81.17", ago(9))
        figures.order_line(order, 3, "81.17")
    figures.roll_up()
    for customer in (mine, other):
        decide(iris, Wanted(ACCEPT, customer.key, old.key))
    link = AccountLink.objects.get(erp_customer=mine.key)
    parts = own_figures(link, DAY)
    assert parts["revenue_12m"] == Decimal("93.05")
    told_before = changes_for(link, {new.key: figures.of(new).pk}, DAY, parts)[new.key]
    sums = {name: total(name) for name in TOLD}
    before = {name: (getattr(figures.figures(old), name), getattr(figures.figures(new), name)) for name in TOLD}
    moved = decide(iris, Wanted(ACCEPT, mine.key, new.key, seen=state_of(mine.key)))
    for change in told_before:
        name = change.measure
        now = (getattr(figures.figures(old), name), getattr(figures.figures(new), name))
        assert now == (change.left_after, change.after), name
        assert (change.left_before, change.before) == before[name]
        assert change.part > 0
        assert total(name) == sums[name]
    assert set(
        CustomerRollup.objects.filter(as_of=DAY, customer__account__in=[old.key, new.key]).values_list(
            "computed_at", flat=True
        )
    ) == {figures.figures(new).computed_at}
    undo(iris, [moved.pk])
    assert told(mine) == ("linked", "decided", old.key), "the decision before stands again"
    assert {name: (getattr(figures.figures(old), name), getattr(figures.figures(new), name)) for name in TOLD} == before


def test_an_exact_identifier_links_by_itself_unless_somebody_said_no(figures, iris):
    account, acme = figures.account("Acme"), figures.customer("100")
    figures.roll_up()
    propose(acme, account, certain=True)
    figures.publish(changed=["erp_invoice"])
    assert told(acme) == ("linked", "identifier", account.key)
    assert "the same VAT number DE123456789" in AccountLink.objects.get(erp_customer=acme.key).detail
    decide(iris, Wanted(REJECT, acme.key, account.key))
    assert told(acme) == ("unlinked", "", None)
    figures.publish(accounts=[account], changed=["sf_account"], full=True)
    assert told(acme) == ("unlinked", "", None), "it is remembered"
    other = figures.account("Acme too")
    propose(acme, other, certain=True)
    figures.roll_up()
    assert told(acme) == ("linked", "identifier", other.key)
    third = figures.account("Third")
    LinkProposal.objects.all().delete()
    propose(acme, other, certain=True)
    propose(acme, third, certain=True)
    figures.roll_up()
    assert told(acme) == ("conflict", "", None)
    assert "Acme too and Third" in AccountLink.objects.get(erp_customer=acme.key).detail
    decide(iris, Wanted(IGNORE, acme.key, reason="Internal"))
    assert told(acme) == ("unlinked", "ignored", None)
    decide(iris, Wanted(LATER, acme.key))
    assert told(acme) == ("conflict", "", None), "an account to be created may be found"


def test_a_stored_key_that_says_otherwise_is_a_conflict_that_names_both(figures, iris):
    right, left = figures.account("Right"), figures.account("Left")
    acme = figures.customer("100")
    figures.roll_up()
    decide(iris, Wanted(ACCEPT, acme.key, right.key))
    left.erp_number = "100"
    left.save()
    figures.publish(accounts=[left], changed=["sf_account"])
    assert told(acme) == ("conflict", "", None)
    detail = AccountLink.objects.get(erp_customer=acme.key).detail
    assert "Right" in detail
    assert "Left" in detail
    again = Wanted(ACCEPT, acme.key, left.key)
    decide(iris, again)
    assert told(acme) == ("linked", "decided", left.key)
    with pytest.raises(NotDecided, match=r"names Left \(it carries ERP number 100\)"):
        decide(iris, Wanted(ACCEPT, acme.key, right.key))
    assert told(acme) == ("linked", "decided", left.key), "nothing of it was taken"
    made = decide(iris, Wanted(ACCEPT, acme.key, right.key, overrule=True))
    assert told(acme) == ("linked", "decided", right.key)
    assert LinkDecision.objects.get(verdict=REJECT, undone_at=None).account == left.key
    undo(iris, list(LinkDecision.objects.filter(batch=made.batch).values_list("pk", flat=True)))
    assert told(acme) == ("linked", "decided", left.key)
    decide(iris, Wanted(REJECT, acme.key, left.key))
    assert told(acme) == ("conflict", "", None), "the number stands on what was rejected"
    decide(iris, Wanted(IGNORE, acme.key))
    assert told(acme)[0] == "conflict"


def test_a_decision_follows_a_merge_parks_with_a_deletion_and_comes_back(figures, iris):
    loser, winner = figures.account("Loser"), figures.account("Winner")
    acme, other = figures.customer("100"), figures.customer("200")
    figures.invoice(acme, "10.00", ago(3))
    figures.roll_up()
    decide(iris, Wanted(ACCEPT, acme.key, loser.key))
    loser.deleted_at, loser.gone_reason, loser.master_record = READ_AT, "merged", winner.key
    loser.save()
    figures.publish(accounts=[loser], changed=["sf_account"])
    assert told(acme) == ("linked", "decided", winner.key)
    assert LinkEvent.objects.values_list("why", flat=True)[0] == "merged"
    assert "merged into Winner" in AccountLink.objects.get(erp_customer=acme.key).detail
    with pytest.raises(NotDecided, match="Loser was merged into Winner"):
        decide(iris, Wanted(ACCEPT, other.key, loser.key))
    winner.deleted_at, winner.gone_reason = READ_AT, "deleted"
    winner.save()
    figures.publish(accounts=[winner], changed=["sf_account"])
    assert told(acme) == ("unlinked", "", None)
    assert "Winner, which was decided on, was deleted" in AccountLink.objects.get(erp_customer=acme.key).detail
    winner.deleted_at, winner.gone_reason = None, ""
    winner.save()
    figures.publish(accounts=[winner], changed=["sf_account"])
    assert told(acme) == ("linked", "decided", winner.key)
    assert total() == Decimal("10.00")


def test_leading_zeros_and_a_number_of_several_customers_never_make_two_links(figures, iris):
    short, long = figures.account("Short", erp_number="4711"), figures.account("Long", erp_number="0004711")
    plain, padded = figures.customer("4711"), figures.customer("0004711")
    twin = figures.customer("4711", key="erp:other/4711")
    figures.roll_up()
    assert told(padded)[2] == long.key
    assert told(plain)[0] == told(twin)[0] == "conflict"
    decide(iris, Wanted(ACCEPT, twin.key, short.key))
    assert told(twin) == ("linked", "decided", short.key)
    assert told(plain) == ("unlinked", "", None), "the number is settled by the one that was decided for"
    before = set(AccountLink.objects.values_list("erp_customer", "account", "status", "method", "detail"))
    figures.roll_up()
    assert set(AccountLink.objects.values_list("erp_customer", "account", "status", "method", "detail")) == before


def test_of_two_who_decide_the_second_is_told_and_a_form_sent_twice_counts_once(figures, iris):
    first, second, acme = figures.account("First"), figures.account("Second"), figures.customer("100")
    figures.roll_up()
    ben = User.objects.create_user("ben", first_name="Ben")
    seen = state_of(acme.key)
    made = decide(iris, Wanted(ACCEPT, acme.key, first.key, seen=seen))
    assert decide(iris, Wanted(ACCEPT, acme.key, first.key, seen=seen)) == made
    with pytest.raises(NotDecided, match="Iris Wolf decided meanwhile: “Accepted”"):
        decide(ben, Wanted(ACCEPT, acme.key, second.key, seen=seen))
    with pytest.raises(NotDecided, match="no such account"):
        decide(ben, Wanted(ACCEPT, acme.key, "001NONE"))
    with pytest.raises(NotDecided, match="is gone"):
        decide(ben, Wanted(IGNORE, "erp:nobody"))
    assert LinkDecision.objects.count() == 1


def test_many_are_accepted_at_once_but_no_conflict_and_no_doubt(figures, iris):
    sure, doubt, third = figures.account("Sure"), figures.account("Doubt"), figures.account("Third", erp_number="900")
    clear, twin, unclear, weak, torn, no = (figures.customer(str(number)) for number in (100, 200, 300, 400, 900, 600))
    torn.salesforce_account = doubt.key
    torn.save()
    for customer in (clear, twin, unclear, weak, torn, no):
        figures.invoice(customer, "10.00", ago(3))
    figures.roll_up()
    for customer, account, score in (
        (clear, sure, "0.97"),
        (twin, sure, "0.95"),
        (unclear, sure, "0.96"),
        (unclear, doubt, "0.91"),
        (weak, doubt, "0.89"),
        (torn, doubt, "0.99"),
        (no, third, "0.99"),
    ):
        propose(customer, account, score)
    decide(iris, Wanted(REJECT, no.key, third.key))
    shown = bulk.plan(iris, Decimal("0.9"))
    assert [pair.erp_customer for pair in shown.pairs] == [clear.key, twin.key]
    assert (shown.revenue_12m, shown.several, shown.conflicts, shown.accounts) == (Decimal("20.00"), 1, 1, 1)
    with pytest.raises(NotDecided, match="changed since it was shown"):
        bulk.accept_all(iris, Decimal("0.9"), "of another preview", "")
    done = bulk.accept_all(iris, Decimal("0.9"), shown.fingerprint, "Checked the list")
    assert (done.decided, done.conflicts, done.later) == (2, 0, False)
    assert told(clear)[1:] == told(twin)[1:] == ("decided", sure.key)
    assert figures.figures(sure).revenue_12m == Decimal("20.00")
    assert total() == Decimal("60.00")
    with pytest.raises(NotDecided, match="nothing to accept"):
        bulk.accept_all(iris, Decimal("0.9"), shown.fingerprint, "")
    undo(iris, list(LinkDecision.objects.filter(batch=done.batch).values_list("pk", flat=True)))
    assert told(clear)[0] == told(twin)[0] == "unlinked"
    assert figures.figures(sure).revenue_12m == 0


def test_many_at_once_leaves_out_namesakes_for_one_account_and_another_legal_form(figures, iris):
    works, power = figures.account("Power Works"), figures.account("Barlow Ltd")
    names = ("Power Works GmbH", "POWER WORKS", "Power Works AG", "Powerworks Nord")
    one, two, three, other = (figures.customer(str(number), name=name) for number, name in enumerate(names, 100))
    barlow = figures.customer("200", name="Barlow plc")
    figures.roll_up()
    for customer in (one, two, three, other):
        propose(customer, works, "0.97")
    form = {"field": "form", "erp": "Barlow plc", "account": "Barlow Ltd", "verdict": "different", "weight": -1.65}
    LinkProposal.objects.filter(pk=propose(barlow, power, "0.97").pk).update(evidence=[form])
    shown = bulk.plan(iris, Decimal("0.9"))
    assert [pair.erp_customer for pair in shown.pairs] == [other.key]
    assert (shown.namesakes, shown.unlike, shown.several, shown.conflicts) == (3, 1, 0, 0)
    decide(iris, Wanted(ACCEPT, one.key, works.key))
    assert told(one)[0] == "linked", "one by one they can be accepted"


def test_last_years_report_stands_with_last_years_links_and_can_be_computed_again(figures, iris, client):
    old, new = figures.account("Old", erp_number="100"), figures.account("New", erp_number="300")
    mine, stays, alone = figures.customer("100"), figures.customer("300"), figures.customer("500")
    for customer, net in ((mine, "100.10"), (stays, "5.05"), (alone, "40.00")):
        invoice = figures.invoice(customer, net, ago(400))
        figures.item(customer, net, ago(400), ago(390), invoice=invoice)
    then = ago(365)
    figures.roll_up(then)
    figures.roll_up(ago(1))
    client.force_login(iris)

    def report():
        page = client.get(f"/reports/receivables/?day={then}").content.decode()
        assert f"kept of {formats.day(then)}" in page
        figure = client.get(f"/reports/receivables/figures/overdue_amount/?day={then}").content.decode()
        rows = CustomerRollup.objects.filter(as_of=then).exclude(overdue_amount=0)
        shown = dict(rows.values_list("customer__name", "overdue_amount"))
        assert all(formats.money(money) in page for money in shown.values())
        assert re.findall(r'data-total="([^"]*)"', figure)[0].startswith(f"{sum(shown.values()):.2f}")
        return shown

    before = report()
    assert before == {"Old": Decimal("100.10"), "New": Decimal("5.05"), "Customer 500": Decimal("40.00")}
    figures.roll_up(DAY)
    for customer in (mine, alone):
        decide(iris, Wanted(ACCEPT, customer.key, new.key, overrule=True))
    assert figures.figures(new).overdue_amount == Decimal("145.15")
    assert report() == before
    call_command("rollup", f"--as-of={then}", "--links-of-that-day", stdout=StringIO())
    assert report() == before, "computed anew by the links of then"
    page = client.get(f"/customers/{figures.of(old).pk}/figures/overdue_amount/?as_of={then}").content.decode()
    assert "100.10" in page
    assert "does not match" not in page
    call_command("rollup", f"--as-of={then}", "--links-of-today", stdout=StringIO())
    assert figures.figures(new, then).overdue_amount == Decimal("145.15"), "by the links of today, where that is asked"
    assert figures.figures(old, then).overdue_amount == 0
    assert sum(CustomerRollup.objects.filter(as_of=then).values_list("overdue_amount", flat=True)) == Decimal("145.15")
    assert RollupDay.objects.get(as_of=then).links_of == DAY
    periods = AccountLinkPeriod.objects.filter(erp_customer=mine.key).order_by("pk")
    assert list(periods.values_list("account", "valid_from", "valid_to")) == [
        (old.key, None, DAY),
        (new.key, DAY, None),
    ]


def test_a_link_that_moves_away_and_back_on_one_day_leaves_no_trace_in_the_periods(figures, iris):
    old, new, acme = figures.account("Old", erp_number="100"), figures.account("New"), figures.customer("100")
    figures.roll_up(ago(1))
    figures.roll_up(DAY)
    made = decide(iris, Wanted(ACCEPT, acme.key, new.key, overrule=True))
    assert AccountLinkPeriod.objects.filter(erp_customer=acme.key).count() == 2
    undo(iris, list(LinkDecision.objects.filter(batch=made.batch).values_list("pk", flat=True)))
    (period,) = AccountLinkPeriod.objects.filter(erp_customer=acme.key)
    assert (period.account, period.valid_from, period.valid_to) == (old.key, None, None)


def test_whoever_decides_while_a_sync_stores_its_figures_is_told_to_come_back(figures, iris, monkeypatch):
    account, acme = figures.account("Acme"), figures.customer("100")
    figures.roll_up()
    monkeypatch.setattr(acts, "WAIT", "50ms")
    # The lock of this transaction is this session's own, so the other one waits for a name of its own.
    monkeypatch.setattr(locks, "PUBLISH", "publish of the test")
    with closing(connection.get_new_connection(connection.get_connection_params())) as other:
        other.execute("select pg_advisory_lock(%s, %s)", [locks.SPACE, locks._number("publish of the test")])
        with pytest.raises(NotDecided, match="A sync is storing its figures right now"):
            decide(iris, Wanted(ACCEPT, acme.key, account.key))
    assert not LinkDecision.objects.exists()
    decide(iris, Wanted(ACCEPT, acme.key, account.key))
    assert told(acme)[0] == "linked"
