"""Doubles as their sources write them become the decimals that the source holds, whichever API they came through."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from integration_hub.column_doubles import rounded
from integration_hub.salesforce.rows import plain_number
from integration_hub.warehouse import one


def as_read(text: str | None, places: int) -> str | None:
    given_text = sql.SQL("{}::text").format(sql.Literal(text))
    found: str | None = one(sql.SQL("select {}").format(rounded(given_text, places)))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "places", "expected"),
    [
        ("1.23456789E7", 2, "12345678.90"),
        ("0.30000000000000004", 2, "0.30"),
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("-0.004", 2, "0.00"),
        ("-0.0", 1, "0.0"),
        ("-0", 0, "0"),
        ("1.5E-3", 4, "0.0015"),
        ("33333333.33", 2, "33333333.33"),
        ("100", 2, "100.00"),
        ("100.0", 0, "100"),
        ("007", 0, "7"),
        ("1e20", 0, "100000000000000000000"),
        ("", 2, ""),
        (None, 2, None),
        ("about 7", 2, "about 7"),
        ("NaN", 2, "NaN"),
    ],
)
def test_trap_25_a_double_gets_the_decimals_of_its_field(text: str | None, places: int, expected: str | None) -> None:
    assert as_read(text, places) == expected


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15), st.integers(0, 6))
def test_trap_25_any_double_is_the_same_number_through_either_api(value: float, places: int) -> None:
    over_rest = plain_number(Decimal(repr(value)), places)
    assert as_read(repr(value), places) == over_rest
    assert as_read(over_rest, places) == over_rest
    assert as_read(f"{value:.17E}", places) == plain_number(Decimal(f"{value:.17E}"), places)
