"""How what settles a document falls on its instalments, and how local stamps become instants and back."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from integration_hub.erp.erpnext.site_time import to_local, to_utc
from integration_hub.erp.settlement import Instalment, Step, settle, state_of

BERLIN = ZoneInfo("Europe/Berlin")


def shared(amounts: list[str], steps: list[tuple[str, str]], sign: int = 1) -> tuple[list[str], list[str]]:
    """Open per instalment after the steps (day, amount), and the shares."""
    parts = [Instalment(f"i{n}", f"2026-0{n}-01", Decimal(amount)) for n, amount in enumerate(amounts, 1)]
    found = settle(parts, [Step(f"s{n}", day, Decimal(amount)) for n, (day, amount) in enumerate(steps, 1)], sign)
    return [str(part.open) for part in parts], [f"{share.key} {share.amount}" for share in found]


@pytest.mark.parametrize(
    ("amounts", "steps", "still_open", "shares"),
    [
        (["50", "50"], [("d1", "60")], ["0", "40"], ["s1/i1 50", "s1/i2 10"]),
        (["50", "50"], [("d2", "60"), ("d1", "30")], ["0", "10"], ["s2/i1 30", "s1/i1 20", "s1/i2 40"]),
        (["50", "50"], [("d1", "60"), ("d2", "-20")], ["10", "50"], ["s1/i1 50", "s1/i2 10", "s2/i2 -10", "s2/i1 -10"]),
        (["50", "50"], [("d1", "120")], ["0", "-20"], ["s1/i1 50", "s1/i2 70"]),
        (["50", "50"], [("d1", "-5")], ["55", "50"], ["s1/i1 -5"]),
    ],
)
def test_steps_settle_the_oldest_first_and_give_back_from_the_last(
    amounts: list[str], steps: list[tuple[str, str]], still_open: list[str], shares: list[str]
) -> None:
    assert shared(amounts, steps) == (still_open, shares)


def test_a_credit_note_is_settled_with_its_own_sign() -> None:
    assert shared(["-40", "-10"], [("d1", "-45")], -1) == (["0", "-5"], ["s1/i1 -40", "s1/i2 -5"])


@pytest.mark.parametrize(
    ("gross", "still_open", "credited", "state"),
    [
        ("100", "100", "0", "open"),
        ("100", "40", "0", "part_paid"),
        ("100", "0", "0", "paid"),
        ("100", "0", "60", "paid"),
        ("100", "0", "100", "reversed"),
        ("-100", "0", "-100", "paid"),
        ("-100", "-100", "0", "open"),
        ("0", "0", "0", "paid"),
    ],
)
def test_the_state_follows_from_amounts(gross: str, still_open: str, credited: str, state: str) -> None:
    assert state_of(Decimal(gross), Decimal(still_open), Decimal(credited)) == state


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2026-07-01 10:00:00.123456", "2026-07-01T10:00:00.123456+02:00"),
        ("2026-01-01 10:00:00", "2026-01-01T10:00:00+01:00"),
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00+00:00"),
        ("not a stamp", "not a stamp"),
        ("2026-13-45 10:00:00", "2026-13-45 10:00:00"),
    ],
)
def test_local_stamps_become_instants(local: str, instant: str) -> None:
    assert to_utc(BERLIN, local) == instant


def test_no_row_written_after_an_instant_has_a_stamp_before_its_local_bound() -> None:
    for start in ("2026-10-24T22:00:00+00:00", "2026-03-29T00:00:00+00:00", "2026-07-01T00:00:00+00:00"):
        begin = datetime.fromisoformat(start).timestamp()
        for minutes in range(0, 360, 10):
            since = datetime.fromtimestamp(begin + minutes * 60, tz=BERLIN)
            bound = to_local(BERLIN, since)
            for later in range(0, 400, 7):
                written = datetime.fromtimestamp(since.timestamp() + later * 60, tz=BERLIN)
                assert written.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") >= bound
