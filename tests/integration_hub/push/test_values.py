"""Exact texts: wanted and live values must meet in one form."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from integration_hub.push.values import BLANKS, exact_sql, exact_sql_of_text, exact_text, movement, to_send
from integration_hub.salesforce.describe import FieldInfo
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


def in_sql(value: object, kind: str, info: FieldInfo) -> str | None:
    """The exact text as the database makes it from a wanted value of its own type."""
    return answered(exact_sql(sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(kind)), info))


def sent_in_sql(value: str | None, info: FieldInfo) -> str | None:
    """The exact text as the database makes it from what Salesforce sends."""
    return answered(exact_sql_of_text(sql.SQL("{}::text").format(sql.Literal(value)), info))


def answered(expression: sql.Composable) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select {}").format(expression))
        (text,) = cursor.fetchone() or (None,)
    return None if text is None else str(text)


ROUNDED = st.decimals(min_value=-(10**13), max_value=10**13, allow_nan=False, places=7)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.text(
    st.sampled_from(BLANKS + "a")
)
FOUND_AT_ONCE = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FOUND_AT_ONCE
@given(value=ROUNDED | st.none(), scale=st.integers(0, 6))
def test_python_and_sql_write_the_same_number(db: None, value: Decimal | None, scale: int) -> None:
    info = number(scale=scale)
    assert in_sql(value, "numeric", info) == exact_text(value, info)


@FOUND_AT_ONCE
@given(value=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15), scale=st.integers(0, 6))
def test_python_and_sql_read_the_same_number_from_what_salesforce_sends(db: None, value: float, scale: int) -> None:
    info = currency(scale=scale)
    assert sent_in_sql(repr(value), info) == exact_text(repr(value), info)


@FOUND_AT_ONCE
@given(value=st.dates() | st.none())
def test_python_and_sql_write_the_same_day(db: None, value: date | None) -> None:
    told = exact_text(value, day())
    assert in_sql(value, "date", day()) == sent_in_sql(value.isoformat() if value else None, day()) == told


@FOUND_AT_ONCE
@given(value=TEXTS | st.none())
def test_python_and_sql_keep_the_same_text(db: None, value: str | None) -> None:
    told = exact_text(value, text(length=0))
    assert in_sql(value, "text", text(length=0)) == sent_in_sql(value, text(length=0)) == told


@pytest.mark.parametrize("value", ["-0.001", "-0", "0.005", "-0.005", "1E+3", "1.23456789E7", " 7 ", ""])
def test_the_edges_of_numbers_are_the_same_in_python_and_sql(db: None, value: str) -> None:
    assert sent_in_sql(value, currency()) == exact_text(value, currency())
