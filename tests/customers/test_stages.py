"""How far each company has come: stages, the stamp of a conversion, and the money that no account shows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from customers.deciding.acts import Wanted, decide, undo
from customers.deciding.sharing import Row
from customers.deciding.sharing import share as share_out
from customers.measures_text import STAGE
from customers.models import (
    AccountLink,
    Conversion,
    Customer,
    CustomerRollup,
    LinkEvent,
    LinkVerdict,
    RollupDay,
    UnlinkedDay,
)
from customers.push_values import is_known, need_of
from customers.stages import STAGES, lapsed_before, stage_of
from customers.unlinked_money import kept_days, share
from tests.customers.world import DAY, READ_AT, ago

CREATED = datetime(2025, 11, 3, 23, 30, tzinfo=UTC)  # the 4th in Berlin
TOMORROW = DAY + timedelta(days=1)


def told(*rows, figures):
    return {row.name: _stamp(figures.of(row)) for row in rows}


def _stamp(customer):
    found = Conversion.objects.filter(customer=customer).first()
    return found and (found.converted_on, found.cause, found.known_before)


def stages():
    """By name, as SQL tells them; Python says the same of each."""
    rollups = CustomerRollup.objects.filter(as_of=DAY).select_related("customer").annotate(words=STAGE.expression())
    for rollup in rollups:
        assert STAGES[stage_of(rollup)] == rollup.words, rollup.customer.name
    return {rollup.customer.name: rollup.words for rollup in rollups if not rollup.customer.gone_at}


def test_each_stage_follows_from_links_opportunities_and_the_last_order(figures):
    limit = lapsed_before(DAY)
    for name, number, last in (
        ("Lately", "1", limit),
        ("Long ago", "2", limit - timedelta(days=1)),
        ("New", "3", None),
    ):
        acme = figures.linked(name, number)
        if last:
            figures.order(acme, "10", last)
    figures.account("Suspect")
    figures.deal(figures.account("Lost"), "5", ago(30), is_won=False)
    later = figures.account("Later")
    figures.deal(later, "5", DAY, created_on=datetime(2026, 2, 10, 23, 30, tzinfo=UTC), is_closed=False)
    figures.order(figures.customer("9", name="Alone"), "10", ago(800))
    figures.roll_up()
    assert stages() == {
        "Lately": "Customer",
        "Long ago": "Lapsed",
        "New": "Customer",
        "Suspect": "Suspect",
        "Lost": "Prospect",
        "Later": "Suspect",
        "Alone": "ERP-only",
    }
    figures.roll_up(TOMORROW)
    assert STAGES[stage_of(figures.figures(later, TOMORROW))] == "Prospect"
    # Days that were stored before opportunities were counted call nobody a suspect.
    CustomerRollup.objects.filter(as_of=DAY).update(opportunity_count=None)
    assert stages()["Suspect"] == "Prospect"
    assert is_known("stage")
    assert need_of("stage").length == len("Prospect")


def test_who_is_linked_when_an_erp_is_read_first_was_a_customer_before(figures):
    ordered = figures.account("Ordered", erp_number="1")
    figures.order(figures.customer("1"), "10", ago(500))
    silent = figures.account("Silent", erp_number="2")
    two = figures.customer("2")
    prospect = figures.account("Prospect")
    figures.roll_up()
    assert told(ordered, silent, prospect, figures=figures) == {
        "Ordered": (ago(500), "order", True),
        "Silent": (None, "link", True),
        "Prospect": None,
    }
    # The first order of one that had none is all that is known of when it began.
    figures.order(two, "10", TOMORROW)
    figures.publish(as_of=TOMORROW, customers=[two])
    assert told(silent, figures=figures) == {"Silent": (TOMORROW, "order", True)}


def test_a_link_converts_on_its_day_and_an_earlier_order_on_its_own(figures):
    figures.linked("First", "1")
    linked, ordered = figures.account("Linked"), figures.account("Ordered")
    figures.deal(linked, "70", ago(2), created_on=CREATED)
    alone = figures.customer("3")
    figures.order(alone, "10", ago(40))
    figures.roll_up()
    AccountLink.objects.update(linked_at=READ_AT)
    for account, number in ((linked, "2"), (ordered, "3")):
        account.erp_number = number
        account.save()
    new = figures.customer("2")
    figures.publish(customers=[new], accounts=[linked, ordered], changed=["sf_account", "erp_customer"])
    assert told(linked, ordered, figures=figures) == {
        "Linked": (DAY, "link", False),
        "Ordered": (ago(40), "order", False),
    }
    figures.order(new, "10", TOMORROW)
    figures.publish(as_of=TOMORROW, customers=[new])
    stamped = Conversion.objects.get(customer=figures.of(linked))
    # The day stays that of the link; the days before the first order are kept once.
    assert (stamped.converted_on, stamped.first_order_on) == (DAY, TOMORROW)
    assert stamped.first_opportunity_on == CREATED.date() + timedelta(days=1)
    figures.order(new, "10", ago(3))
    figures.deal(linked, "70", ago(1), created_on=CREATED - timedelta(days=99))
    figures.publish(as_of=TOMORROW, customers=[new], accounts=[linked])
    after = Conversion.objects.get(customer=figures.of(linked))
    assert (after.first_order_on, after.first_opportunity_on) == (stamped.first_order_on, stamped.first_opportunity_on)


def test_an_opportunity_after_the_first_order_led_to_no_conversion(figures):
    account = figures.account("Acme", erp_number="1")
    figures.order(figures.customer("1"), "10", ago(100))
    figures.deal(account, "70", ago(2), created_on=READ_AT - timedelta(days=50))
    figures.roll_up()
    assert Conversion.objects.get(customer=figures.of(account)).first_opportunity_on is None


def test_taking_the_link_away_marks_the_conversion_and_erases_nothing(figures):
    account = figures.account("Acme", erp_number="1")
    acme = figures.customer("1")
    figures.order(acme, "10", ago(100))
    figures.roll_up()
    before = _stamp(figures.of(account))
    for number, lost in (("", True), ("1", False)):
        account.erp_number = number
        account.save()
        figures.publish(accounts=[account], changed=["sf_account"])
        conversion = Conversion.objects.get(customer=figures.of(account))
        assert (bool(conversion.unlinked_at), _stamp(conversion.customer)) == (lost, before)


@pytest.mark.parametrize("orders", [(300, 100), (100, 300)])
def test_a_merged_account_keeps_the_earlier_of_both_days(figures, orders):
    loser, winner = figures.account("Loser", erp_number="1"), figures.account("Winner", erp_number="2")
    for number, days in zip(("1", "2"), orders, strict=True):
        figures.order(figures.customer(number), "10", ago(days))
    figures.roll_up()
    gone = figures.of(loser)
    loser.deleted_at, loser.gone_reason, loser.master_record = READ_AT, "merged", winner.key
    loser.save()
    figures.publish(accounts=[loser], changed=["sf_account"])
    assert told(winner, figures=figures) == {"Winner": (ago(300), "order", True)}
    assert Conversion.objects.get(customer=gone).merged_into == figures.of(winner)
    # Told once: nothing is taken over again.
    Conversion.objects.filter(customer=figures.of(winner)).update(converted_on=ago(7))
    figures.publish(accounts=[winner], changed=["sf_account"])
    assert Conversion.objects.get(customer=figures.of(winner)).converted_on == ago(7)


def test_a_prospect_that_takes_over_a_customer_inherits_its_day(figures):
    loser, winner = figures.account("Loser", erp_number="1"), figures.account("Winner")
    figures.order(figures.customer("1"), "10", ago(300))
    silent, taker = figures.account("Silent", erp_number="2"), figures.account("Taker")
    figures.customer("2")
    figures.roll_up()
    for account, master in ((loser, winner), (silent, taker)):
        account.deleted_at, account.gone_reason, account.master_record = READ_AT, "merged", master.key
        account.save()
    figures.publish(accounts=[loser, silent], changed=["sf_account"])
    assert told(winner, taker, figures=figures) == {"Winner": (ago(300), "order", True), "Taker": (None, "link", True)}


def test_undelete_gives_both_accounts_their_own_stamps_again(figures):
    loser, winner = figures.account("Loser", erp_number="1"), figures.account("Winner", erp_number="2")
    taken, taker = figures.account("Taken", erp_number="3"), figures.account("Taker")
    for number, days in (("1", 300), ("2", 100), ("3", 200)):
        figures.order(figures.customer(number), "10", ago(days))
    figures.roll_up()
    before = told(loser, winner, taken, taker, figures=figures)
    pairs = ((loser, winner), (taken, taker))

    def move(at, gone):
        for account, master in pairs:
            account.deleted_at, account.gone_reason, account.master_record = at, gone, master.key if at else ""
            account.save()
        figures.publish(accounts=[loser, taken], changed=["sf_account"])

    move(READ_AT, "merged")
    merged = told(winner, taker, figures=figures)
    assert merged == {"Winner": before["Loser"], "Taker": before["Taken"]}
    assert Conversion.objects.exclude(merged_into=None).count() == 2
    move(None, "")
    assert told(loser, winner, taken, taker, figures=figures) == before
    assert before["Taker"] is None, "it was a customer by the merge alone"
    assert not Conversion.objects.exclude(merged_into=None).exists()
    move(READ_AT, "merged")
    assert told(winner, taker, figures=figures) == merged, "merged once more"


def test_a_chain_of_merges_comes_apart_where_one_of_them_is_undone(figures):
    first, second, third = (figures.account(name, erp_number=name) for name in "123")
    for number, days in (("1", 300), ("2", 200), ("3", 100)):
        figures.order(figures.customer(number), "10", ago(days))
    figures.roll_up()
    stamps = told(first, second, third, figures=figures)
    for account, master in ((first, second), (second, third)):
        account.deleted_at, account.gone_reason, account.master_record = READ_AT, "merged", master.key
        account.save()
        figures.publish(accounts=[account], changed=["sf_account"])
        assert told(master, figures=figures)[master.name] == stamps["1"]
    first.deleted_at, first.gone_reason, first.master_record = None, "", ""
    first.save()
    figures.publish(accounts=[first], changed=["sf_account"])
    assert told(first, third, figures=figures) == {"1": stamps["1"], "3": stamps["2"]}


def test_a_decision_that_is_taken_back_takes_its_stamp_with_it_and_nobody_elses(figures):
    figures.linked("First", "9")
    acme, twice, torn = figures.account("Acme"), figures.account("Twice"), figures.account("Torn", erp_number="5")
    masters = {number: figures.customer(number) for number in "12345"}
    for number, days in (("1", 70), ("2", 60), ("3", 50), ("4", 400), ("5", 40)):
        figures.order(masters[number], "10", ago(days))
    figures.roll_up()
    AccountLink.objects.update(linked_at=READ_AT)
    iris = User.objects.create_user("iris")

    def accept(number, account):
        return decide(iris, Wanted(LinkVerdict.ACCEPT, masters[number].key, account.key))

    one, first, second = accept("1", acme), accept("2", twice), accept("3", twice)
    more = accept("4", torn)
    stamps = told(acme, twice, torn, figures=figures)
    assert stamps == {
        "Acme": (ago(70), "order", False),
        "Twice": (ago(60), "order", False),
        "Torn": (ago(40), "order", True),
    }
    undo(iris, [one.pk])
    undo(iris, [more.pk])
    assert told(acme, torn, figures=figures) == {"Acme": None, "Torn": stamps["Torn"]}, (
        "no decision made Torn a customer"
    )
    undo(iris, [first.pk])
    assert told(twice, figures=figures) == {"Twice": (ago(50), "order", False)}, "dated by the link that is left"
    undo(iris, [second.pk])
    assert told(twice, figures=figures) == {"Twice": None}
    # Decided for another account, and that taken back: each has the stamp of what stands.
    accept("1", acme)
    moved = accept("1", twice)
    assert told(acme, twice, figures=figures) == {"Acme": None, "Twice": stamps["Acme"]}
    undo(iris, [moved.pk])
    assert told(acme, twice, figures=figures) == {"Acme": stamps["Acme"], "Twice": None}


def test_a_rule_taken_back_and_an_automatic_link_that_was_rejected_leave_no_stamp(figures):
    figures.linked("First", "9")
    place = {"city": "Hamburg", "country": "DE", "postal_code": "20457"}
    there = {f"billing_{name}": value for name, value in place.items()}
    vat = {"VAT__c": "DE136695976"}
    one, two = figures.account("One"), figures.account("Two")
    kestrel = figures.account("Kestrel GmbH", custom_fields=vat, **there)
    shared, own = figures.customer("1"), figures.customer("2")
    found = figures.customer("3", name="Kestrel GmbH", vat_id=vat["VAT__c"], **place)
    for master, days in ((shared, 70), (own, 400), (found, 50)):
        figures.order(master, "10", ago(days))
    figures.roll_up(ago(1))
    RollupDay.objects.update(completed_at=READ_AT - timedelta(days=1))
    AccountLink.objects.update(linked_at=READ_AT)
    figures.publish(full=True)
    iris = User.objects.create_user("iris")
    assert told(kestrel, figures=figures) == {"Kestrel GmbH": (ago(50), "order", False)}

    rule = share_out(iris, shared.key, [Row(one.key, Decimal("33.3333")), Row(two.key, Decimal("66.6667"))], "")
    # All that one test does happens at one moment, as far as the database knows; the rule was before.
    LinkEvent.objects.update(at=READ_AT)
    Conversion.objects.update(recorded_at=READ_AT)
    mine = decide(iris, Wanted(LinkVerdict.ACCEPT, own.key, one.key))
    assert told(one, two, figures=figures)["Two"] == (ago(70), "order", False)
    undo(iris, [rule.pk])
    assert told(one, two, figures=figures) == {"One": (ago(400), "order", False), "Two": None}, "dated by what is left"
    undo(iris, [mine.pk])
    assert told(one, figures=figures) == {"One": None}

    refused = decide(iris, Wanted(LinkVerdict.REJECT, found.key, kestrel.key))
    assert told(kestrel, figures=figures) == {"Kestrel GmbH": None}
    undo(iris, [refused.pk])
    figures.publish(full=True)
    assert told(kestrel, figures=figures) == {"Kestrel GmbH": (ago(50), "order", False)}, "linked once more"
    kestrel.custom_fields = {"VAT__c": "DE811569869"}
    kestrel.save()
    for _ in range(2):
        figures.publish(accounts=[kestrel], changed=["sf_account"])
    assert told(kestrel, figures=figures) == {"Kestrel GmbH": None}, "its ground is gone"


def test_what_no_account_shows_is_kept_for_each_day_and_stays_as_it_was(figures):
    account = figures.account("Acme")
    figures.account("Other", erp_number="2")
    acme, other = figures.customer("1"), figures.customer("2")
    for customer, net in ((acme, "30"), (other, "70")):
        figures.invoice(customer, net, ago(20))
    figures.item(acme, "9", ago(20), ago(5))
    figures.roll_up()
    figures.roll_up(ago(1), current=False)
    account.erp_number = "1"
    account.save()
    figures.publish(as_of=TOMORROW, accounts=[account], changed=["sf_account"])
    found = {day.as_of: (int(day.unlinked_revenue), int(day.revenue), day.customers) for day in kept_days(TOMORROW, 9)}
    assert found == {ago(1): (30, 100, 1), DAY: (30, 100, 1), TOMORROW: (0, 100, 0)}
    assert [share(day.unlinked_overdue, day.overdue) for day in kept_days(DAY, 1)] == [Decimal("100.0")]
    # A day that an earlier version rolled up is kept with the next publish, with the links of then.
    UnlinkedDay.objects.filter(as_of=DAY).delete()
    figures.publish(as_of=TOMORROW, accounts=[account], full=True)
    assert UnlinkedDay.objects.get(as_of=DAY).unlinked_revenue == 30
    assert Customer.objects.get(erp_customer=acme.key).gone_at is not None
