"""What should stand in Salesforce, per account and field."""

from decimal import Decimal

import pytest

from customers.checks import check_push_measures
from customers.push_values import wanted_values
from integration_hub.config import PushField
from integration_hub.push.wanted import Kind, NothingToPush
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
    return {row.account: row for row in wanted_values(fields).rows}


def test_an_account_gets_its_figures_with_day_and_currency(figures):
    account, acme = figures.account("Acme", erp_number="100"), figures.customer("100")
    figures.invoice(acme, "10.0050", ago(3))
    figures.item(acme, "25.00", ago(40), ago(10))
    figures.order(acme, "10.00", ago(3))
    figures.roll_up()
    row = wanted()[account.key]
    assert row.name == "Acme"
    assert row.values == {
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
    values = wanted()[account.key].values
    assert (values["Overdue_Amount__c"], values["Overdue_Count__c"]) == (Decimal("0.00"), 0)
    assert values["Oldest_Overdue_Days__c"] is None


def test_an_account_without_erp_customer_has_no_figures_and_no_day(figures):
    account = figures.account()
    figures.roll_up()
    assert set(wanted()[account.key].values.values()) == {None}


def test_a_prospect_with_won_deals_has_their_average_alone(figures):
    account = figures.account()
    figures.deal(account, "100.00", ago(3))
    figures.roll_up()
    values = wanted()[account.key].values
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
    rows = list(wanted_values(FIELDS).rows)
    assert [row.account for row in rows] == sorted(account.key for account in accounts)


def test_a_field_knows_what_it_holds(figures):
    figures.roll_up()
    kinds = wanted_values(FIELDS).kinds
    assert kinds["Revenue_Ytd__c"] is Kind.MONEY
    assert kinds["Overdue_Count__c"] is kinds["Oldest_Overdue_Days__c"] is Kind.NUMBER
    assert kinds["As_Of__c"] is kinds["Last_Order_On__c"] is Kind.DATE
    assert kinds["Currency__c"] is Kind.TEXT


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
