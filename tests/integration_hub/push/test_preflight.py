"""The preflight: a field that cannot hold its values is stopped before anything is sent."""

from decimal import Decimal
from typing import Any

import pytest

from integration_hub.config import PushField
from integration_hub.push.extent import measure
from integration_hub.push.preflight import Finding, State, check_fields, stopped_fields
from integration_hub.push.wanted import Kind, WantedRow, WantedValue
from integration_hub.salesforce.describe import FieldInfo
from tests.integration_hub.push.described import currency, day, number, text


def judge(info: FieldInfo | None, *values: WantedValue, kind: Kind | None = None, **rule: Any) -> list[Finding]:
    """The findings on one field that shall hold the values."""
    name = info.name if info else "Missing__c"
    rules = [PushField(field=name, measure="overdue_amount", **rule)]
    _, extents = measure([WantedRow("001", "A", {name: value}) for value in values], rules)
    described = {name: info} if info else {}
    return list(check_fields(rules, described, {name: kind} if kind else {}, extents))


def test_a_field_that_fits_is_green() -> None:
    (finding,) = judge(currency(), Decimal("12.50"), None, kind=Kind.MONEY)
    assert finding == Finding("Amount__c", State.GREEN)


def test_a_missing_field_is_red_and_nobody_claims_to_know_whether_it_is_hidden() -> None:
    (finding,) = judge(None, Decimal(1))
    assert finding.state is State.RED
    assert "or the integration user may not see it" in finding.problem
    assert "ERP_Rollup_Writer" in finding.remedy


@pytest.mark.parametrize(
    ("info", "values", "kind", "told"),
    [
        (currency(updateable=False), [Decimal(1)], None, "may read the field"),
        (currency(updateable=False, calculated=True), [Decimal(1)], None, "formula"),
        (text(), [Decimal(1)], None, "does not fit a number"),
        (text(), [], Kind.MONEY, "does not fit an amount"),
        (currency(type="percent"), [], Kind.MONEY, "does not fit an amount"),
        (number(), ["EUR"], None, "does not fit a text"),
        (day(type="datetime"), [], Kind.DATE, "does not fit a date"),
        (currency(scale=0), [Decimal("12.5")], None, "keeps 0 decimal places, but a value has 1"),
        (
            currency(precision=6),
            [Decimal("12345.6")],
            None,
            "holds 4 digits before the decimal point, but a value has 5",
        ),
        (text(length=2), ["EUR"], None, "holds 2 characters, but a value has 3"),
        (text(type="picklist", picklist=("USD",)), ["EUR"], None, "has no value EUR"),
        (currency(nillable=False), [None], None, "must not be empty"),
    ],
)
def test_a_field_that_cannot_hold_its_values_is_red(
    info: FieldInfo, values: list[WantedValue], kind: Kind | None, told: str
) -> None:
    (finding,) = judge(info, *values, kind=kind)
    assert finding.state is State.RED
    assert told in finding.problem
    assert finding.remedy
    assert stopped_fields([finding]) == {info.name}


def test_zero_for_an_empty_date_is_refused() -> None:
    (finding,) = judge(day(), None, when_empty="zero")
    assert "is of type date" in finding.problem


def test_an_amount_finer_than_cents_is_rounded_and_no_reason_to_stop() -> None:
    (finding,) = judge(currency(), Decimal("12.3456"))
    assert finding.state is State.GREEN


def test_a_field_that_is_just_large_enough_is_amber_and_still_sent() -> None:
    (finding,) = judge(currency(precision=6), Decimal("9999.99"))
    assert finding.state is State.AMBER
    assert stopped_fields([finding]) == frozenset()
