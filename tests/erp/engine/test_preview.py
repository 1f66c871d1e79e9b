"""The preview shows raw and mapped rows of any kind of source, and writes nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rich.console import Console

from integration_hub.management.previews import show_previews
from integration_hub.models import ErpOrder, Run, StreamState
from tests.erp.engine.book import Book
from tests.integration_hub.warehouse.world import World


def shown(source: str, stream: str) -> str:
    out = StringIO()
    show_previews([source], stream, Console(file=out, width=160))
    return out.getvalue()


def nothing_written() -> bool:
    return not (ErpOrder.objects.exists() or Run.objects.exists() or StreamState.objects.exists())


def test_documents_and_lines_of_an_api_are_shown_beside_what_they_are_made_of(erp: Book) -> None:
    orders = shown("book", "orders")
    assert "Row 1: would be stored" in orders
    assert "net_amount" in orders
    assert "net = 30" in orders
    assert "(constant)" in orders
    assert "book:a/a" in shown("book", "order_lines")
    assert nothing_written()


def test_at_most_twenty_rows_of_a_file_are_shown_with_the_reason_of_each_refused_value(world: World) -> None:
    world.stream("orders", "erp_order")
    rows = "\n".join(f'{number},"A\n{number}",{"x" if number == 2 else number}' for number in range(1, 31))
    (world.directory / "orders.csv").write_text(f"key,number,net_amount\n{rows}\n", encoding="utf-8")
    text = shown("main", "orders")
    assert "Row 20" in text
    assert "Row 21" not in text
    assert "Row 2: would be rejected" in text
    assert "REFUSED" in text
    assert nothing_written()


def test_a_source_that_cannot_be_read_is_an_error_in_words(world: World) -> None:
    world.stream("orders", "erp_order")
    with pytest.raises(CommandError, match="No file matches"):
        call_command("sync", "--preview", "--source", "main")
    assert nothing_written()
