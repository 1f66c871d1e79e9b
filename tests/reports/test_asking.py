"""What cannot be asked is answered with a sentence that says what is wrong and what to do."""

from decimal import Decimal

import pytest

from customers.models import RollupDay
from reports.catalogue import get_report, reports
from reports.page import build_page
from reports.parameters import FIGURES_OF, BadParameter, read_parameters
from tests.reports.asked import answer_of, question_of
from tests.reports.book import PAST, write_book
from tests.reports.world import DAY, NOW, add_customer, open_day

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("report", "given", "words"),
    [
        ("abc", {"a": "90", "b": "80"}, "A must end below B"),
        ("abc", {"a": "101"}, '"A up to %" must be between 0 and 100'),
        ("abc", {"top": "0"}, '"Largest" must be between 1'),
        ("abc", {"class": "d"}, '"Class" is "d", which is none of: All, A, B, C'),
        ("abc", {"figure": "dso"}, '"Figure" is "dso", which is none of: Revenue'),
        ("deal-size", {"big": "10", "small": "20"}, "Small deals must end below big ones"),
        ("payment-behaviour", {"late": "40"}, "Late must begin before very late"),
        ("abc", {"a": "x"}, '"A up to %": “x” is no number; type one such as 80'),
        ("segmentation", {"overdue": "2,5"}, "“2,5” is no number here; type 2.5"),
        ("segmentation", {"large": "150.000"}, "“150.000” can mean 150000 or 150; type the one you mean"),
        ("segmentation", {"large": "1.005"}, "“1.005” can mean 1005 or 1.0050;"),
        ("segmentation", {"large": "1.500.000,50"}, "type 1500000.50"),
        ("segmentation", {"large": "0,125"}, "type 0.125"),
        ("lapsed", {"lapsed": "1.5"}, "which is not a whole number"),
        ("segmentation", {"medium": "10", "large": "5"}, "Medium must begin below large"),
        ("product-groups", {"group": "Gone"}, '"Product group" is "Gone", which is none of: All'),
        ("customer-years", {"year": "26"}, '"Calendar year" must be between 1,900'),
        ("receivables", {"day": "2001-01-01"}, r"No figures are kept of 1.Jan.2001. They are kept since 10.Feb.2026"),
        ("receivables", {"day": "soon"}, "which is no date"),
    ],
)
def test_what_contradicts_or_does_not_exist_is_said(report: str, given: dict[str, str], words: str) -> None:
    open_day()
    with pytest.raises(BadParameter, match=words):
        answer_of(report, **given)


def test_an_amount_may_have_commas_between_thousands_and_any_space() -> None:
    written = ("1,500,000.5", "1 500 000.50", "1\u202f500\u00a0000.50", "1500000.5")
    values = {read_parameters(get_report("segmentation").parameters, {"large": text})["large"] for text in written}
    assert values == {Decimal("1500000.50")}


@pytest.mark.parametrize("name", [*reports()])
def test_a_company_without_customers_has_a_calm_page(name: str) -> None:
    open_day()
    page = build_page(get_report(name), question_of(name))
    assert page.listing.count <= 1
    assert not [figure.value for figure in page.listing.foot if figure.value]


def test_limits_that_tell_nobody_apart_are_said() -> None:
    for name in ("One", "Two", "Three"):
        add_customer(name, days_late_paid=5)
    notes = answer_of("payment-behaviour", late="1").notes
    assert "All 3 customers are in one class, “Late”: nothing here tells them apart." in notes


def test_the_largest_few_of_one_class_are_no_fault_of_the_limits() -> None:
    for name, amount in (("One", 500), ("Two", 400), ("Three", 90), ("Four", 10)):
        add_customer(name, revenue_12m=amount)
    answer = answer_of("abc", top="2")
    assert answer.overview is not None
    assert [row.cells[1] for row in answer.overview.rows[0:4]] == [2, 0, 0, 0]
    assert not any("tells them apart" in note for note in answer.notes)


def test_figures_in_another_currency_are_neither_offered_nor_shown_as_those_of_today() -> None:
    write_book(1, seed=3)
    dollars, euro = PAST[-1], PAST[-2]
    RollupDay.objects.filter(as_of=dollars).update(basis="USD; another calendar")
    assert [value for value, _ in FIGURES_OF.options()][1] == euro.isoformat()
    with pytest.raises(BadParameter, match="No figures are kept of"):
        FIGURES_OF.read(dollars.isoformat())
    assert FIGURES_OF.read(euro.isoformat()) == euro


def test_the_days_offered_are_the_newest_and_the_last_of_each_month_before() -> None:
    write_book(1, seed=3)
    offered = [value for value, _ in FIGURES_OF.options()]
    assert offered == ["", *(day.isoformat() for day in reversed(PAST))]
    RollupDay.objects.exclude(as_of=DAY).delete()
    assert FIGURES_OF.options() == ()
    for number in range(12, 26):
        RollupDay.objects.create(as_of=DAY.replace(year=2024, day=number), completed_at=NOW)
    RollupDay.objects.create(as_of=DAY.replace(year=2023), completed_at=NOW)
    offered = [value for value, _ in FIGURES_OF.options()]
    assert offered[1:] == [*(f"2024-02-{number}" for number in range(25, 16, -1)), "2023-02-10"]
