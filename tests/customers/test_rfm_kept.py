"""In which RFM segment a customer is since when, what moved, what reaches Salesforce, and how scales are changed."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

import pytest
from django.contrib.auth.models import User
from django.db import connection

from customers.hidden import hidden_from
from customers.models import CustomerRollup, RfmCalibration, RfmMembership
from customers.push_values import need_of, wanted_values
from customers.rfm import at_day
from customers.rfm_calibration import NotCalibrated, calibrate, change
from customers.rfm_in_force import scales_in_force
from customers.rfm_moves import NOT_YET, SORTINGS, moves
from customers.rfm_scales import USUAL, Scales
from customers.statements import run
from integration_hub import locks
from integration_hub.config import PushField
from integration_hub.models import ErpOrder
from integration_hub.push.wanted import FieldNeed, Kind
from tests.customers.world import DAY, ago

pytestmark = pytest.mark.django_db
TOMORROW = DAY + timedelta(days=1)


def kept(figures, customer) -> tuple[str, str, date]:
    row = RfmMembership.objects.get(customer=figures.of(customer))
    return row.segment, row.score, row.since


def champion(figures, number: str = "100"):
    """Twenty orders, the last one 30 days ago, and revenue of 200,000."""
    acme = figures.linked(f"Acme {number}", number)
    for days in range(30, 630, 30):
        figures.order(acme, "1000", ago(days))
    figures.invoice(acme, "200000", ago(100))
    return acme


def test_a_publish_keeps_the_segment_and_the_day_it_began(figures) -> None:
    acme, quiet = champion(figures), figures.linked("Quiet", "200")
    figures.roll_up(ago(1))
    assert kept(figures, acme) == ("champions", "555", ago(1))
    assert kept(figures, quiet) == ("no_orders", "", ago(1))
    figures.publish(as_of=DAY)
    # Thirty days became thirty-one only tomorrow for a score, but no other segment.
    assert kept(figures, acme) == ("champions", "555", ago(1))
    figures.order(quiet, "10", DAY)
    figures.publish(customers=[quiet])
    assert kept(figures, quiet) == ("new", "511", DAY)
    figures.publish(as_of=TOMORROW)
    assert kept(figures, acme) == ("champions", "455", ago(1))
    assert kept(figures, quiet) == ("new", "511", DAY)


def test_what_moves_back_on_the_same_day_never_left(figures) -> None:
    acme = figures.linked()
    figures.roll_up(ago(5))
    figures.publish(as_of=DAY)
    order = figures.order(acme, "10", ago(1))
    figures.publish(customers=[acme])
    assert kept(figures, acme)[::2] == ("new", DAY)
    order.status = "cancelled"
    order.save()
    figures.publish(customers=[acme])
    assert kept(figures, acme)[::2] == ("no_orders", ago(5))
    assert RfmMembership.objects.get().before == ""


def test_a_first_publish_dates_back_to_the_stored_day_it_began(figures) -> None:
    acme = figures.linked()
    figures.order(acme, "10", ago(20))
    figures.order(acme, "10", ago(500))
    figures.roll_up(DAY)
    for days in (60, 30, 10, 5):
        figures.roll_up(ago(days), current=False)
    # As an installation that had no memberships before.
    RfmMembership.objects.all().delete()
    figures.roll_up(DAY)
    row = RfmMembership.objects.get()
    assert (row.segment, row.since, row.before) == ("potential", ago(10), "lost")


@pytest.mark.parametrize("order", [(60, 30, 10, 5), (5, 10, 30, 60), (30, 5, 60, 10), (10, 60, 5, 30)])
def test_days_that_are_stored_afterwards_tell_since_when_whatever_their_order(figures, order) -> None:
    acme, gap = figures.linked(), figures.linked("Gap", "200")
    figures.order(acme, "10", ago(20))
    figures.order(acme, "10", ago(500))
    figures.order(gap, "10", ago(500))
    figures.roll_up(DAY)
    row = RfmMembership.objects.get(customer=figures.of(acme))
    assert (row.segment, row.since, row.before) == ("potential", DAY, "")
    for days in order:
        figures.roll_up(ago(days), current=False)
    row.refresh_from_db()
    assert (row.segment, row.since, row.before) == ("potential", ago(10), "lost")
    first = {each.customer_id: (each.segment, each.since, each.before) for each in RfmMembership.objects.all()}
    # The same as when all of them had been there before anything was kept.
    RfmMembership.objects.all().delete()
    figures.roll_up(DAY)
    assert first == {each.customer_id: (each.segment, each.since, each.before) for each in RfmMembership.objects.all()}


def test_a_day_that_is_stored_afterwards_can_show_that_a_segment_was_interrupted(figures) -> None:
    acme = figures.linked()
    figures.order(acme, "10", ago(20))
    figures.roll_up(ago(10))
    figures.publish(as_of=DAY)
    assert kept(figures, acme)[::2] == ("new", ago(10))
    order = ErpOrder.objects.get()
    ErpOrder.objects.update(status="cancelled")
    figures.roll_up(ago(5), current=False)
    ErpOrder.objects.update(status=order.status)
    row = RfmMembership.objects.get()
    assert (row.since, row.before, row.before_since) == (DAY, "no_orders", ago(5))
    # Where it moves back on the same day it never left.
    ErpOrder.objects.update(status="cancelled")
    figures.roll_up(DAY)
    row.refresh_from_db()
    assert (row.segment, row.since, row.before) == ("no_orders", ago(5), "")


def told(segments: dict[int, str]) -> tuple[str, int, str, int | None]:
    """Segment, since, before and before_since as stored days by their number tell them."""
    days = sorted(segments, reverse=True)
    runs = [list(run) for _, run in groupby(days, key=lambda day: segments[day])]
    before = runs[1] if len(runs) > 1 else []
    return segments[days[0]], runs[0][-1], segments[before[0]] if before else "", before[-1] if before else None


@pytest.mark.parametrize("seed", range(5))
def test_days_that_are_stored_afterwards_in_any_order_tell_what_all_of_them_tell(figures, seed) -> None:
    rng = Random(seed)  # noqa: S311 - the same days every time are the point
    days, customers = range(9), range(40)
    truth = {customer: [rng.choice(("new", "lost", "champions")) for _ in days] for customer in customers}
    for customer in customers:
        RfmMembership.objects.create(customer_id=customer, segment=truth[customer][8], since=ago(0))
    stored, order = [8], list(days[:8])
    rng.shuffle(order)
    for day in order:
        later = ago(8 - min(each for each in stored if each > day))
        with connection.cursor() as cursor:
            cursor.execute("drop table if exists pg_temp.rfm_then")
            cursor.execute("create temp table rfm_then (customer_id bigint, segment text, as_of date)")
            rows = [(customer, truth[customer][day], ago(8 - day)) for customer in customers]
            cursor.executemany("insert into rfm_then values (%s, %s, %s)", rows)
        run("rfm_membership_past", later=later)
        stored.append(day)
        for row in RfmMembership.objects.all():
            since = [None if each is None else 8 - (DAY - each).days for each in (row.since, row.before_since)]
            found = (row.segment, since[0], row.before, since[1])
            assert found == told({each: truth[row.customer_id][each] for each in stored}), (row.customer_id, stored)


def test_a_stored_day_that_is_computed_again_takes_back_what_it_told(figures) -> None:
    acme = figures.linked()
    figures.order(acme, "10", ago(20))
    ErpOrder.objects.update(status="cancelled")
    figures.roll_up(ago(5))
    ErpOrder.objects.update(status="open")
    figures.publish(as_of=DAY, customers=[acme])
    row = RfmMembership.objects.get()
    assert (row.segment, row.since, row.before, row.before_since) == ("new", DAY, "no_orders", ago(5))
    figures.roll_up(ago(5), current=False)
    row.refresh_from_db()
    assert (row.segment, row.since, row.before, row.before_since) == ("new", ago(5), "", None)


def test_a_move_by_a_calibration_stays_where_figures_of_another_day_are_stored_later(figures) -> None:
    acme = champion(figures)
    figures.roll_up(ago(3))
    figures.publish(as_of=DAY)
    strict = Scales(recency=(100, 20, 10, 5))
    calibrate(User.objects.create_user("iris"), DAY, strict, method="absolute", ties="", reason="Weekly now")
    figures.roll_up(ago(1), current=False)
    row = RfmMembership.objects.get(customer=figures.of(acme))
    assert (row.segment, row.since, row.before) == ("cannot_lose", DAY, "champions")


def test_a_customer_that_is_gone_has_no_segment(figures) -> None:
    account = figures.account(erp_number="100")
    figures.customer("100")
    figures.roll_up()
    account.deleted_at = "2026-02-10T05:00:00Z"
    account.save()
    figures.publish(accounts=[account], changed=["sf_account"])
    assert not RfmMembership.objects.filter(customer__gone_at__isnull=False).exists()


def test_segment_score_and_day_are_pushed(figures) -> None:
    acme, prospect = champion(figures), figures.account("Prospect")
    figures.roll_up()
    fields = [PushField(field=f"{name}__c", measure=name) for name in ("rfm_segment", "rfm_score", "rfm_since")]
    wanted = wanted_values(fields)
    with connection.cursor() as cursor:
        cursor.execute(wanted.query, wanted.parameters)
        found = {account: values for account, *values in cursor.fetchall()}
    assert found[figures.of(acme).account] == ["Champions", "555", DAY]
    assert found[prospect.key] == ["No orders", None, DAY]
    assert need_of("rfm_since") == FieldNeed(Kind.DATE)
    assert (need_of("rfm_segment").length, need_of("rfm_score").length) == (15, 3)
    assert "Champions" in need_of("rfm_segment").values


def test_who_may_not_see_a_figure_it_is_made_of_does_not_see_the_segment(settings, tmp_path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(
        'sources = []\n[company]\nname = "T"\nreporting_currency = "EUR"\ntime_zone = "UTC"\n'
        '[access.hidden]\nrevenue_12m = ["account_manager"]\n'
    )
    settings.HUB_CONFIG = str(path)
    assert {"rfm_segment", "rfm_score", "rfm_since"} <= hidden_from("account_manager")
    assert hidden_from("analyst") == frozenset()


def test_the_matrix_tells_who_went_where_and_why(figures) -> None:
    falls, buys, stays = champion(figures), figures.linked("Buys", "200"), figures.linked("Stays", "300")
    figures.order(stays, "10", ago(400))
    figures.roll_up(DAY)
    figures.roll_up(ago(80), current=False)
    figures.order(buys, "50", ago(2))
    figures.linked("Comes", "400")
    figures.roll_up(DAY)
    # As if its orders of the last months had been cancelled.
    CustomerRollup.objects.filter(customer=figures.of(falls), as_of=DAY).update(last_order_on=ago(140), order_count=4)
    rows = moves(at_day(DAY), ago(80), SORTINGS["rfm"]).select_related("customer")
    found = {row.customer.name: (row.moved_from, row.moved_to, row.why) for row in rows}
    assert found == {
        "Acme 100": ("Champions", "Loyal", "Recency 5 to 3 (10 to 140 days); Frequency 4 to 2 (18 to 4 orders)"),
        "Buys": ("No orders", "New", "First order"),
        "Stays": ("Hibernating", "Lost", "Recency 2 to 1 (320 to 400 days)"),
        "Comes": (NOT_YET, "No orders", "No figures then"),
    }


def test_the_classes_move_by_the_same_words(figures) -> None:
    acme = figures.linked()
    figures.roll_up(DAY)
    figures.roll_up(ago(30), current=False)
    figures.item(acme, "2500", ago(29), ago(10))
    figures.roll_up(DAY)
    (row,) = moves(at_day(DAY), ago(30), SORTINGS["classes"])
    assert (row.moved_from, row.moved_to) == (
        "No revenue, in good standing, no won deals",
        "No revenue, overdue, no won deals",
    )
    assert row.why == "Overdue: In good standing to Overdue (0 to 2,500)"


def test_scales_change_by_a_logged_act_with_the_movers_told_before(figures, db) -> None:
    acme, other = champion(figures), figures.linked("Other", "200")
    figures.item(acme, "700", ago(60), ago(30))
    figures.roll_up(ago(3))
    figures.publish(as_of=DAY)
    user = User.objects.create_user("iris", first_name="Iris", last_name="Berg")
    strict = Scales(recency=(100, 20, 10, 5))
    (move,) = change(DAY, strict).movers
    told = (move.before, move.after, move.customers, move.revenue, move.overdue)
    assert told == ("champions", "cannot_lose", 1, Decimal(200000), Decimal(700))
    assert scales_in_force() == USUAL
    with pytest.raises(NotCalibrated, match="why"):
        calibrate(user, DAY, strict, method="absolute", ties="", reason=" ")
    with pytest.raises(NotCalibrated, match="in force already"):
        calibrate(user, DAY, USUAL, method="absolute", ties="", reason="Nothing")
    made = calibrate(user, DAY, strict, method="absolute", ties="", reason="Orders come weekly now")
    assert scales_in_force() == strict
    assert (made.made_by, made.reason, made.as_of) == ("Iris Berg", "Orders come weekly now", DAY)
    assert [Decimal(row["revenue"]) for row in made.movers] == [Decimal(200000)]
    assert kept(figures, acme)[::2] == ("cannot_lose", DAY)
    # Who did not move keeps its day.
    assert kept(figures, other)[::2] == ("no_orders", ago(3))
    user.delete()
    assert RfmCalibration.objects.get().made_by == "Iris Berg"


def test_scales_do_not_change_while_figures_are_computed(figures, monkeypatch) -> None:
    figures.roll_up()
    user = User.objects.create_user("iris")
    monkeypatch.setattr(locks, "try_lock", lambda _name: False)
    with pytest.raises(NotCalibrated, match="try again"):
        calibrate(user, DAY, Scales(new_days=30), method="absolute", ties="", reason="Shorter")
    assert not RfmCalibration.objects.exists()
