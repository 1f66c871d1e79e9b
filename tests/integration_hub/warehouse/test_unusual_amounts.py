"""S16: an amount a thousand times the usual is loaded, and named in the run and in a notice."""

from decimal import Decimal

import pytest

from integration_hub.models import ErpInvoice, Notice, RunStatus, StreamRun
from tests.integration_hub.warehouse.world import World

HEAD = "key,number,customer,currency,net_amount\n"
ROWS = "".join(f"{place},R{place},7,EUR,{100 + place}.00\n" for place in range(40))
YEN = "".join(f"y{place},Y{place},7,JPY,{90000 + place}\n" for place in range(30))
LOST_POINT = "big,R900,7,EUR,1234567.89\n"
CREDIT = "back,G901,7,EUR,-250000.00\n"


@pytest.fixture
def invoices(world: World) -> World:
    world.options = "max_deleted_share = 1.0"
    world.stream("invoices", "erp_invoice")
    return world


def notice() -> str:
    """The text of the notice that stands; empty without one."""
    found = Notice.objects.filter(code="unusual_amount", cleared_at=None)
    return "\n".join(found.values_list("text", flat=True))


def test_s16_an_amount_a_thousand_times_the_usual_is_loaded_and_named_until_a_whole_read_finds_it_right(
    invoices: World,
) -> None:
    invoices.deliver("invoices", HEAD + ROWS + YEN)
    assert invoices.sync(full=True).status == RunStatus.SUCCEEDED
    assert notice() == ""
    invoices.deliver("invoices", HEAD + ROWS + YEN + LOST_POINT + CREDIT)
    run = invoices.sync(full=True)
    assert run.status == RunStatus.SUCCEEDED
    told = "big over 1,234,567.89 EUR, where 120.00 is usual (10,288 times as much)"
    assert told in notice()
    assert "back over -250,000.00 EUR" in notice()
    assert "Y" not in notice()  # what is usual differs from currency to currency
    assert told in StreamRun.objects.get(run_ref=run).note
    assert ErpInvoice.objects.get(key="main:big").net_amount == Decimal("1234567.89")
    invoices.deliver("invoices", HEAD + ROWS + YEN + LOST_POINT.replace("1234567.89", "1234.57"))
    invoices.sync(full=True)
    assert notice() == ""


def test_s16_how_far_off_is_a_matter_of_configuration(invoices: World) -> None:
    for factor, told in ((20_000, False), (0, False), (1000, True)):
        invoices.options = f"max_deleted_share = 1.0\nunusual_factor = {factor}"
        invoices.write()
        invoices.deliver("invoices", HEAD + ROWS + LOST_POINT + f"x{factor},X,7,EUR,1.00\n")
        invoices.sync(full=True)
        assert bool(notice()) == told, factor


def test_s16_a_handful_of_documents_says_nothing_of_what_is_usual(invoices: World) -> None:
    invoices.deliver("invoices", HEAD + "".join(ROWS.splitlines(keepends=True)[:10]) + LOST_POINT)
    invoices.sync(full=True)
    assert notice() == ""
