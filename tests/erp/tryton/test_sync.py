"""A whole sync of the profile: every stream of a little Tryton into the mirror, and what a change moves."""

from datetime import UTC, date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django import Settings

from integration_hub.jobs import finish
from integration_hub.models import (
    ErpAllocation,
    ErpContact,
    ErpCurrencyRate,
    ErpCustomer,
    ErpDeliveryLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    ErpPayment,
    Run,
    RunKind,
    RunStatus,
)
from integration_hub.runs import start_run
from tests.erp.tryton.books import REVENUE, Books
from tests.erp.tryton.conftest import Reader
from tests.erp.tryton.little_tryton import KEY
from tests.erp.tryton.test_streams import LATER, sale, shipment


@pytest.fixture
def hub(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, reader: Reader, db: None) -> None:
    settings.HUB_CONFIG = str(tmp_path / "hub.toml")
    settings.PUBLISH_HOOKS = []
    monkeypatch.setenv("TRYTON_KEY", KEY)


def sync() -> Run:
    run = finish(start_run(RunKind.SYNC, "tryton"))
    assert run.status == RunStatus.SUCCEEDED, f"{run.problem} {run.meaning}"
    assert sum(each.rejected for each in run.streams.all()) == 0
    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("hub")
def test_the_profile_fills_the_mirror_and_a_payment_changes_the_invoice(books: Books) -> None:
    sale(books, "100.00")
    shipment(books, 1, 2.0)
    shipment(books, 1, 1.0, back=True)
    invoice = books.invoice(date(2026, 2, 1), ("100.00", REVENUE), origins=("sale.line,1",))
    sync()

    assert ErpCustomer.objects.get(key="tryton:2").name == "Adler <GmbH>"
    assert ErpContact.objects.get().customer_id == "tryton:2"
    assert ErpCurrencyRate.objects.get(valid_from=date(2026, 1, 20)).rate == Decimal("0.625")
    order = ErpOrder.objects.get()
    assert (order.status, order.customer_id, order.net_amount) == ("open", "tryton:2", Decimal(100))
    assert ErpOrderLine.objects.count() == 2
    assert set(ErpDeliveryLine.objects.values_list("quantity", flat=True)) == {-1, 2}
    row = ErpInvoice.objects.get()
    assert (row.status, row.order_id, row.gross_amount) == ("open", order.key, Decimal(110))
    assert ErpInvoiceLine.objects.get().order_line_id == "tryton:1"
    assert ErpOpenItem.objects.get().dated_allocations

    money = books.pay(date(2026, 2, 20), "40.00", invoice=invoice)
    books.touch("account.invoice", invoice, LATER + timedelta(days=10))
    sync()

    row.refresh_from_db()
    assert row.status == "part_paid"
    assert row.source_modified_at == (LATER + timedelta(days=10)).replace(tzinfo=UTC)
    assert ErpOpenItem.objects.get().open_amount == 70
    assert ErpAllocation.objects.get().payment_id == f"tryton:{money}"
    assert ErpPayment.objects.get().unallocated_amount == 0
