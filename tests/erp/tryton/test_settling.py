"""Settling by itself: whatever the books hold, the parts add up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from integration_hub.erp.tryton.open_items import Entry, Instalments, settle

CENT = Decimal("0.01")
CENTS = st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)


def entry(number: int, base: Decimal, day: int, group: str = "", foreign: Decimal | None = None) -> Entry:
    on = f"2026-01-{day:02}"
    return Entry(
        id=str(number), move=str(number), on=on, due=on, party="1", base=base, foreign=foreign or Decimal(0),
        currency="2" if foreign is not None else "", reconciliation=group,
    )  # fmt: skip


def settled_of(found: Instalments, item: Entry) -> Decimal:
    return sum((each.amount for each in found.settled if each.item is item), Decimal(0))


@given(
    st.lists(CENTS, min_size=1, max_size=5),
    st.lists(st.tuples(CENTS, st.integers(1, 28)), max_size=5),
    st.sampled_from([1, -1]),
)
def test_what_is_open_is_what_is_owed_less_what_was_paid(
    owed: list[Decimal], paid: list[tuple[Decimal, int]], sign: int
) -> None:
    items = [entry(number, sign * amount, number) for number, amount in enumerate(owed, 1)]
    payments = [entry(100 + number, -sign * amount, day) for number, (amount, day) in enumerate(paid)]
    found = settle(items, payments, {}, lambda each: each.base, CENT)
    assert sum(found.open.values()) == sum(each.base for each in (*items, *payments))
    for item in items:
        assert found.open[item.id] == item.base - settled_of(found, item)
        assert item is items[-1] or 0 <= sign * found.open[item.id] <= sign * item.base


@given(st.lists(CENTS, min_size=1, max_size=6), st.lists(CENTS, max_size=5))
def test_a_reconciled_item_is_settled_to_the_cent_by_what_was_reconciled_with_it(
    owed: list[Decimal], paid: list[Decimal]
) -> None:
    items = [entry(number, amount, number, "9") for number, amount in enumerate(owed, 1)]
    total = sum(owed, Decimal(0))
    others: list[Entry] = []
    for amount in [*paid, total]:
        part = min(total, amount)
        if part:
            others.append(entry(100 + len(others), -part, 28, "9"))
        total -= part
    for item in items:
        found = settle([item], [], {"9": [*items, *others]}, lambda each: each.base, CENT)
        assert found.open == {item.id: 0}
        assert settled_of(found, item) == item.base
        assert all(each.by in others and each.amount > 0 for each in found.settled)


@given(CENTS, CENTS)
def test_a_foreign_item_closed_in_company_currency_is_settled_in_its_own(foreign: Decimal, base: Decimal) -> None:
    item = entry(1, base, 1, "9", foreign)
    half = (base / 2).quantize(CENT)
    others = [entry(2, -half, 2, "9"), entry(3, half - base, 3, "9")]
    found = settle([item], [], {"9": [item, *others]}, lambda each: each.foreign, CENT)
    assert settled_of(found, item) == foreign


def test_dollars_settle_dollars_and_the_difference_of_exchange_settles_nothing() -> None:
    item = entry(1, Decimal(80), 1, "9", Decimal(100))
    money = entry(2, Decimal(-70), 2, "9", Decimal(-100))
    difference = entry(3, Decimal(-10), 2, "9", Decimal(0))
    found = settle([item], [], {"9": [item, money, difference]}, lambda each: each.foreign, CENT)
    assert [(each.by, each.amount) for each in found.settled] == [(money, Decimal(100))]


def test_an_item_whose_settlement_is_not_shown_is_settled_all_the_same() -> None:
    item = entry(1, Decimal(80), 5, "9")
    other = entry(2, Decimal(80), 9, "9")
    found = settle([item], [], {"9": [item, other]}, lambda each: each.base, CENT)
    assert [(each.by, each.on, each.amount) for each in found.settled] == [(other, "2026-01-09", Decimal(80))]
    found = settle([item], [], {}, lambda each: each.base, CENT)
    assert [(each.by, each.on) for each in found.settled] == [(None, "2026-01-05")]
