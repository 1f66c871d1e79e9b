"""RFM scores: published results, ties, few customers, SQL and Python agree, and nobody is moved by others."""

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from customers.models import Customer, CustomerRollup
from customers.rfm import at_day, expressions, score_of, scored
from customers.rfm_quantiles import TIES, NothingToShareOut, equal_shares, same_for_all, shared_out
from customers.rfm_scales import USUAL, BadScales, Scales, emptied, from_stored, read_scales, scale_words, written
from customers.rfm_segments import GRID, SCORES, SEGMENTS, segment_of
from tests.reports.world import DAY, add_customer

pytestmark = pytest.mark.django_db
ALL_12M = Scales(orders="12m", amount="12m")

# A worked example of RFM scores that is published with its results (clevertap.com/blog/rfm-analysis): days, purchases,
# spend, and the three scores.
PUBLISHED = (
    (4, 6, 540, "544"),
    (6, 11, 940, "454"),
    (46, 1, 35, "111"),
    (23, 3, 65, "222"),
    (15, 4, 179, "333"),
    (32, 2, 56, "222"),
    (7, 3, 140, "433"),
    (50, 1, 950, "115"),
    (34, 15, 2630, "155"),
    (10, 5, 191, "343"),
    (3, 8, 845, "544"),
    (1, 10, 1510, "555"),
    (27, 3, 54, "232"),
    (18, 2, 40, "321"),
    (5, 1, 25, "411"),
)


def customer(
    days: int | None, orders: int, revenue: object, *, first: int | None = None, **more: object
) -> CustomerRollup:
    """A customer with orders all in the last 12 months, the latest so many days ago, the first `first` days ago."""
    last = None if days is None else DAY - timedelta(days=days)
    began = last if first is None else DAY - timedelta(days=first)
    figures = {
        "order_count": orders,
        "order_count_12m": orders,
        "order_parts_12m": orders,
        "revenue_12m": Decimal(str(revenue)),
    } | more
    return add_customer(f"C{Customer.objects.count()}", last_order_on=last, first_order_on=began, **figures)


def told(scales: Scales) -> dict[str, str]:
    """Segment and score of every customer by name."""
    rows = at_day(DAY).annotate(digits=expressions(scales)["digits"], segment=expressions(scales)["segment"])
    return {
        name: f"{segment} {digits or ''}".strip()
        for name, segment, digits in rows.values_list("customer__name", "segment", "digits")
    }


def digits(scales: Scales) -> list[str]:
    rows = at_day(DAY).annotate(digits=expressions(scales)["digits"]).order_by("customer_id")
    return list(rows.values_list("digits", flat=True))


def test_published_scores_are_reproduced_but_where_they_part_a_tie() -> None:
    """Quintiles of 15 customers. Customers 4, 7 and 13 all bought three times; the publication ranks them by their
    place in its list, so 4 scores 2 and the others 3. Here the same value always scores the same: by the tie rule
    "middle" all three score 3, by "lower" all three 2. Every other score agrees, 44 and 43 of 45.
    """
    for days, purchases, spend, _score in PUBLISHED:
        customer(days, purchases, spend)
    published = [score for *_values, score in PUBLISHED]
    middle, lower = digits(equal_shares(DAY, ALL_12M)), digits(equal_shares(DAY, ALL_12M, "lower"))
    assert {place + 1: found for place, found in enumerate(middle) if found != published[place]} == {4: "232"}
    assert {place + 1: found for place, found in enumerate(lower) if found != published[place]} == {7: "423", 13: "222"}


def test_every_score_has_a_named_segment_with_a_sentence() -> None:
    assert len(SCORES) == 125
    named = {f"{r}{f}{m}": segment_of(r, f, m) for r, f, m in product(range(1, 6), repeat=3)}
    assert set(named) == set(SCORES)
    assert (
        set(named.values()) | {"new", "no_orders"}
        == set(SEGMENTS)
        == {name for row in GRID for name in row} | {"new", "no_orders"}
    )
    assert all(len(segment.sentence) > 30 for segment in SEGMENTS.values())
    # What another library calls a top spender: long gone, once frequent and large.
    assert {named["144"], named["155"], named["145"]} == {"cannot_lose"}
    assert named["555"] == named["444"] == "champions"
    assert named["111"] == "lost"


def test_who_bought_yesterday_once_and_little_is_new_and_no_order_is_said_as_such() -> None:
    customer(1, 1, 20)
    customer(89, 1, 500_000)
    customer(90, 1, 20)
    customer(None, 0, 0)
    assert told(USUAL) == {"C0": "new 511", "C1": "new 415", "C2": "promising 411", "C3": "no_orders"}


