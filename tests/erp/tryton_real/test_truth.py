"""The mirror of a real Tryton against Tryton's own documents and its own ledger, to the cent."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.erp.tryton_real import mirror as mirrored
from tests.erp.tryton_real.mirror import Mirror
from tests.erp.tryton_real.server import Running
from tests.remembered import remembered

pytestmark = [pytest.mark.external, pytest.mark.slow, pytest.mark.timeout(2400)]
DAYS = ("2026-09-15", "2026-10-31")
"""After the last payment of the seed, so that what is open then is what is open now."""


@pytest.fixture(scope="module")
def truth(erp: Running) -> dict[str, Any]:
    """What Tryton says of itself."""
    told: dict[str, Any] = json.loads(erp.tryton.inside("truth", erp.folder, *DAYS))
    return told


def _sync() -> None:
    Mirror(Path(settings.HUB_CONFIG)).sync()


@pytest.fixture
def synced(mirror: Mirror) -> None:
    """The mirror after one cycle."""
    remembered(_sync)


def test_every_customer_and_contact_person_stands_in_the_mirror(truth: dict[str, Any], synced: None) -> None:
    assert len(truth["customers"]) == 12
    assert {key: row for key, row in mirrored.customers().items() if key in truth["customers"]} == truth["customers"]
    assert len(truth["contacts"]) == 6
    assert mirrored.contacts() == truth["contacts"]


def test_every_order_stands_in_the_mirror_with_its_lines(truth: dict[str, Any], synced: None) -> None:
    assert len(truth["orders"]) > 20
    assert mirrored.orders() == truth["orders"]


def test_every_delivery_and_return_stands_in_the_mirror_with_its_lines(truth: dict[str, Any], synced: None) -> None:
    assert len(truth["deliveries"]) > 20
    assert mirrored.deliveries() == truth["deliveries"]


def test_every_invoice_stands_in_the_mirror_with_its_lines_and_what_is_open(
    truth: dict[str, Any], synced: None
) -> None:
    assert len(truth["invoices"]) > 40
    assert mirrored.invoices() == truth["invoices"]


def test_revenue_of_each_month_and_company_equals_the_ledgers_revenue_accounts(
    truth: dict[str, Any], synced: None
) -> None:
    assert mirrored.revenue() == truth["revenue"]


def test_what_customers_owe_equals_the_ledgers_receivable_accounts(truth: dict[str, Any], synced: None) -> None:
    assert mirrored.receivable() == truth["receivable"]


@pytest.mark.parametrize("day", DAYS)
def test_overdue_of_each_invoice_equals_what_tryton_asks_for(day: str, truth: dict[str, Any], synced: None) -> None:
    assert truth["overdue"][day]
    assert mirrored.overdue(date.fromisoformat(day)) == truth["overdue"][day]
