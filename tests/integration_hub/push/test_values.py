"""Exact texts: wanted and live values must meet in one form."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.push.values import exact_text, movement, to_send
from tests.integration_hub.push.described import currency, day, number, text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal(100), "100.00"),
        (Decimal("12.345"), "12.35"),
        (Decimal("-12.345"), "-12.35"),
        (Decimal("0.0049"), "0.00"),
        (Decimal("-0.001"), "0.00"),
        ("1.23456789E7", "12345678.90"),
        (0.1, "0.10"),
        ("100.0", "100.00"),
        (None, None),
        ("", None),
    ],
)
def test_an_amount_stands_with_the_decimals_of_its_field_rounded_half_up(value: object, told: str | None) -> None:
    assert exact_text(value, currency()) == told


def test_a_count_has_no_decimals() -> None:
    assert exact_text(7, number()) == "7"
    assert exact_text("7.0", number()) == "7"


def test_dates_and_texts_compare_as_salesforce_keeps_them() -> None:
    assert exact_text(date(2026, 2, 10), day()) == exact_text("2026-02-10", day()) == "2026-02-10"
    assert exact_text(" EUR ", text()) == "EUR"
    assert exact_text("  ", text()) is None


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_an_amount_survives_the_way_through_the_number_format_of_salesforce(amount: Decimal) -> None:
    sent = to_send(exact_text(amount, currency()), currency())
    assert exact_text(repr(float(str(sent))), currency()) == exact_text(amount, currency())


def test_a_number_is_sent_as_a_number_and_an_empty_value_clears() -> None:
    assert to_send("12.50", currency()) == Decimal("12.50")
    assert to_send("EUR", text()) == "EUR"
    assert to_send(None, currency()) is None


def test_an_empty_number_moves_from_zero_and_a_date_has_no_movement() -> None:
    assert movement(None, "12.50", currency()) == Decimal("12.50")
    assert movement("20.00", "12.50", currency()) == Decimal("7.50")
    assert movement("2026-01-01", "2026-02-10", day()) is None