def test_a_credited_order_counts_once_and_two_orders_of_a_day_count_twice(figures) -> None:
    from tests.customers.world import DAY as TODAY
    from tests.customers.world import ago

    credited, twice = figures.linked("Credited", "100"), figures.linked("Twice", "200")
    figures.order(credited, "1000", ago(400))
    figures.invoice(credited, "1000", ago(300))
    figures.invoice(credited, "-1000", ago(299), kind="credit_note")
    figures.order(twice, "600", ago(20))
    figures.order(twice, "400", ago(20))
    figures.invoice(twice, "1000", ago(10))
    figures.roll_up(TODAY)
    scores = {each.customer.name: score_of(each, USUAL) for each in CustomerRollup.objects.select_related("customer")}
    assert (scores["Credited"].orders, scores["Credited"].amount) == (1, Decimal(0))
    assert (scores["Twice"].orders, scores["Twice"].amount) == (2, Decimal(1000))
    average = Scales(amount="average", orders="12m")
    assert score_of(figures.figures(twice, TODAY), average).amount == 500
    assert score_of(figures.figures(credited, TODAY), average).amount is None


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("ties", [*TIES])
def test_a_handful_of_customers_is_scored_without_error(count: int, ties: str) -> None:
    for number in range(count):
        customer(number * 10, number + 1, number * 100, first=500)
    scales = equal_shares(DAY, ALL_12M, ties)
    expected = {1: ["333"], 2: ["422", "244"], 5: ["511", "422", "333", "244", "155"]}[count]
    if count > 1 or ties == "middle":
        assert digits(scales) == expected
    assert all(name.split()[0] in SEGMENTS for name in told(scales).values())


def test_nobody_with_an_order_is_told_in_a_sentence() -> None:
    customer(None, 0, 0)
    with pytest.raises(NothingToShareOut, match="No customer has an order"):
        equal_shares(DAY, USUAL)
    assert same_for_all(DAY, USUAL) == ()
    assert told(USUAL) == {"C0": "no_orders"}


def test_four_of_five_with_one_order_score_alike_and_the_best_still_reach_five() -> None:
    for number in range(20):
        customer(number, 1 if number < 16 else number, 100 + number, first=400)
    scales = equal_shares(DAY, ALL_12M)
    assert scales.frequency == (1, 1, 16, 16)
    assert {score_of(each, scales).frequency for each in at_day(DAY)} == {3, 5}
    assert emptied(scales) == ("Frequency has 3 scores instead of five: scores 2 and 4 stay empty.",)
    words = dict(scale_words(scales, "frequency", "EUR"))
    assert words[5] == "16 orders or more in 12 months"
    assert (words[3], words[4], words[1]) == (
        "1 order or more in 12 months",
        "nobody",
        "fewer than 1 order in 12 months",
    )


def test_all_with_the_same_values_score_in_the_middle_and_it_is_said() -> None:
    for _number in range(30):
        customer(10, 1, 50, first=300)
    scales = equal_shares(DAY, USUAL)
    assert set(digits(scales)) == {"333"}
    assert [sentence.split(":")[0] for sentence in same_for_all(DAY, scales)] == [
        "Recency tells nobody apart",
        "Frequency tells nobody apart",
        "Monetary value tells nobody apart",
    ]


def test_forty_of_four_hundred_buy_and_none_of_the_others_moves() -> None:
    chance = random.Random(7)  # noqa: S311 - repeatable
    for _number in range(400):
        orders = 1 if chance.random() < 0.6 else chance.randint(2, 40)
        customer(chance.randint(0, 900), orders, chance.randint(-50, 90_000), first=1000)
    frozen = equal_shares(DAY, ALL_12M)
    before = told(frozen)
    buyers = list(CustomerRollup.objects.order_by("pk")[:400:10])
    for rollup in buyers:
        rollup.last_order_on, rollup.order_count_12m = DAY, rollup.order_count_12m + 1
        rollup.revenue_12m += 30_000
        rollup.save()
    after = told(frozen)
    bought = {rollup.customer.name for rollup in buyers}
    assert {name for name in before if before[name] != after[name]} <= bought
    assert any(before[name] != after[name] for name in bought)
    # Shared out anew, others would move: that is why it is an act of its own.
    assert equal_shares(DAY, ALL_12M) != frozen


