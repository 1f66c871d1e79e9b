"""What should stand in Salesforce, per account and field."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from customers.checks import check_push_measures
from customers.measures import MEASURES
from customers.models import CustomerRollup
from customers.push_values import need_of, wanted_values
from customers.segments import USUAL, all_segments, classify, segment_words
from integration_hub.config import PushField
from integration_hub.push.wanted import FieldNeed, Kind, NothingToPush
from tests.customers.world import DAY, READ_AT, ago

FIELDS = tuple(
    PushField(field=f"{measure.title()}__c", measure=measure)
    for measure in (
        "revenue_ytd",
        "overdue_amount",
        "overdue_count",
        "oldest_overdue_days",
        "average_deal_size",
        "last_order_on",
        "as_of",
        "currency",
    )
)


def wanted(fields=FIELDS):
    """The wanted values by account and field."""
    found = wanted_values(fields)
    with connection.cursor() as cursor:
        cursor.execute(found.query, found.parameters)
        rows = cursor.fetchall()
    return {account: dict(zip([field.field for field in fields], values, strict=True)) for account, *values in rows}


def wanted_of(account, *measures):
    """The wanted values of one account, in the order of the measures."""
    fields = [PushField(field=f"Field_{measure}__c", measure=measure) for measure in measures]
    return tuple(wanted(fields)[account.key].values())


def test_an_account_gets_its_figures_with_day_and_currency(figures):
    account, acme = figures.account("Acme", erp_number="100"), figures.customer("100")
    figures.invoice(acme, "10.0050", ago(3))
    figures.item(acme, "25.00", ago(40), ago(10))
    figures.order(acme, "10.00", ago(3))
    figures.roll_up()
    assert wanted()[account.key] == {
        "Revenue_Ytd__c": Decimal("10.0050"),
        "Overdue_Amount__c": Decimal("25.00"),
        "Overdue_Count__c": 1,
        "Oldest_Overdue_Days__c": 10,
        "Average_Deal_Size__c": None,
        "Last_Order_On__c": ago(3),
        "As_Of__c": DAY,
        "Currency__c": "EUR",
    }


def test_an_account_that_paid_up_gets_zero(figures):
    account, acme = figures.account(erp_number="100"), figures.customer("100")
    figures.pay(figures.item(acme, "25.00", ago(40), ago(10)), "25.00", ago(2))
    figures.roll_up()
    values = wanted()[account.key]
    assert (values["Overdue_Amount__c"], values["Overdue_Count__c"]) == (Decimal("0.00"), 0)
    assert values["Oldest_Overdue_Days__c"] is None


def test_an_account_without_erp_customer_has_no_figures_and_no_day(figures):
    account = figures.account()
    figures.roll_up()
    assert set(wanted()[account.key].values()) == {None}


def test_a_prospect_with_won_deals_has_their_average_alone(figures):
    account = figures.account()
    figures.deal(account, "100.00", ago(3))
    figures.roll_up()
    values = wanted()[account.key]
    assert (values["Average_Deal_Size__c"], values["As_Of__c"]) == (Decimal("100.00"), DAY)
    assert values["Revenue_Ytd__c"] is None


def test_deleted_accounts_and_unlinked_customers_are_not_wanted(figures):
    gone = figures.account(erp_number="100")
    figures.customer("100")
    figures.customer("200")
    figures.roll_up()
    gone.deleted_at = READ_AT
    gone.save()
    figures.publish(accounts=[gone], changed=["sf_account"])
    assert wanted() == {}


def test_every_account_is_wanted_once(figures):
    accounts = [figures.account(f"Account {number}") for number in range(5)]
    figures.roll_up()
    assert sorted(wanted()) == sorted(account.key for account in accounts)


def test_a_field_knows_what_it_must_hold_before_there_are_figures():
    assert need_of("revenue_ytd") == FieldNeed(Kind.MONEY, decimals=2)
    assert need_of("overdue_count") == need_of("oldest_overdue_days") == FieldNeed(Kind.NUMBER)
    assert need_of("days_to_pay") == need_of("dso") == FieldNeed(Kind.NUMBER, decimals=1)
    assert need_of("last_order_on") == FieldNeed(Kind.DATE)
    assert need_of("as_of") == FieldNeed(Kind.DATE, names_day=True)
    assert need_of("currency") == FieldNeed(Kind.TEXT, length=3, names_currency=True)
    assert need_of("status") == FieldNeed(Kind.TEXT, length=8, values=("Customer", "Prospect"))


@pytest.mark.parametrize("measure", MEASURES)
def test_any_measure_can_be_mapped_and_needs_what_its_stored_figure_has(figures, measure):
    account, acme = figures.account(erp_number="100"), figures.customer("100")
    figures.pay(figures.item(acme, "25.00", ago(40), ago(10)), "25.00", ago(2))
    figures.order(acme, "10.00", ago(3))
    figures.invoice(acme, "10.00", ago(3))
    figures.deal(account, "100.00", ago(3))
    figures.roll_up()
    (found,) = wanted_of(account, measure)
    stored = MEASURES[measure].value(figures.figures(account))
    assert found == stored
    kind = need_of(measure).kind
    assert found is None or isinstance(found, date if kind is Kind.DATE else Decimal | int)


def test_every_segment_is_written_as_the_report_shows_it_and_fits_what_the_field_needs(figures):
    account, acme = figures.account(erp_number="100"), figures.customer("100")
    prospect = figures.account("New")
    figures.item(acme, "2500.00", ago(40), ago(10))
    figures.deal(account, "30000.00", ago(3))
    figures.roll_up()
    shown = {
        row.customer.account: segment_words(row.revenue_class, row.standing, row.deal_class)
        for row in classify(CustomerRollup.objects.all(), USUAL)
    }
    assert wanted_of(account, "segment", "status") == ("No revenue, overdue, big deals", "Customer")
    assert wanted_of(prospect, "segment", "status") == ("No revenue, in good standing, no won deals", "Prospect")
    assert {each.key: wanted_of(each, "segment")[0] for each in (account, prospect)} == shown
    assert set(shown.values()) <= set(need_of("segment").values)
    assert need_of("segment").length == max(len(text) for text in all_segments())


def test_before_the_first_roll_up_there_is_nothing_to_push(figures):
    with pytest.raises(NothingToPush, match="no figures yet"):
        wanted_values(FIELDS)


def test_a_push_field_with_an_unknown_measure_stops_the_start(tmp_path, settings):
    path = tmp_path / "hub.toml"
    path.write_text(
        'sources = []\n[company]\nname = "T"\nreporting_currency = "EUR"\ntime_zone = "UTC"\n'
        '[push]\n[[push.fields]]\nfield = "Turnover__c"\nmeasure = "turnover"\n'
        '[[push.fields]]\nfield = "Day__c"\nmeasure = "as_of"\n'
    )
    settings.HUB_CONFIG = str(path)
    (error,) = check_push_measures()
    assert "Turnover__c" in error.msg
    assert error.hint is not None
    assert "revenue_ytd" in error.hint


def test_t4_midnight_alone_makes_an_item_overdue_and_the_push_wants_the_new_amount(figures):
    account, acme = figures.account("Acme", erp_number="100"), figures.customer("100")
    figures.item(acme, "25.00", ago(30), DAY)
    figures.roll_up()
    measures = ("overdue_amount", "overdue_count", "as_of")
    assert wanted_of(account, *measures) == (0, 0, DAY)
    # Nothing of the customer was touched: the day is new, and that is all.
    tomorrow = DAY + timedelta(days=1)
    assert figures.publish(as_of=tomorrow) == 1
    assert wanted_of(account, *measures) == (Decimal("25.00"), 1, tomorrow)
