"""Figures of a calendar year open the documents that make them; invoices show what is open of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db.models import Sum

from customers import counted_receivables
from customers.models import Customer
from reports.asking import read_question
from reports.catalogue import get_report
from reports.page import ReportPage, build_page
from reports.parameters import BadParameter
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF


def page_at(url: str) -> ReportPage:
    """What an address of a report shows to somebody who sees all."""
    parts = urlsplit(url)
    report = get_report(parts.path.rstrip("/").rsplit("/", 1)[-1])
    return build_page(report, read_question(report, dict(parse_qsl(parts.query)), user=None, as_of=AS_OF))


def foot(page: ReportPage, column: str) -> object:
    return next(figure.value for figure in page.listing.foot if figure.column.name == column)


@pytest.mark.parametrize(
    "query", ["", f"year={AS_OF.year - 1}", f"first={AS_OF.year}&ordered=no", "first=2025&ordered=yes"]
)
def test_orders_and_revenue_of_a_year_open_their_documents_and_add_up(world: World, query: str) -> None:
    page = page_at(f"/reports/customer-years/?{query}")
    opened = 0
    for figures in (*(row.figures for row in page.listing.rows), page.listing.foot):
        by_name = {figure.column.name: figure for figure in figures}
        if (orders := by_name["orders"]).url:
            assert page_at(orders.url).listing.count == orders.value
            opened += 1
        if (revenue := by_name["revenue"]).url:
            assert foot(page_at(revenue.url), "revenue") == revenue.value
            opened += 1
        assert bool(orders.value) == bool(orders.url)
        assert bool(revenue.value) == bool(revenue.url)
    assert opened or query.startswith("first")


def test_documents_of_a_year_name_the_customer_and_keep_it_in_the_form(world: World, cast: Cast) -> None:
    url = f"/reports/invoices/?year={AS_OF.year}&customer={world.kestrel.pk}"
    page = cast.analyst.get(url)
    assert f"Customer {world.kestrel.name}" in page.text
    assert f'<input type="hidden" name="customer" value="{world.kestrel.pk}">' in page.text
    assert cast.owner.get(url).context["page"].listing.count == page.context["page"].listing.count
    # Somebody else's customer is as one that does not exist.
    # The year takes the place of the period, which is not offered beside it.
    assert 'name="period"' not in page.text
    refused = "There is no such customer, or it is none of yours."
    assert refused in cast.outsider.get(url).text
    assert refused in cast.analyst.get("/reports/order-list/?year=2025&customer=999999").text
    with pytest.raises(BadParameter):
        page_at("/reports/invoices/?year=2025&customer=0")


def test_invoices_tell_what_is_open_and_overdue_of_them(world: World) -> None:
    page = page_at(f"/reports/invoices/?year={AS_OF.year}&show=open")
    assert [heading.column.name for heading in page.listing.headings][6:9] == ["open", "overdue", "late"]
    everybody = Customer.objects.filter(gone_at=None)
    this_year = {
        "invoice__revenue_on__range": (date(AS_OF.year, 1, 1), AS_OF),
        "invoice__reporting_amount__isnull": False,
    }
    for column, items in (("open", counted_receivables.open_items), ("overdue", counted_receivables.overdue)):
        found = items(everybody, AS_OF).filter(**this_year).exclude(invoice__status__in=("draft", "cancelled"))
        assert foot(page, column) == (found.aggregate(sum=Sum("counted"))["sum"] or Decimal(0)), column
    by_name: list[dict[str, Any]] = [
        {figure.column.name: figure.value for figure in row.figures} for row in page.listing.rows
    ]
    assert any(row["open"] for row in by_name)
    assert all((row["late"] is None) == (row["overdue"] is None) for row in by_name)
    assert all(row["late"] > 0 for row in by_name if row["late"] is not None)


def test_what_is_hidden_from_a_role_is_hidden_here_too(world: World) -> None:
    report = get_report("invoices")
    given = {"year": str(AS_OF.year), "show": "open", "first": str(AS_OF.year)}
    question = replace(read_question(report, given, user=None, as_of=AS_OF), hidden=frozenset({"open_amount"}))
    answer = report.answer(question)
    assert "open" not in {column.name for column in answer.columns}
    assert answer.notes == ("What is open is not shown to your role.",)
    with pytest.raises(BadParameter, match="does not see"):
        report.answer(replace(question, hidden=frozenset({"first_order_on"})))
