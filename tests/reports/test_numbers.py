"""Every report against plain Python over a random book: classes, shares, changes and totals, to the cent."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from customers.measures import MEASURES
from customers.measures_text import TEXT_MEASURES
from customers.models import CustomerRollup
from reports.shape import Answer
from tests.reports.asked import answer_of, dicts, foot
from tests.reports.book import PAST, SIZES, Book, write_book
from tests.reports.world import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("size", SIZES)]
Figures = Mapping[str, Any]
AGES = ("aging_not_due", "aging_1_30", "aging_31_60", "aging_61_90", "aging_over_90", "aging_no_due_date")


@pytest.fixture
def book(size: int) -> Book:
    return write_book(size, seed=size * 7 + 1)


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def total(rows: Sequence[Figures], name: str) -> Any:
    return sum((row[name] or 0 for row in rows), Decimal(0))


def check_foot(answer: Answer, book: Book) -> None:
    """Sums are those of the listed customers' figures, a ratio is the ratio of the two sums."""
    rows = [book.named(row["name"]) for row in dicts(answer)]
    assert len({row["pk"] for row in rows}) == answer.rows.count()
    for name, value in foot(answer).items():
        measure = MEASURES.get(name)
        if measure is None or measure.kind not in {"sum", "count", "ratio"}:
            continue
        if measure.kind == "ratio":
            parts = [MEASURES[part].column for part in (measure.numerator, measure.denominator)]
            if all(part in row for row in rows for part in parts) and rows:
                above, below = (total(rows, part) for part in parts)
                wanted = rounded(above * measure.factor / below, measure.places) if below else None
                assert value == wanted, name
        elif all(measure.column in row for row in rows):
            assert value == total(rows, measure.column), name


def check_classes(report: str, book: Book, class_of: Callable[[Figures], str], **given: str) -> None:
    """Every customer in its class, classes that add up to the whole, and each class chosen alone."""
    wanted = {row["name"]: class_of(row) for row in book.customers}
    answer = answer_of(report, **given)
    assert {row["name"]: row["class"] for row in dicts(answer)} == wanted
    check_foot(answer, book)
    assert answer.overview is not None
    counts = Counter(wanted.values())
    for line in answer.overview.rows.stream():
        line_by = dict(zip([column.name for column in answer.overview.columns], line.cells, strict=True))
        members = [row for row in book.customers if wanted[row["name"]] == line_by["class"]]
        assert line_by["customers"] == counts[str(line_by["class"])] == len(members)
        for column in answer.overview.columns:
            if column.measure:
                assert line_by[column.name] == total(members, MEASURES[column.name].column), column.name
        chosen = answer_of(report, **given, **{"class": line.keys["class"]})
        assert {row["name"] for row in dicts(chosen)} == {row["name"] for row in members}
        check_foot(chosen, book)
    assert foot(answer.overview)["customers"] == len(book.customers)
    alone = len(counts) == 1 and len(book.customers) > 1
    assert any("in one class" in note for note in answer.notes) == alone


@pytest.mark.parametrize(("a", "b"), [("80", "95"), ("0", "50"), ("33.3", "33.3"), ("100", "100")])
def test_abc(book: Book, a: str, b: str) -> None:
    amounts = {row["name"]: row["revenue_12m"] for row in book.customers}
    positive = {name: amount for name, amount in amounts.items() if amount > 0}
    whole = sum(positive.values(), Decimal(0))

    def before(amount: Decimal) -> Decimal:
        return sum((other for other in positive.values() if other > amount), Decimal(0))

    def through(amount: Decimal) -> Decimal:
        return sum((other for other in positive.values() if other >= amount), Decimal(0))

    def class_of(row: Figures) -> str:
        amount = row["revenue_12m"]
        if amount <= 0:
            return "Nothing to share"
        share = before(amount) * 100
        return "A" if share < whole * Decimal(a) else "B" if share < whole * Decimal(b) else "C"

    check_classes("abc", book, class_of, a=a, b=b)
    answer = answer_of("abc", a=a, b=b)
    assert ("share" in foot(answer)) == bool(whole)
    if not whole:
        assert any("nothing to share" in note for note in answer.notes)
        return
    assert (foot(answer)["share"], foot(answer.overview)["share"]) == (100, 100)  # type: ignore[arg-type]
    for name in ("", "a", "b", "c", "none"):
        for row in dicts(answer_of("abc", a=a, b=b, **{"class": name})):
            amount = amounts[row["name"]]
            assert row["share"] == rounded(max(amount, Decimal(0)) * 100 / whole, 2)
            assert row["cumulative"] == rounded(through(amount) * 100 / whole, 2), (name, row)


