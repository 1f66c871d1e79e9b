"""The ERP in memory as a source of hub.toml."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.erp.engine.book import BOOK, Book
from tests.integration_hub.warehouse.conftest import world

__all__ = ["erp", "world"]

HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[[sources]]
name = "book"
label = "The book"
kind = "odoo"
url = "http://127.0.0.1:1"
database = "d"
api_key = "${BOOK_KEY}"
max_deleted_share = 0.5
[[sources.streams]]
name = "orders"
target = "erp_order"
object = "order"
cursor = "stamp"
overlap_minutes = 1
columns = { key = "id", number = "id", net_amount = "net", currency = { constant = "EUR" } }
[[sources.streams]]
name = "order_lines"
target = "erp_order_line"
object = "line"
within = "orders"
parent = "order"
columns = { key = "id", net_amount = "net" }
"""


@pytest.fixture
def erp(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> Book:
    path = tmp_path / "hub.toml"
    path.write_text(HUB)
    settings.HUB_CONFIG = str(path)
    settings.PUBLISH_HOOKS = []
    monkeypatch.setenv("BOOK_KEY", "k")
    monkeypatch.setattr("integration_hub.erp.pulled.ADAPTERS", {"odoo": "tests.erp.engine.book.BookAdapter"})
    BOOK.__init__()  # type: ignore[misc]
    BOOK.order("a", a=10, b=20)
    BOOK.order("b", minutes=60, a=5)
    BOOK.order("c", minutes=120, a=7, b=8, c=9)
    return BOOK
