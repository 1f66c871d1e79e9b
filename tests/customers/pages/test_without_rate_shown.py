"""Pages of a customer whose documents have no rate to the reporting currency: what is owed, open or late is said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from customers import counted
from customers.publishing import recompute_all
from integration_hub.models import ErpInvoice, ErpOpenItem, ErpOrder, ErpOrderLine
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF, mirrored

PAST = AS_OF - timedelta(days=2)
YEN = "erp:100009"
NEVER = (
    *("nothing is overdue", "everything is delivered", "Nothing to deliver"),
    *("No line is late", "Nothing is open", "Nothing overdue, late or disputed", "Nothing is waiting"),
)
FIGURES = (
    *("overdue_count", "overdue_amount", "oldest_overdue_days", "open_orders_count", "open_orders_amount"),
    *("late_orders_count", "late_orders_amount", "late_lines_count", "late_lines_amount"),
)


@pytest.fixture
def yen(world: World) -> int:
    """The unlinked customer with nothing but an order of ¥5.4M to deliver, late, and one of two instalments overdue."""
    for model in (ErpOrder, ErpInvoice, ErpOpenItem):
        model.objects.filter(customer=YEN).delete()
    days = {name: AS_OF - timedelta(days=count) for name, count in (("ordered", 40), ("promised", 20), ("due", 8))}
    of_yen: dict[str, Any] = {"customer_id": YEN, "company_id": "erp:10", "currency": "JPY"}
    order = mirrored(
        ErpOrder,
        "erp:Y-1",
        number="Y-1",
        ordered_on=days["ordered"],
        promised_on=days["promised"],
        net_amount=Decimal(5_400_000),
        status="open",
        **of_yen,
    )
    mirrored(
        ErpOrderLine,
        "erp:Y-1/1",
        order=order,
        customer_id=YEN,
        position=1,
        quantity=Decimal(4),
        net_amount=Decimal(5_400_000),
        kind="goods",
    )
    invoice = mirrored(
        ErpInvoice,
        "erp:Y-2",
        number="Y-2",
        issued_on=days["ordered"],
        revenue_on=days["ordered"],
        net_amount=Decimal(3_600_000),
        kind="invoice",
        status="open",
        **of_yen,
    )
    for index, due_on in enumerate((days["due"], AS_OF)):
        mirrored(
            ErpOpenItem,
            f"erp:Y-2/{index}",
            invoice=invoice,
            issued_on=days["ordered"],
            due_on=due_on,
            amount=Decimal(1_800_000),
            open_amount=Decimal(1_800_000),
            **of_yen,
        )
    recompute_all(PAST, current=False)
    recompute_all(AS_OF, current=True)
    return world.unlinked.pk


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


@pytest.mark.parametrize("day", [AS_OF, PAST])
@pytest.mark.parametrize("name", ["detail", "pre_call"])
def test_a_page_says_what_is_owed_and_open_beside_its_amounts(yen: int, cast: Cast, name: str, day: Any) -> None:
    text = text_of(cast.analyst, f"{reverse(f'customers:{name}', args=(yen,))}?as_of={day}")
    assert not [words for words in NEVER if words in text]
    assert "¥1.8M has no rate and is in no total" in text
    assert "¥5.4M has no rate and is in no total" in text
    assert "Y-1" in text


def test_a_page_of_another_customer_makes_no_sql_of_what_has_no_rate_anew(yen: int, world: World, cast: Cast) -> None:
    # Making this SQL takes longer than the whole page does otherwise.
    ErpOrder.objects.filter(customer="erp:104233").update(currency="JPY", reporting_amount=None)
    recompute_all(AS_OF, current=True)
    assert "has no rate" in text_of(cast.analyst, reverse("customers:detail", args=(yen,)))
    with mock.patch.object(counted, "delivered_not_invoiced", side_effect=AssertionError("made anew")):
        text = text_of(cast.analyst, reverse("customers:detail", args=(world.kestrel.pk,)))
    assert "has no rate and is in no total" in text
    assert "made anew" not in text


def test_the_cards_count_what_their_rows_show(yen: int, cast: Cast) -> None:
    overview = cast.analyst.get(reverse("customers:detail", args=(yen,))).context["overview"]
    owed, orders, late = overview.receivables, overview.open_orders, overview.late_lines
    assert overview.overdue_banner.count == owed.item_count == len(owed.items)
    assert (orders.count, late.count) == (len(orders.orders), len(late.lines))
    assert [row.number for row in owed.items if row.counted is None] == ["Y-2"]
    assert [row.number for row in orders.orders if row.open_amount is None] == ["Y-1"]
    assert [row.number for row in late.lines if row.amount is None] == ["Y-1"]


@pytest.mark.parametrize("measure", FIGURES)
def test_every_figure_opens_the_row_and_says_why_it_adds_nothing(yen: int, cast: Cast, measure: str) -> None:
    answer = cast.analyst.get(reverse("customers:figure", args=(yen, measure)))
    evidence = answer.context["evidence"] if "evidence" in answer.context else answer.context["proof"].evidence
    assert not evidence.differs
    assert measure == "oldest_overdue_days" or not measure.endswith("count") or evidence.count == evidence.stored
    assert any(row.label.startswith("Y-") for row in evidence.rows)
    text = answer.content.decode()
    for words in ("no rate for JPY", "1\u00a0document has no rate, amount or day and adds nothing."):
        assert (words in text) == measure.endswith("amount"), words


def test_the_list_finds_it_among_the_overdue_and_the_late(yen: int, cast: Cast) -> None:
    for view in ("overdue", "late"):
        rows = cast.analyst.get("/customers/", {"view": view}).context["listing"].rows
        assert yen in [row.pk for row in rows], view


def test_the_list_says_how_late_what_has_no_rate_is(yen: int, cast: Cast) -> None:
    (row,) = [one for one in cast.analyst.get("/customers/").context["listing"].rows if one.pk == yen]
    (cell,) = [cell for cell in row.cells if cell.note]
    assert (cell.text, cell.note, cell.bad, cell.measure) == ("0", "8\u00a0days late", True, "overdue_amount")


@pytest.mark.parametrize("measure", ["overdue_amount", "late_orders_amount", "open_orders_amount"])
def test_a_figure_of_the_book_lists_whom_its_tile_counts(yen: int, cast: Cast, measure: str) -> None:
    figure = cast.analyst.get(f"/book/figures/{measure}/").context["figure"]
    assert [row.value for row in figure.rows if row.pk == yen] == [0]


def test_the_home_page_counts_it(yen: int, cast: Cast) -> None:
    tiles = {tile.measure: tile for tile in cast.analyst.get("/").context["tiles"]}
    before = {name: tiles[name].strong for name in ("open_orders_amount", "late_orders_amount", "overdue_amount")}
    ErpOrder.objects.filter(currency="JPY").delete()
    ErpOpenItem.objects.filter(currency="JPY").delete()
    recompute_all(AS_OF, current=True)
    tiles = {tile.measure: tile for tile in cast.analyst.get("/").context["tiles"]}
    number = {name: int((text.split("\u00a0")[0]) or 0) for name, text in before.items()}
    assert {name: int((tiles[name].strong or "0").split("\u00a0")[0]) for name in before} == {
        name: count - 1 for name, count in number.items()
    }
