"""The audit line that a link leaves when it goes from one account to another."""

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

from django.db import connection

from customers.linking import link_history
from customers.models import AccountLink, AccountLinkPeriod, CustomerRollup, LinkEvent
from customers.pages.link_moves import build_link_moves
from tests.customers.world import READ_AT, ago


def lines() -> list[tuple[str, str, str, str]]:
    return list(LinkEvent.objects.order_by("id").values_list("erp_customer", "from_account", "to_account", "why"))


def merge(figures, loser, winner) -> None:
    loser.deleted_at, loser.gone_reason, loser.master_record = READ_AT, "merged", winner.key
    loser.save()
    figures.publish(accounts=[loser], changed=["sf_account"])


def test_trap_21_a_merge_moves_the_losers_links_to_the_winner_with_an_audit_line(figures):
    loser, winner = figures.account("Loser", erp_number="100"), figures.account("Winner", erp_number="200")
    acme, other = figures.customer("100"), figures.customer("200")
    figures.invoice(acme, "100.00", ago(3))
    figures.invoice(other, "1.00", ago(3))
    figures.roll_up()
    assert lines() == []
    merge(figures, loser, winner)
    assert lines() == [(acme.key, loser.key, winner.key, "merged")]
    event = LinkEvent.objects.get()
    assert "merged into Winner" in event.detail
    assert event.at is not None
    assert AccountLink.objects.get(erp_customer=acme.key).account == winner.key
    assert sum(CustomerRollup.objects.values_list("revenue_ytd", flat=True)) == Decimal("101.00"), (
        "nothing counts twice"
    )
    assert [each.pk for each in link_history(winner.key)] == [event.pk]
    assert [each.pk for each in link_history(loser.key)] == [event.pk]


def test_a_later_publish_adds_no_second_line(figures):
    loser, winner = figures.account("Loser", erp_number="100"), figures.account("Winner")
    figures.customer("100")
    figures.roll_up()
    merge(figures, loser, winner)
    figures.publish(accounts=[winner], changed=["sf_account"])
    assert len(lines()) == 1


def test_a_deleted_account_parks_the_link_with_a_line(figures):
    account, acme = figures.account("Acme", erp_number="100"), figures.customer("100")
    figures.roll_up()
    account.deleted_at, account.gone_reason = READ_AT, "deleted"
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"])
    assert lines() == [(acme.key, account.key, "", "deleted")]


def test_a_number_written_on_another_account_moves_the_link_with_a_line(figures):
    old, new = figures.account("Old", erp_number="100"), figures.account("New")
    acme = figures.customer("100")
    figures.roll_up()
    old.erp_number, new.erp_number = "", "100"
    old.save()
    new.save()
    figures.publish(accounts=[old, new], changed=["sf_account"])
    assert lines() == [(acme.key, old.key, new.key, "moved")]


def test_a_first_link_is_no_move(figures):
    figures.account("Acme", erp_number="100")
    figures.customer("100")
    figures.roll_up()
    assert lines() == []


def test_the_customer_page_tells_what_came_and_what_left(figures):
    loser, winner = figures.account("Loser", erp_number="100"), figures.account("Winner", erp_number="200")
    figures.customer("100")
    figures.customer("200")
    figures.roll_up()
    assert build_link_moves(winner.key) == build_link_moves("") == ()
    merge(figures, loser, winner)
    (came,), (left,) = build_link_moves(winner.key), build_link_moves(loser.key)
    assert (came.number, came.other) == ("100", loser.key)
    assert came.words == "came with an account that was merged into this one"
    assert (left.number, left.other) == ("100", winner.key)
    assert left.words == "went to the account that this one was merged into"


def test_an_account_that_comes_back_gets_its_link_back_with_a_line(figures):
    account, acme = figures.account("Acme", erp_number="100"), figures.customer("100")
    figures.roll_up()
    account.deleted_at, account.gone_reason = READ_AT, "deleted"
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"])
    account.deleted_at, account.gone_reason = None, ""
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"])
    assert lines() == [(acme.key, account.key, "", "deleted"), (acme.key, "", account.key, "linked")]
    assert build_link_moves(account.key)[0].words == "is linked to this account again"


def test_periods_of_links_from_before_they_were_kept_are_made_of_the_moves(figures):
    old, new = figures.account("Old", erp_number="100"), figures.account("New", erp_number="200")
    acme, other = figures.customer("100"), figures.customer("200")
    figures.roll_up()
    old.erp_number, new.erp_number = "", "200"
    old.save()
    figures.publish(accounts=[old, new], changed=["sf_account"])
    LinkEvent.objects.update(at=datetime(2026, 1, 20, 23, 30, tzinfo=UTC))
    AccountLinkPeriod.objects.all().delete()
    import_module("customers.migrations.0019_link_periods").back_fill(None, SimpleNamespace(connection=connection))
    moved = date(2026, 1, 21)
    assert set(AccountLinkPeriod.objects.values_list("erp_customer", "account", "valid_from", "valid_to")) == {
        (acme.key, old.key, None, moved),
        (acme.key, None, moved, None),
        (other.key, new.key, None, None),
    }
    assert figures.of(acme).link_periods.get().valid_from == moved, "by the calendar of the company, past its midnight"
