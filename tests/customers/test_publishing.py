"""When figures are recomputed, for whom and for which day; and the command that does it by hand."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from customers.calendar import current_day
from customers.models import CustomerMonth, CustomerRollup, RollupDay
from integration_hub import locks
from tests.customers.world import DAY, ago

ZERO = Decimal(0)
TOMORROW = DAY + timedelta(days=1)


def computed_at(figures, customer, as_of=DAY):
    return figures.figures(customer, as_of).computed_at


def test_a_publish_recomputes_only_whom_it_touched(figures):
    touched, other = figures.linked("Acme", "100"), figures.linked("Other", "200")
    figures.roll_up()
    before = computed_at(figures, other)
    figures.invoice(touched, "10.00", ago(3))
    assert figures.publish(customers=[touched], changed=["erp_invoice"]) == 1
    assert figures.figures(touched).revenue_ytd == Decimal(10)
    assert computed_at(figures, other) == before


def test_both_the_old_and_the_new_customer_of_a_moved_invoice_are_recomputed(figures):
    old, new = figures.linked("Old", "100"), figures.linked("New", "200")
    invoice = figures.invoice(old, "10.00", ago(3))
    figures.roll_up()
    invoice.customer = new
    invoice.save()
    assert figures.publish(customers=[old, new], changed=["erp_invoice"]) == 2
    assert (figures.figures(old).revenue_ytd, figures.figures(new).revenue_ytd) == (0, Decimal(10))


def test_a_publish_that_touched_nothing_recomputes_nobody(figures):
    figures.linked()
    figures.roll_up()
    assert figures.publish() == 0


def test_the_first_publish_of_a_day_recomputes_everybody_and_moves_the_current_day(figures):
    acme, _other = figures.linked("Acme", "100"), figures.linked("Other", "200")
    figures.roll_up()
    assert figures.publish(as_of=TOMORROW) == 2
    assert current_day() == TOMORROW
    assert CustomerRollup.objects.filter(customer=figures.of(acme)).count() == 2


def test_l7_a_recomputation_of_an_older_day_that_comes_late_leaves_the_newer_day_as_it_is(figures):
    acme = figures.linked()
    figures.invoice(acme, "10.00", ago(3))
    figures.roll_up()
    figures.publish(as_of=TOMORROW)
    newer = CustomerRollup.objects.values().get(as_of=TOMORROW)
    figures.roll_up(current=False)
    assert CustomerRollup.objects.values().get(as_of=TOMORROW) == newer
    assert current_day() == TOMORROW


def test_a_full_publish_recomputes_every_document(figures):
    acme = figures.linked()
    invoice = figures.invoice(acme, "10.00", ago(3))
    figures.roll_up()
    type(invoice).objects.filter(pk=invoice.pk).update(reporting_amount=Decimal(99))
    assert figures.publish(full=True) == 1
    assert figures.figures(acme).revenue_ytd == Decimal(10)


def test_a_past_day_leaves_current_figures_months_and_day_alone(figures):
    acme = figures.linked()
    figures.invoice(acme, "10.00", ago(3))
    figures.invoice(acme, "5.00", ago(400))
    figures.roll_up()
    before, months = CustomerRollup.objects.values().get(), list(CustomerMonth.objects.values())
    figures.roll_up(ago(300), current=False)
    assert CustomerRollup.objects.values().get(as_of=DAY) == before
    assert list(CustomerMonth.objects.values()) == months
    assert current_day() == DAY
    assert figures.figures(acme, ago(300)).revenue_12m == Decimal(5)
    assert RollupDay.objects.filter(as_of=ago(300), current=False).exists()


def test_recomputing_the_current_day_by_its_date_keeps_it_current(figures):
    figures.linked()
    figures.roll_up()
    figures.roll_up(DAY, current=False)
    assert current_day() == DAY


def test_months_without_anything_left_disappear(figures):
    acme = figures.linked()
    invoice = figures.invoice(acme, "10.00", ago(3))
    figures.order(acme, "7.00", date(2025, 12, 31))
    figures.roll_up()
    months = CustomerMonth.objects.order_by("month").values_list("month", "revenue", "order_intake", "order_count")
    assert list(months.all()) == [(date(2025, 12, 1), ZERO, Decimal(7), 1), (date(2026, 2, 1), Decimal(10), ZERO, 0)]
    invoice.status = "cancelled"
    invoice.save()
    figures.publish(customers=[acme], changed=["erp_invoice"])
    assert list(months.all()) == [(date(2025, 12, 1), ZERO, Decimal(7), 1)]


def test_deals_alone_recompute_their_account(figures):
    account = figures.account()
    figures.roll_up()
    figures.deal(account, "10.00", ago(3))
    assert figures.publish(accounts=[account], changed=["sf_opportunity"]) == 1
    assert figures.figures(account).average_deal_size == Decimal(10)


def test_two_publishes_in_one_session_do_not_disturb_each_other(figures):
    acme = figures.linked()
    for amount in ("1.00", "2.00"):
        figures.invoice(acme, amount, ago(3))
        figures.publish(customers=[acme], changed=["erp_customer", "erp_invoice", "sf_account"])
    assert figures.figures(acme).revenue_ytd == Decimal(3)


class TestTheCommand:
    def run(self, *arguments):
        out = StringIO()
        call_command("rollup", *arguments, stdout=out)
        return out.getvalue()

    @time_machine.travel("2026-02-10T12:00:00Z", tick=False)
    def test_recomputes_today_and_prints_the_customers_touched(self, figures):
        figures.linked()
        figures.item(figures.customer("200"), "30.00", ago(60), ago(30))
        text = self.run()
        assert "2 customers recomputed as of 2026-02-10" in text
        assert "1 not linked: revenue of 12 months 0.00, overdue 30.00 EUR" in text
        assert current_day() == DAY

    @time_machine.travel("2026-02-09T23:30:00Z", tick=False)
    def test_takes_the_day_of_the_company_s_time_zone(self, figures):
        self.run()
        assert current_day() == DAY

    @time_machine.travel("2026-02-10T12:00:00Z", tick=False)
    def test_says_when_a_past_day_cannot_be_exact(self, figures):
        acme = figures.linked()
        figures.item(acme, "30.00", ago(60), ago(30), dated_allocations=False, open_amount=Decimal(30))
        self.run()
        text = self.run("--as-of", "2026-01-01")
        assert "1 open items come without dated payments" in text
        assert "Pages keep showing 2026-02-10" in text

    @time_machine.travel("2026-02-10T12:00:00Z", tick=False)
    def test_refuses_a_day_that_has_not_begun(self, figures):
        with pytest.raises(CommandError, match="2026-02-11 is in the future"):
            self.run("--as-of", "2026-02-11")

    def test_refuses_a_text_that_is_no_date(self, figures):
        with pytest.raises(CommandError, match="'yesterday' is no date"):
            self.run("--as-of", "yesterday")


def test_a_recompute_waits_for_a_publish_that_has_begun_to_write(figures):
    figures.linked()
    publishing = connection.copy()
    try:
        with publishing.cursor() as other:
            other.execute("select pg_advisory_lock(%s, %s)", [locks.SPACE, locks._number(locks.PUBLISH)])
        with connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '50ms'")
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            figures.roll_up()
    finally:
        publishing.close()
    figures.roll_up()
    assert current_day() == DAY
