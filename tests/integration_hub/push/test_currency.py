"""Accounts kept in another currency: amounts go at a stated rate of the day, or not at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from integration_hub.models import ChangeStatus, ErpCurrencyRate, RunStatus
from integration_hub.push.conversion import Rate, rates_at
from tests.integration_hub.push.conftest import AMOUNT, AS_OF, COUNT, CURRENCY, World

DAY = date(2026, 2, 10)
NUMBERS = count(1)


def rate(currency: str, base: str, value: str, valid_from: date = date(2026, 2, 1), **values: Any) -> None:
    """One unit of `currency` is worth so many of `base`."""
    ErpCurrencyRate.objects.create(
        key=f"erp:{next(NUMBERS)}",
        source="erp",
        synced_at=datetime(2026, 2, 1, tzinfo=UTC),
        currency=currency,
        base=base,
        rate=Decimal(value),
        valid_from=valid_from,
        **values,
    )


def account_in(world: World, currency: str, **wanted: Any) -> str:
    """An account kept in a currency, in an org that has several."""
    world.org.admin("features", {"currencies": ["EUR", "USD", "CHF", "JPY"]})
    (account,) = world.org.seed("Account", {"Name": f"In {currency}", "CurrencyIsoCode": currency})
    world.want(account, **wanted)
    return account


def amount(world: World, account: str) -> Decimal | None:
    found = world.stored(account).get(AMOUNT)
    return None if found is None else Decimal(str(found))


@pytest.mark.parametrize("collections_up_to", [1000, 0])
def test_trap_extra_multi_currency_account_is_pushed_in_its_own_currency(world: World, collections_up_to: int) -> None:
    world.configure(collections_up_to=collections_up_to)
    rate("EUR", "USD", "1.0853")
    account = account_in(world, "USD", overdue_amount="1000.00")
    outcome, plan = world.push()
    change = plan.changes.get(field=AMOUNT)
    assert amount(world, account) == Decimal("1085.30")
    assert (change.after, change.movement) == ("1085.30", Decimal("1000.000000"))
    assert change.note == "1,000.00 EUR at 1.0853 USD per EUR of 2026-02-01"
    assert plan.total_change == Decimal("1000.00")
    assert (world.stored(account)[CURRENCY], world.stored(account)[AS_OF]) == ("USD", "2026-02-10")
    assert Decimal(str(world.stored(account)[COUNT])) == 2
    assert outcome.status == RunStatus.SUCCEEDED


def test_an_amount_that_stands_there_converted_is_not_converted_again(world: World) -> None:
    rate("EUR", "USD", "1.0853")
    account = account_in(world, "USD", overdue_amount="1000.00")
    world.push()
    world.org.forget_calls()
    _, plan = world.push()
    assert (plan.fields_changed, world.writes()) == (0, [])
    assert amount(world, account) == Decimal("1085.30")


def test_an_account_in_the_reporting_currency_is_not_converted(world: World) -> None:
    rate("EUR", "USD", "1.0853")
    account = account_in(world, "EUR")
    _, plan = world.push()
    assert plan.changes.get(field=AMOUNT).note == ""
    assert (amount(world, account), world.stored(account)[CURRENCY]) == (Decimal("100.00"), "EUR")


def test_an_account_whose_currency_changes_is_planned_anew(world: World) -> None:
    rate("EUR", "USD", "2")
    rate("EUR", "CHF", "0.9")
    account = account_in(world, "USD")
    world.push()
    world.org.seed("Account", {"Id": account, "CurrencyIsoCode": "CHF"})
    _, plan = world.push()
    assert list(plan.changes.order_by("field").values_list("field", "before", "after", "drift")) == [
        (CURRENCY, "USD", "CHF", False),
        (AMOUNT, "200.00", "90.00", False),
    ]
    assert amount(world, account) == Decimal("90.00")


def test_a_new_rate_moves_the_amount_and_half_a_cent_is_rounded_up(world: World) -> None:
    rate("EUR", "USD", "1.5")
    account = account_in(world, "USD", overdue_amount="0.03")
    world.push()
    assert amount(world, account) == Decimal("0.05")
    rate("EUR", "USD", "2.5", DAY)
    _, plan = world.push()
    assert plan.changes.get().note == "0.03 EUR at 2.5 USD per EUR of 2026-02-10"
    assert amount(world, account) == Decimal("0.08")


def test_without_a_rate_the_amount_stays_unsent_and_the_rest_goes(world: World) -> None:
    rate("EUR", "USD", "1.1", date(2026, 2, 11))
    account = account_in(world, "USD", overdue_amount="1000.00")
    outcome, plan = world.push()
    withheld = plan.changes.get(status=ChangeStatus.FAILED)
    assert (withheld.field, withheld.error_code, withheld.before, withheld.after) == (
        AMOUNT,
        "NO_EXCHANGE_RATE",
        None,
        None,
    )
    assert "1,000.00 EUR cannot be written in USD" in withheld.error_text
    assert amount(world, account) is None
    assert Decimal(str(world.stored(account)[COUNT])) == 2
    assert outcome.status == RunStatus.PARTIAL


def test_where_an_amount_stays_for_want_of_a_rate_the_currency_that_it_is_in_stays_named(world: World) -> None:
    account = account_in(world, "EUR")
    world.push()
    world.org.seed("Account", {"Id": account, "CurrencyIsoCode": "JPY"})
    world.push()
    assert (amount(world, account), world.stored(account)[CURRENCY]) == (Decimal(100), "EUR")
    rate("EUR", "JPY", "160")
    world.push()
    assert (amount(world, account), world.stored(account)[CURRENCY]) == (Decimal(16000), "JPY")


def test_an_amount_without_a_rate_is_told_with_every_push_until_there_is_one(world: World) -> None:
    account = account_in(world, "USD")
    world.push()
    outcome, _ = world.push()
    assert outcome.status == RunStatus.PARTIAL
    assert "NO_EXCHANGE_RATE" in outcome.problem
    rate("USD", "EUR", "0.5")
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert amount(world, account) == Decimal("200.00")


@pytest.mark.parametrize(("wanted", "stored"), [("0.00", Decimal(0)), (None, None)])
def test_zero_and_nothing_need_no_rate(world: World, wanted: str | None, stored: Decimal | None) -> None:
    account = account_in(world, "USD", overdue_amount=wanted)
    world.org.seed("Account", {"Id": account, AMOUNT: 5})
    outcome, _ = world.push()
    assert outcome.status == RunStatus.SUCCEEDED
    assert amount(world, account) == stored


def test_a_number_field_keeps_the_reporting_currency_and_so_does_the_text(world: World) -> None:
    plain = {"name": AMOUNT, "label": "Overdue", "type": "double", "precision": 18, "scale": 2}
    world.org.admin("fields", {"sobject": "Account", "fields": [plain]})
    rate("EUR", "USD", "1.0853")
    account = account_in(world, "USD")
    world.push()
    assert (amount(world, account), world.stored(account)[CURRENCY]) == (Decimal("100.00"), "EUR")


def test_a_converted_amount_that_no_longer_fits_its_field_stops_the_field(world: World) -> None:
    short = {"name": AMOUNT, "label": "Overdue", "type": "currency", "precision": 6, "scale": 2}
    world.org.admin("fields", {"sobject": "Account", "fields": [short]})
    rate("EUR", "JPY", "160")
    account = account_in(world, "JPY", overdue_amount="1000.00")
    _, plan = world.push()
    red = next(finding for finding in plan.findings if finding["state"] == "red")
    assert (red["field"], "a value has 6" in red["problem"]) == (AMOUNT, True)
    assert amount(world, account) is None


def test_a_rate_the_other_way_round_or_through_a_third_currency_is_found_and_stated(db: None) -> None:
    rate("USD", "EUR", "0.8")
    rate("EUR", "GBP", "0.5", date(2026, 1, 1))
    rate("CHF", "GBP", "0.8", date(2026, 1, 15))
    assert rates_at(DAY, "EUR", ["USD", "CHF", "JPY", "EUR", ""]) == {
        "USD": Rate("USD", "EUR", Decimal("1.25"), date(2026, 2, 1)),
        "CHF": Rate("CHF", "EUR", Decimal("0.625"), date(2026, 1, 1)),
    }


def test_the_newest_rate_of_the_day_counts_and_of_two_the_direct_one(db: None) -> None:
    rate("EUR", "USD", "1.1", date(2026, 1, 1))
    rate("EUR", "USD", "1.2", date(2026, 2, 1))
    rate("EUR", "USD", "9.9", date(2026, 2, 11))
    rate("EUR", "USD", "8.8", date(2026, 2, 2), deleted_at=datetime(2026, 2, 3, tzinfo=UTC))
    rate("USD", "EUR", "0.5", date(2026, 2, 1))
    assert rates_at(DAY, "EUR", ["USD"])["USD"].factor == Decimal("1.2")
    rate("USD", "EUR", "0.5", date(2026, 2, 3))
    assert rates_at(DAY, "EUR", ["USD"])["USD"].factor == 2


def test_a_direct_rate_is_taken_before_a_newer_one_through_a_third_currency(db: None) -> None:
    rate("EUR", "USD", "1.1", date(2025, 1, 1))
    rate("EUR", "GBP", "2")
    rate("GBP", "USD", "2")
    assert rates_at(DAY, "EUR", ["USD"])["USD"].factor == Decimal("1.1")