@pytest.mark.parametrize("top", [1, 5, 20])
def test_of_the_largest_each_class_holds_what_it_opens(book: Book, top: int) -> None:
    every = {row["name"]: row["class"] for row in dicts(answer_of("abc"))}
    answer = answer_of("abc", top=str(top))
    assert answer.overview is not None
    listed, overview = dicts(answer), {row["class"]: row for row in dicts(answer.overview)}
    for name, label in (("a", "A"), ("b", "B"), ("c", "C"), ("none", "Nothing to share")):
        chosen = dicts(answer_of("abc", top=str(top), **{"class": name}))
        assert [row["name"] for row in chosen] == [row["name"] for row in listed if every[row["name"]] == label]
        assert (overview[label]["customers"], overview[label]["revenue_12m"]) == (len(chosen), total(chosen, "amount"))
    assert foot(answer.overview).get("share") == foot(answer).get("share")


def test_concentration(book: Book) -> None:
    amounts = sorted((row["revenue_12m"] for row in book.customers if row["revenue_12m"] > 0), reverse=True)
    rows = dicts(answer_of("concentration"))
    assert [row["number"] for row in rows] == [
        *(step for step in (1, 3, 5, 10, 20, 50) if step < len(amounts)),
        *([len(amounts)] if amounts else []),
    ]
    for row in rows:
        assert row["amount"] == sum(amounts[: row["number"]])
        assert row["share"] == rounded(row["amount"] * 100 / sum(amounts), 2)
        largest = answer_of("abc", top=str(row["number"]))
        assert (largest.rows.count(), foot(largest)["amount"]) == (row["number"], row["amount"])


@pytest.mark.parametrize(
    ("period", "now", "before"),
    [
        ("ytd", "revenue_ytd", "revenue_ytd_prior"),
        ("12m", "revenue_12m", "revenue_prior_12m"),
        ("year", "revenue_last_year", "revenue_year_before_last"),
    ],
)
def test_growth(book: Book, period: str, now: str, before: str) -> None:
    def class_of(row: Figures) -> str:
        if row[now] == row[before] == 0:
            return "No revenue"
        if row[before] <= 0 < row[now]:
            return "New"
        if row[now] <= 0 < row[before]:
            return "Lost"
        return "Grown" if row[now] > row[before] else "Shrunk" if row[now] < row[before] else "Unchanged"

    check_classes("growth", book, class_of, period=period)
    answer = answer_of("growth", period=period)
    for row in dicts(answer):
        was, change = book.named(row["name"])[before], book.named(row["name"])[now] - book.named(row["name"])[before]
        assert row["change"] == change
        assert row["change_share"] == (rounded(change * 100 / was, 1) if was > 0 else None)
    change, was = total(book.customers, now) - total(book.customers, before), total(book.customers, before)
    assert foot(answer)["change"] == foot(answer.overview)["change"] == change  # type: ignore[arg-type]
    assert foot(answer)["change_share"] == (rounded(change * 100 / was, 1) if was > 0 else None)


@pytest.mark.parametrize(("lapsed", "drop"), [(365, "30"), (39, "0"), (3650, "100")])
def test_lapsed(book: Book, lapsed: int, drop: str) -> None:
    def class_of(row: Figures) -> str:
        if row["last_order_on"] is None:
            return "Never ordered"
        if (DAY - row["last_order_on"]).days > lapsed:
            return "Lapsed"
        if row["quiet_since"] and row["quiet_since"] <= DAY:
            return "At risk: quiet"
        kept = row["revenue_prior_12m"] * (100 - Decimal(drop)) / 100
        return "At risk: buys less" if row["revenue_prior_12m"] > 0 and row["revenue_12m"] <= kept else "Active"

    check_classes("lapsed", book, class_of, lapsed=str(lapsed), drop=drop)
    for row in dicts(answer_of("lapsed")):
        last = book.named(row["name"])["last_order_on"]
        assert row["silent_days"] == (last and (DAY - last).days)


def test_deals_payments_and_deliveries(book: Book) -> None:
    def deal(row: Figures) -> str:
        size = row["average_deal_size"]
        if size is None:
            return "No won deals"
        return "Big deals" if size >= 25000 else "Middle deals" if size >= 5000 else "Small deals"

    def pays(row: Figures) -> str:
        days = row["days_late_paid"]
        if days is None:
            return "Nothing paid in 12 months"
        return "Very late" if days >= 30 else "Late" if days >= 1 else "On time"

    def delivered(row: Figures) -> str:
        if row["late_orders_count"] or row["late_lines_count"]:
            return "Late now"
        if row["shipped_late_count"]:
            return "Was shipped late"
        return "In time" if row["delivered_orders_12m"] or row["open_orders_count"] else "No deliveries"

    check_classes("deal-size", book, deal)
    check_classes("payment-behaviour", book, pays)
    check_classes("late-deliveries", book, delivered)