def random_scales(chance: random.Random) -> Scales:
    def ascending(most: int) -> list[int]:
        return sorted(chance.randint(0, most) for _ in range(4))[: chance.randint(1, 4)]

    def filled(limits: Sequence[Any]) -> tuple[Any, ...]:
        return (*limits, *([None] * (4 - len(limits))))

    return Scales(
        recency=filled([500 - days for days in ascending(400)]),
        frequency=filled(ascending(12)),
        monetary=filled([Decimal(value) / 3 for value in ascending(5000)]),
        orders=chance.choice(["all", "12m"]),
        amount=chance.choice(["24m", "12m", "average"]),
        new_days=chance.choice([0, 1, 90]),
    ).checked()


def test_sql_and_python_give_the_same_score_for_any_customer_and_any_scales() -> None:
    chance = random.Random(11)  # noqa: S311 - repeatable
    for _number in range(120):
        recent = chance.randint(0, 6)
        days = None if chance.random() < 0.1 else chance.randint(0, 600)
        first = None if days is None else days + chance.choice([0, 0, 30, 600])
        revenue = Decimal(chance.randint(-300_000, 3_000_000)) / 300
        prior = Decimal(chance.randint(0, 5000))
        total = 0 if days is None else recent + chance.randint(0, 9)
        counts = {"order_count_12m": recent, "order_parts_12m": Decimal(chance.randint(0, 3 * recent)) / 3}
        customer(days, total, revenue, first=first, **counts, revenue_prior_12m=prior)
    for _round in range(12):
        scales = random_scales(chance)
        for row in scored(at_day(DAY), scales).annotate(digits=expressions(scales)["digits"]):
            own = score_of(row, scales)
            found = (row.rfm_segment, row.rfm_r, row.rfm_f, row.rfm_m, row.rfm_days, row.rfm_orders, row.digits or "")
            assert found == (own.segment, own.recency, own.frequency, own.monetary, own.days, own.orders, own.digits)
            assert (row.rfm_amount is None) is (own.amount is None)


def test_equal_values_never_part_and_order_is_kept() -> None:
    chance = random.Random(3)  # noqa: S311 - repeatable
    for _round in range(200):
        values = sorted(chance.randint(0, 8) for _ in range(chance.randint(1, 40)))
        counted = [(value, values.count(value)) for value in sorted(set(values))]
        for ties in TIES:
            limits = shared_out(counted, ties)
            reached = [limit for limit in limits if limit is not None]
            assert reached == sorted(reached)
            assert limits == (*reached, *([None] * (4 - len(reached))))
    assert shared_out([]) == ()


def test_scales_keep_their_numbers_in_the_database_and_in_a_url() -> None:
    scales = Scales(recency=(300, 200, None, None), monetary=(Decimal(-5), Decimal("0.5"), Decimal(10), None))
    assert from_stored(scales.stored()) == scales
    assert read_scales(written(scales)) == scales
    assert read_scales({}) == USUAL


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"r5": "abc"}, "Recency, score 5: “abc” is no number; type one such as 30, or nothing."),
        ({"r5": "400"}, "Recency: score 5 must take fewer days than score 4"),
        ({"f3": "1"}, "Frequency: score 3 must take more than score 2"),
        ({"m2": "", "m3": "5"}, "Monetary value: score 3 has a number, so score 2 needs one"),
        ({"f2": "1.5"}, "must be a whole number"),
        ({"m2": "1.0050"}, "more than two decimals"),
        ({"m2": "NaN"}, "is no number"),
        ({"r2": "99999"}, "at most 36,500 days"),
        ({"orders": "days"}, "which orders"),
    ],
)
def test_what_makes_no_scale_is_refused_with_its_place(parameters: dict[str, str], words: str) -> None:
    with pytest.raises(BadScales, match=words):
        read_scales(parameters)


def test_the_words_say_what_each_score_takes() -> None:
    assert dict(scale_words(USUAL, "recency", "EUR"))[5] == "ordered in the last 30\u00a0days"
    assert dict(scale_words(USUAL, "recency", "EUR"))[1] == "last order more than 365\u00a0days ago"
    assert dict(scale_words(USUAL, "monetary", "EUR"))[5] == "€150,000 or more"
    assert dict(scale_words(USUAL, "monetary", "EUR"))[1] == "less than €5,000"
    assert emptied(USUAL) == ()


def test_the_expressions_of_the_same_scales_are_made_once_and_no_query_changes_them() -> None:
    made = expressions(USUAL)
    assert expressions(Scales()) is made
    assert expressions(USUAL, "customer__rollup") is not made
    asked = [str(CustomerRollup.objects.annotate(told=made["segment"]).query) for _ in range(2)]
    CustomerRollup.objects.filter(as_of=DAY).annotate(other=made["segment"]).values("other").annotate(
        n=made["r"]
    ).first()
    assert str(CustomerRollup.objects.annotate(told=made["segment"]).query) == asked[0] == asked[1]
