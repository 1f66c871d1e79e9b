"""Totals of reports, lists and files over customers that share an ERP customer: averages stay, counts are explained."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.publishing import recompute_all
from integration_hub.models import ErpOrder
from reports.asking import read_question
from reports.catalogue import get_report
from reports.exporting import prepare
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.test_shares import shared
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, build_invoice
from tests.reports.asked import foot

THIRDS = {f"p:{KESTREL}": "33.3333", f"p:{KESTON}": "66.6667"}
REPORTS = {
    "orders": ("average_order_value",),
    "deal-size": ("average_order_value", "average_deal_size"),
}
WHY = "as a rule shares their ERP customer"


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\u00a0", " "))


def report(name: str) -> Any:
    asked = get_report(name)
    return asked.answer(read_question(asked, {}, user=User.objects.get(username="iris"), as_of=AS_OF))


def averages() -> dict[str, Any]:
    return {name: {each: foot(report(name))[each] for each in columns} for name, columns in REPORTS.items()}


def orders_of(key: str) -> int:
    return ErpOrder.objects.filter(customer=key).exclude(status__in=("quote", "cancelled")).count()


def test_averages_stay_and_notes_say_which_documents_count_twice(world: World, cast: Cast) -> None:
    cast.analyst.get("/")
    before, notes = averages(), report("orders").notes
    listed = report("order-list").rows.count()
    count = foot(report("orders"))["order_count"]
    assert before["orders"]["average_order_value"]
    shared(cast, **THIRDS)
    twice = orders_of("erp:104233")
    assert averages() == before
    assert report("order-list").rows.count() == listed
    assert foot(report("orders"))["order_count"] == count + twice
    (note,) = (each for each in report("orders").notes if each not in notes)
    said = f"{twice} {'counts' if twice == 1 else 'count'} for two accounts"
    assert note.startswith(f"Some documents count for several accounts, {WHY}: of “Number of orders” {said}; ")
    assert f"of “Number of orders received” {said}; " in note
    assert note in text(cast.analyst.get("/reports/orders/"))
    question = read_question(get_report("orders"), {}, user=User.objects.get(username="iris"), as_of=AS_OF)
    assert ("Note", note) in prepare(get_report("orders"), question).facts
    page = text(cast.analyst.get(reverse("reports:figure", args=["orders", "order_count"])))
    assert f"each counts one; of them {said}, {WHY}: {count + twice}." in page
    assert "no longer make" not in page
    ratio = text(cast.analyst.get(reverse("reports:figure", args=["orders", "average_order_value"])))
    assert "Of an order that a rule divides between accounts both take the same part" in ratio


def test_what_shares_nothing_is_told_nothing(world: World, cast: Cast) -> None:
    assert not any(WHY in note for note in report_notes(cast))
    shared(cast, **THIRDS)
    assert any(WHY in note for note in report_notes(cast))
    for client in (cast.owner, cast.outsider):
        assert WHY not in text(client.get("/reports/orders/")), "one account alone has each document once"


def report_notes(cast: Cast) -> tuple[str, ...]:
    notes: tuple[str, ...] = cast.analyst.get("/reports/orders/").context["page"].answer.notes
    return notes


@pytest.mark.parametrize("role", ["manager", "analyst"])
def test_the_list_and_the_book_say_it_too(world: World, cast: Cast, role: str) -> None:
    client, columns = getattr(cast, role), {"columns": "order_count,order_intake,overdue_count"}
    figure = reverse("customers:book_figure", args=("order_count",))
    tiles = [tile.strong for tile in client.get("/").context["tiles"]]
    assert "count for two" not in text(client.get("/customers/", columns)) + text(client.get(figure))
    count = client.get(figure).context["figure"].total
    shared(cast, **THIRDS)
    twice = orders_of("erp:104233")
    said = f"of them {twice} {'counts' if twice == 1 else 'count'} for two accounts"
    assert said in text(client.get("/customers/", columns))
    page = text(client.get(figure))
    assert f"{count} document" in page
    assert f"{said}, {WHY}: {count + twice}." in page
    assert [tile.strong for tile in client.get("/").context["tiles"]] == tiles
    alone = text(cast.owner.get("/customers/", columns)) + text(cast.owner.get(figure))
    assert "for two accounts" not in alone


def test_the_pages_ask_no_more_for_more_shared_documents(world: World, cast: Cast) -> None:
    urls = ("/", "/customers/?columns=order_count,overdue_count", "/reports/orders/")

    def asked() -> list[int]:
        counts = []
        for url in urls:
            cast.analyst.get(url)
            with CaptureQueriesContext(connection) as captured:
                cast.analyst.get(url)
            counts.append(len(captured))
        return counts

    shared(cast, **THIRDS)
    few = asked()
    for number in range(5):
        build_invoice(f"F-8{number}", "erp:104233", days_ago=60 + number, net=100)
    recompute_all(AS_OF, current=True)
    assert asked() == few