def test_lists_and_receivables_by_age(book: Book) -> None:
    for name in ("orders", "receivables", "delivered-not-invoiced"):
        check_foot(answer_of(name), book)
    assert answer_of("orders").rows.count() == len(book.customers)
    not_invoiced = {row["name"] for row in book.customers if row["delivered_not_invoiced"]}
    assert {row["name"] for row in dicts(answer_of("delivered-not-invoiced"))} == not_invoiced
    overview = answer_of("receivables").overview
    assert overview is not None
    for age, row in zip(AGES, dicts(overview), strict=True):
        owing = [each for each in book.customers if each[age]]
        assert (row["amount"], row["customers"]) == (total(owing, age), len(owing))
        assert {each["name"] for each in dicts(answer_of("receivables", age=age))} == {each["name"] for each in owing}
    assert foot(overview)["amount"] == sum(total(book.customers, age) for age in AGES)


def test_a_kept_day_shows_the_figures_of_that_day(book: Book) -> None:
    then = {row["name"]: row["open_amount"] for row in book.past[PAST[0]]}
    answer = answer_of("receivables", day=PAST[0].isoformat())
    assert {row["name"]: row["open_amount"] for row in dicts(answer)} == then


def test_overdue_trend(book: Book) -> None:
    rows = {row["day"]: row for row in dicts(answer_of("overdue-trend"))}
    shown = {PAST[1]: book.past[PAST[1]], PAST[2]: book.past[PAST[2]], DAY: book.customers}
    assert list(rows) == sorted(shown, reverse=True)
    for day, customers in shown.items():
        overdue, whole = total(customers, "overdue_amount"), total(customers, "open_amount")
        row = rows[day]
        assert (row["overdue_amount"], row["open_amount"]) == (overdue, whole)
        assert row["over_90"] == total(customers, "aging_over_90")
        assert row["customers"] == sum(1 for each in customers if each["overdue_count"])
        assert row["share"] == (rounded(overdue * 100 / whole, 1) if whole > 0 else None)


def test_cohorts_and_customers_of_a_year(book: Book) -> None:
    first = {row["pk"]: row["first_order_on"].year for row in book.customers if row["first_order_on"]}
    ordered: dict[tuple[int, int], set[int]] = defaultdict(set)
    revenue: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for each in book.months:
        if (key := each["customer"].pk) in first and each["month"] <= DAY:
            revenue[first[key], each["month"].year] += each["revenue"]
            if each["order_count"]:
                ordered[first[key], each["month"].year].add(key)
    sizes = Counter(first.values())
    for show in ("customers", "share", "revenue"):
        rows = dicts(answer_of("cohorts", show=show))
        assert {int(row["cohort"]): row["size"] for row in rows} == sizes
        for row in rows:
            began = int(row["cohort"])
            for year in range(began, DAY.year + 1):
                count = len(ordered[began, year])
                share = rounded(Decimal(count) * 100 / sizes[began], 1)
                wanted = {"customers": count, "share": share, "revenue": revenue[began, year]}[show]
                assert row[f"year_{year - began}"] == wanted, (show, began, year)
    for began in sizes:
        for year in range(began, DAY.year + 1):
            given = {"first": str(began), "year": str(year)}
            assert foot(answer_of("customer-years", **given))["revenue"] == revenue[began, year]
            assert answer_of("customer-years", **given, ordered="yes").rows.count() == len(ordered[began, year])
            assert answer_of("customer-years", **given).rows.count() == sizes[began]


def test_product_groups(book: Book) -> None:
    conditions: dict[str, Callable[[Decimal, Decimal], bool]] = {
        "": lambda *_: True,
        "stopped": lambda now, before: now <= 0 < before,
        "new": lambda now, before: before <= 0 < now,
        "less": lambda now, before: now < before,
        "more": lambda now, before: now > before,
    }
    for change, holds in conditions.items():
        rows = [each for each in book.categories if holds(each["revenue_12m"], each["revenue_prior_12m"])]
        answer = answer_of("product-groups", change=change)
        assert Counter(row["category"] for row in dicts(answer)) == Counter(each["category"] for each in rows)
        assert foot(answer)["revenue_12m"] == total(rows, "revenue_12m")
        assert foot(answer)["change"] == total(rows, "revenue_12m") - total(rows, "revenue_prior_12m")
        assert answer.overview is not None
        for group in dicts(answer.overview):
            members = [each for each in rows if each["category"] == group["category"]]
            assert (group["customers"], group["revenue_12m"]) == (len(members), total(members, "revenue_12m"))
        assert foot(answer.overview)["revenue_prior_12m"] == total(rows, "revenue_prior_12m")


def test_what_is_pushed_is_what_the_report_says(book: Book) -> None:
    for measure, report in (("ordering", "lapsed"), ("paying", "payment-behaviour")):
        rollups = CustomerRollup.objects.filter(as_of=DAY).annotate(words=TEXT_MEASURES[measure].expression())
        pushed = dict(rollups.values_list("customer__name", "words"))
        assert pushed == {row["name"]: row["class"] for row in dicts(answer_of(report))}
