"""The preflight: a field that cannot hold its values is stopped before anything is sent."""

from typing import Any

import pytest

from integration_hub.config import PushField
from integration_hub.push.extent import Extent
from integration_hub.push.preflight import Finding, State, check_fields, stopped_fields
from integration_hub.push.wanted import FieldNeed, Kind
from integration_hub.salesforce.describe import FieldInfo
from tests.integration_hub.push.described import currency, day, number, text

MONEY, COUNT, DATE = FieldNeed(Kind.MONEY, decimals=2), FieldNeed(Kind.NUMBER), FieldNeed(Kind.DATE)
TEXT = FieldNeed(Kind.TEXT)
STATUS = FieldNeed(Kind.TEXT, length=8, values=("Customer", "Prospect"))
CODE = FieldNeed(Kind.TEXT, length=3, names_currency=True)


def judge(info: FieldInfo | None, need: FieldNeed = MONEY, extent: Extent | None = None, **rule: Any) -> list[Finding]:
    """The findings on one field that shall hold such values."""
    name = info.name if info else "Missing__c"
    rules = [PushField(field=name, measure="overdue_amount", **rule)]
    return list(check_fields(rules, {name: info} if info else {}, {name: need}, {name: extent or Extent()}))


def test_a_field_that_fits_is_green() -> None:
    (finding,) = judge(currency(), MONEY, Extent(whole_digits=2, decimals=1, has_empty=True))
    assert finding == Finding("Amount__c", State.GREEN)


def test_a_missing_field_is_red_and_nobody_claims_to_know_whether_it_is_hidden() -> None:
    (finding,) = judge(None)
    assert finding.state is State.RED
    assert "or the integration user may not see it" in finding.problem
    assert "ERP_Rollup_Writer" in finding.remedy


@pytest.mark.parametrize(
    ("info", "need", "extent", "told"),
    [
        (currency(updateable=False), MONEY, Extent(), "may read the field"),
        (currency(updateable=False, calculated=True), MONEY, Extent(), "formula"),
        (text(), COUNT, Extent(), "does not fit a number"),
        (text(), MONEY, Extent(), "does not fit an amount"),
        (currency(type="percent"), MONEY, Extent(), "does not fit an amount"),
        (number(), TEXT, Extent(), "does not fit a text"),
        (text(type="reference"), TEXT, Extent(), "does not fit a text"),
        (day(type="datetime"), DATE, Extent(), "does not fit a date"),
        (currency(scale=0), MONEY, Extent(decimals=1), "keeps 0 decimal places, but a value has 1"),
        (
            currency(precision=6),
            MONEY,
            Extent(whole_digits=5),
            "holds 4 digits before the decimal point, but a value has 5",
        ),
        (text(length=2), TEXT, Extent(length=3), "holds 2 characters, but a value has 3"),
        (text(length=7), STATUS, Extent(length=3), "holds 7 characters, but a value has 8"),
        (
            text(type="picklist", picklist=("USD",), restricted=True),
            TEXT,
            Extent(texts=frozenset({"EUR"})),
            'has no value "EUR"',
        ),
        (
            text(type="picklist", picklist=("Customer",), restricted=True),
            STATUS,
            Extent(texts=frozenset({"Customer"})),
            'has no value "Prospect"',
        ),
        (currency(nillable=False), MONEY, Extent(has_empty=True), "must not be empty"),
    ],
)
def test_a_field_that_cannot_hold_its_values_is_red(
    info: FieldInfo, need: FieldNeed, extent: Extent, told: str
) -> None:
    (finding,) = judge(info, need, extent)
    assert finding.state is State.RED
    assert told in finding.problem
    assert finding.remedy
    assert stopped_fields([finding]) == {info.name}


@pytest.mark.parametrize(
    ("info", "need", "extent", "told"),
    [
        (currency(precision=6), MONEY, Extent(whole_digits=4, decimals=2), "fills all 4 digits"),
        (currency(scale=0), MONEY, Extent(), "overdue_amount can have 2"),
        (text(type="picklist", picklist=("Customer",)), STATUS, Extent(), "takes other values too"),
        (text(unique=True), TEXT, Extent(), "unique"),
        (text(external_id=True), TEXT, Extent(), "an external id"),
        (text(encrypted=True), TEXT, Extent(), "encrypted"),
    ],
)
def test_what_somebody_should_look_at_is_amber_and_still_sent(
    info: FieldInfo, need: FieldNeed, extent: Extent, told: str
) -> None:
    (finding,) = judge(info, need, extent)
    assert finding.state is State.AMBER
    assert told in finding.problem
    assert finding.remedy
    assert stopped_fields([finding]) == frozenset()


def test_zero_for_an_empty_date_is_refused() -> None:
    (finding,) = judge(day(), DATE, when_empty="zero")
    assert "is of type date" in finding.problem


def test_converted_amounts_and_plain_numbers_cannot_share_one_text_for_their_currency() -> None:
    rules = [PushField(field=name, measure="overdue_amount") for name in ("Amount__c", "Count__c", "Text__c")]
    described = {info.name: info for info in (currency(), number(scale=2), text())}
    needs = {"Amount__c": MONEY, "Count__c": MONEY, "Text__c": CODE}
    assert stopped_fields(check_fields(rules, described, needs)) == frozenset()
    stopped = [each for each in check_fields(rules, described, needs, converts=True) if each.state is State.RED]
    assert [finding.field for finding in stopped] == ["Count__c", "Text__c"]
    assert "Text__c cannot name both" in stopped[0].problem
    assert "other_currency" in stopped[0].remedy
