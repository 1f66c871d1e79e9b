"""A hidden figure is nowhere in a report: not as a column, a chart or a choice, nor added up from its parts."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from customers.hidden import ATTRIBUTES, hidden_with
from customers.measures import MEASURES
from reports.asking import usual_question
from reports.catalogue import reports, reports_for
from reports.charts import figure_of
from reports.page import build_page
from reports.shape import Answer, Question, Report
from tests.reports.book import write_book
from tests.reports.world import DAY, add_customer, open_day

pytestmark = pytest.mark.django_db
# What is open of one customer: every sum and difference of these is another number.
AGES = {
    name: Decimal(2**place)
    for place, name in enumerate(
        ("aging_not_due", "aging_no_due_date", "aging_1_30", "aging_31_60", "aging_61_90", "aging_over_90")
    )
}


def question_of(report: Report, *hidden: str) -> Question:
    return replace(usual_question(report, user=None, as_of=DAY), hidden=hidden_with(hidden))


def named_in(answer: Answer) -> Iterator[str]:
    """The names of all columns, of the measures that make them, and of what charts draw."""
    for table in filter(None, (answer, answer.overview, *(chart.table for chart in answer.charts))):
        for column in table.columns:
            yield from (column.name, column.measure)
    for chart in answer.charts:
        yield from (*chart.series, *chart.ends)


def test_every_report_and_every_chart_does_without_any_hidden_figure() -> None:
    write_book(7, 3)
    usual = {name: set(named_in(report.answer(question_of(report)))) for name, report in reports().items()}
    for name, report in reports().items():
        usual[name] |= {one for each in report.parameters for figures in each.rests_on.values() for one in figures}
    looked_at = 0
    for name in (*MEASURES, *ATTRIBUTES):
        hidden = hidden_with([name])
        for report in (report for report in reports_for(hidden) if hidden & usual[report.name]):
            looked_at += 1
            page = build_page(report, question_of(report, name))
            assert not set(named_in(page.answer)) & hidden, (report.name, name)
            for chart in page.answer.charts:
                drawn = figure_of(chart.table or page.answer.overview or page.answer, chart, "EUR")
                assert drawn.data, (report.name, name, chart.title)
            offered = {value for _, fields in page.fieldsets for field in fields for value, _, _ in field.choices}
            assert not offered & hidden, (report.name, name)
    assert looked_at > 50


def test_a_chart_keeps_its_other_series_and_one_that_has_no_other_is_left_out() -> None:
    write_book(7, 3)
    series = {}
    for name in ("payment-behaviour", "late-deliveries", "receivables"):
        answer = reports()[name].answer(question_of(reports()[name], "overdue_amount", "late_orders_amount"))
        series[name] = [chart.series for chart in answer.charts]
    assert series == {
        "payment-behaviour": [("open_amount",)],
        "late-deliveries": [("open_orders_amount",)],
        "receivables": [],
    }


@pytest.mark.parametrize("name", ["open_amount", "overdue_amount", *AGES])
def test_no_sum_or_difference_of_what_is_shown_comes_to_the_hidden_amount(name: str) -> None:
    open_day()
    owed = AGES | {"open_amount": Decimal(63), "overdue_amount": Decimal(60), "credits_amount": Decimal(-500)}
    add_customer("Acme", overdue_count=1, **owed)
    report = reports()["receivables"]
    page = build_page(report, question_of(report, name))
    cells = [each.value for each in page.listing.foot if each.column.kind == "money"]
    cells += [row.cells[1] for row in page.answer.overview.rows[0:9]] if page.answer.overview else []
    shown = {cell for cell in cells if isinstance(cell, Decimal)}
    made = {
        sum((sign * amount for sign, amount in zip(signs, shown, strict=True)), Decimal(0))
        for signs in product((-1, 0, 1), repeat=len(shown))
    }
    assert owed[name] not in made
    ages = next(field for _, fields in page.fieldsets for field in fields if field.parameter.name == "age")
    assert {value for value, _, _ in ages.choices} <= {"", "overdue"}
    assert ("overdue" in dict.fromkeys(value for value, _, _ in ages.choices)) is (name != "overdue_amount")
