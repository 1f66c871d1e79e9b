"""What a clerk does in a real Tryton shows in the mirror after one cycle, or one comparison of all keys."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integration_hub.models import ErpCustomer, ErpInvoice, ErpOrder, ErpOrderLine, StreamRun
from tests.erp.tryton_real import clerk, mirror, server
from tests.erp.tryton_real.conftest import configured
from tests.erp.tryton_real.environment import Tryton
from tests.erp.tryton_real.mirror import Mirror, plain

pytestmark = [pytest.mark.external, pytest.mark.slow, pytest.mark.timeout(2400)]


@dataclass(frozen=True)
class Office:
    """A Tryton of one's own with a clerk in it, and the mirror beside."""

    erp: server.Running
    clerk: clerk.Clerk
    mirror: Mirror

    def after_a_cycle(self, what: str, *arguments: str) -> str:
        """Have something done and bring the mirror up to date; the id of what was touched."""
        number = self.clerk.do(what, *arguments)
        self.mirror.sync()
        return number

    def truth(self) -> dict[str, Any]:
        """What Tryton says of itself now."""
        told: dict[str, Any] = json.loads(self.erp.tryton.inside("truth", self.erp.folder))
        return told


@pytest.fixture
def office(
    tryton: Tryton, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[Office]:
    """A fresh copy, synced once."""
    with (
        server.running(tryton, tryton.copy(tmp_path / "erp")) as running,
        clerk.at_work(running) as worker,
    ):
        made = configured(running, tmp_path, settings, monkeypatch)
        made.sync()
        yield Office(running, worker, made)


def _invoice(number: str) -> ErpInvoice:
    return ErpInvoice.objects.get(pk=f"erp:{number}")


def _open(number: str) -> Decimal:
    return sum((item.open_amount or Decimal(0) for item in _invoice(number).open_items.all()), Decimal(0))


def test_what_is_done_to_invoices_shows_after_one_cycle(office: Office) -> None:
    paid = office.after_a_cycle("part_payment")
    gross = _invoice(paid).gross_amount
    assert gross is not None
    assert _invoice(paid).status == "part_paid"
    assert _open(paid) == gross - (gross / 3).quantize(Decimal("0.01"))

    note = _invoice(office.after_a_cycle("credit_note"))
    assert (note.kind, note.status) == ("credit_note", "open")
    assert (note.gross_amount or 0) < 0

    reversed_ = office.after_a_cycle("reversal")
    assert (_invoice(reversed_).status, _open(reversed_)) == ("reversed", Decimal(0))
    by = ErpInvoice.objects.get(reverses_id=f"erp:{reversed_}", status="paid")
    assert by.gross_amount == -(_invoice(reversed_).gross_amount or 0)

    ahead = _invoice(office.after_a_cycle("down_payment"))
    assert (ahead.kind, ahead.status) == ("down_payment", "open")
    assert not ahead.revenue_amount

    void = office.after_a_cycle("void")
    assert _open(void) == 0

    told = office.truth()
    assert mirror.invoices() == told["invoices"]
    assert mirror.revenue() == told["revenue"]
    assert mirror.receivable() == told["receivable"]


def test_what_is_done_to_orders_and_customers_shows_after_one_cycle_or_one_comparison_of_keys(office: Office) -> None:
    order = office.after_a_cycle("draft_order")
    assert ErpOrder.objects.get(pk=f"erp:{order}").status == "quote"

    line = office.after_a_cycle("line_text", order)
    assert ErpOrderLine.objects.get(pk=f"erp:{line}").text == "Another text"

    lost = office.clerk.do("delete_line", order)
    office.mirror.sweep()
    assert ErpOrderLine.objects.get(pk=f"erp:{lost}").deleted_at is not None
    assert plain(ErpOrder.objects.get(pk=f"erp:{order}").net_amount) == "20"

    office.after_a_cycle("cancel_order", order)
    assert ErpOrder.objects.get(pk=f"erp:{order}").status == "cancelled"

    office.clerk.do("delete_order", order)
    office.mirror.sweep()
    assert ErpOrder.objects.get(pk=f"erp:{order}").deleted_at is not None
    assert not ErpOrderLine.objects.filter(order_id=f"erp:{order}", deleted_at=None)

    customer = office.after_a_cycle("archive")
    assert ErpCustomer.objects.get(pk=f"erp:{customer}").archived
    assert ErpCustomer.objects.get(pk=f"erp:{customer}").deleted_at is None

    assert mirror.orders() == office.truth()["orders"]


def test_a_second_comparison_of_keys_finds_nothing_to_do(office: Office) -> None:
    office.mirror.sweep()
    run = office.mirror.sweep()
    counts = [
        (each.stream, each.read, each.inserted, each.updated, each.deleted)
        for each in StreamRun.objects.filter(run_ref=run)
        if each.read or each.inserted or each.updated or each.deleted
    ]
    assert counts == []
