"""How figures, days and instants are written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from customers import formats


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1234.565", "€1,234.57"),
        ("-1234.565", "−€1,234.57"),
        ("0.005", "€0.01"),
        ("0", "€0.00"),
        ("1265793.0395", "€1,265,793.04"),
    ],
)
def test_an_amount_is_rounded_half_up_once_with_a_true_minus(value: str, written: str) -> None:
    assert formats.money(Decimal(value), "EUR") == written


def test_an_amount_without_a_value_is_a_dash_and_not_zero() -> None:
    assert formats.money(None, "EUR") == formats.money_compact(None, "EUR") == "–"


def test_a_currency_without_a_sign_of_its_own_shows_its_code() -> None:
    assert formats.money(Decimal(5), "CHF") == "CHF\u00a05.00"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1840000", "€1.84M"),
        ("86420", "€86.4k"),
        ("212300", "€212.3k"),
        ("640.4", "€640"),
        ("18000", "€18k"),
        ("12400000", "€12.4M"),
        ("999.5", "€1k"),
        ("-86420", "−€86.4k"),
        ("2500000000", "€2.5bn"),
    ],
)
def test_a_tile_shows_three_or_four_digits(value: str, written: str) -> None:
    assert formats.money_compact(Decimal(value), "EUR") == written


def test_a_quantity_loses_meaningless_zeros_and_keeps_its_unit() -> None:
    assert formats.quantity(Decimal("1200.500000"), "pc") == "1,200.5\u00a0pc"
    assert formats.quantity(Decimal("100.000000")) == "100"
    assert formats.quantity(Decimal("-3.000000")) == "−3"


def test_days_are_counted_in_words() -> None:
    assert formats.days(1) == "1\u00a0day"
    assert formats.days(Decimal("46.20")) == "46.2\u00a0days"


def test_a_day_leaves_out_only_the_year_of_the_figures() -> None:
    as_of = date(2026, 11, 23)
    assert formats.day_short(date(2026, 9, 5), as_of) == "5\u00a0Sep"
    assert formats.day_short(date(2025, 9, 5), as_of) == "5\u00a0Sep\u00a02025"


def test_an_instant_is_shown_on_the_company_clock() -> None:
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert formats.instant(late, "Europe/Amsterdam") == "2\u00a0Jul\u00a02026 00:30"


def test_the_time_of_day_names_its_day_only_when_that_is_not_today() -> None:
    now = datetime(2026, 7, 2, 9, 0, tzinfo=UTC)
    assert formats.clock(datetime(2026, 7, 2, 4, 2, tzinfo=UTC), now, "Europe/Amsterdam") == "06:02"
    assert formats.clock(datetime(2026, 6, 30, 4, 2, tzinfo=UTC), now, "Europe/Amsterdam") == "30\u00a0Jun 06:02"
