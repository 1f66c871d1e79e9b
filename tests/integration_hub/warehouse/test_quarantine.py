"""Documents that do not fit together: held back whole, with a reason, while everything else goes on."""

from decimal import Decimal

import pytest

from integration_hub.models import (
    ErpAllocation,
    ErpInvoice,
    ErpInvoiceLine,
    ErpOpenItem,
    ErpOrder,
    ErpOrderLine,
    Notice,
    Reconciliation,
    RejectedRow,
    Run,
    RunStatus,
)
from tests.integration_hub.warehouse.world import World, counts

INVOICES = "key,number,customer,currency,net_amount,gross_amount\n1,R1,7,EUR,100.00,119.00\n2,R2,7,EUR,50.00,59.50\n"
LINES = "key,invoice,position,net_amount\n1/1,1,1,60.00\n1/2,1,2,40.00\n2/1,2,1,50.00\n"
ITEMS = "key,invoice,currency,amount,open_amount,due_on\na,1,EUR,60,60,2026-02-01\nb,1,EUR,59,59,2026-03-01\n"
SETTLED = "key,open_item,invoice,currency,amount\ns,a,1,EUR,0\n"


@pytest.fixture
def invoices(world: World) -> World:
    """Two invoices with lines, one with open items and an allocation; declared and put into the folder, not loaded."""
    world.options = "max_deleted_share = 1.0\nmax_rejected_share = 0.5"
    world.stream("invoices", "erp_invoice")
    world.stream("lines", "erp_invoice_line", 'parent = "invoice"')
    world.stream("items", "erp_open_item")
    world.stream("settled", "erp_allocation")
    world.deliver("invoices", INVOICES)
    world.deliver("lines", LINES)
    world.deliver("items", ITEMS)
    world.deliver("settled", SETTLED)
    return world


def reasons() -> dict[str, str]:
    """Key -> reason of every row that waits in quarantine."""
    return dict(RejectedRow.objects.filter(resolved_at=None).values_list("key", "reason"))


def loaded() -> dict[str, list[str]]:
    """The keys that are live in the mirror."""
    tables = {"invoices": ErpInvoice, "lines": ErpInvoiceLine, "items": ErpOpenItem, "settled": ErpAllocation}
    return {
        name: sorted(key.removeprefix("main:") for key in model.objects.live().values_list("key", flat=True))
        for name, model in tables.items()
    }


def good(run: Run) -> None:
    assert (run.status, run.problem) == (RunStatus.SUCCEEDED, "")


ALL = {"invoices": ["1", "2"], "lines": ["1/1", "1/2", "2/1"], "items": ["a", "b"], "settled": ["s"]}
SECOND = {"invoices": ["2"], "lines": ["2/1"], "items": [], "settled": []}


def test_documents_that_fit_together_are_loaded(invoices: World) -> None:
    good(invoices.sync())
    assert loaded() == ALL
    assert not RejectedRow.objects.exists()


def test_a_document_whose_lines_do_not_add_up_is_held_back_with_all_its_rows(invoices: World) -> None:
    invoices.deliver("lines", LINES.replace("40.00", "30.00"))
    run = invoices.sync()
    assert run.status == RunStatus.PARTIAL
    assert run.problem == (
        "Documents that do not fit together are in quarantine with all their rows: "
        "1 of invoices, 2 of items, 1 of settled, 2 of lines."
    )
    assert loaded() == SECOND
    why = "the lines add up to 90.00 EUR, the document says 100.00 EUR"
    with_it = f"its document main:1 is in quarantine: {why}"
    assert reasons() == {"main:1": why} | dict.fromkeys(("main:1/1", "main:1/2", "main:a", "main:b", "main:s"), with_it)
    assert set(RejectedRow.objects.values_list("document", flat=True)) == {"main:1"}
    assert counts(run, "lines") == {"read": 3, "inserted": 1, "rejected": 2}


def test_it_loads_as_soon_as_it_is_right_and_its_rows_are_resolved(invoices: World) -> None:
    invoices.deliver("lines", LINES.replace("40.00", "30.00"))
    invoices.sync()
    invoices.deliver("lines", LINES)
    good(invoices.sync())
    assert loaded() == ALL
    assert reasons() == {}
    assert RejectedRow.objects.exclude(resolved_at=None).count() == 6


def test_the_mirror_keeps_what_it_knew_of_a_document_and_the_rest_still_leaves(invoices: World) -> None:
    invoices.deliver("invoices", INVOICES + "3,R3,7,EUR,5.00,5.95\n")
    invoices.sync()
    # Invoice 1 loses a line and does not add up any more, 2 changes rightly, 3 leaves.
    invoices.deliver("invoices", INVOICES.replace("50.00,59.50", "55.00,65.45"))
    invoices.deliver("lines", "key,invoice,position,net_amount\n1/1,1,1,60.00\n2/1,2,1,55.00\n")
    run = invoices.sync()
    assert run.status == RunStatus.PARTIAL
    assert loaded() == ALL
    assert ErpInvoice.objects.get(key="main:2").net_amount == Decimal(55)
    assert ErpInvoiceLine.objects.get(key="main:1/2").net_amount == Decimal(40)
    assert ErpInvoice.objects.get(key="main:3").gone_reason == "left_source"
    assert not Notice.objects.filter(cleared_at=None).exists()
    assert reasons()["main:1"] == "the lines add up to 60.00 EUR, the document says 100.00 EUR"
    assert not Reconciliation.objects.filter(agrees=False).exists(), "what waits in quarantine is no difference"


def test_a_line_that_cannot_be_read_takes_its_whole_document_with_it(invoices: World) -> None:
    invoices.deliver("lines", LINES.replace("40.00", "forty"))
    run = invoices.sync()
    assert run.problem.startswith("Some rows could not be read: 1 of lines. Documents that do not fit together")
    assert loaded() == SECOND
    found = reasons()
    assert found["main:1/2"] == '"forty" is not a number'
    assert found["main:1"] == 'its row main:1/2 cannot be read: net_amount "forty" is not a number'
    assert found["main:1/1"].endswith(found["main:1"])
    assert len(found) == 6


def test_a_header_that_cannot_be_read_takes_its_lines_with_it(invoices: World) -> None:
    invoices.deliver("invoices", INVOICES.replace("1,R1,7,EUR", "1,R1,7,QQQ"))
    invoices.sync()
    assert loaded() == SECOND
    assert reasons()["main:1"] == '"QQQ" is a currency that ISO 4217 does not know'
    assert reasons()["main:1/1"] == (
        'its document main:1 is in quarantine: currency "QQQ" is a currency that ISO 4217 does not know'
    )


@pytest.mark.parametrize(
    ("opened", "reason"),
    [
        ("80", "139.00 EUR is open, more than the gross amount of 119.00 EUR"),
        ("-100", "-41.00 EUR is open, but the gross amount is 119.00 EUR"),
    ],
)
def test_more_open_than_the_gross_amount_or_with_another_sign_is_no_invoice(
    invoices: World, opened: str, reason: str
) -> None:
    invoices.deliver("items", ITEMS.replace("60,60", f"60,{opened}"))
    invoices.sync()
    assert loaded() == SECOND
    assert reasons()["main:1"] == reason


def test_a_credit_note_is_negative_throughout(invoices: World) -> None:
    invoices.deliver("invoices", INVOICES + "3,G1,7,EUR,-10.00,-11.90\n")
    invoices.deliver("lines", LINES + "3/1,3,1,-10.00\n")
    invoices.deliver("items", ITEMS + "c,3,EUR,-11.90,-11.90,2026-02-01\n")
    good(invoices.sync())
    assert ErpInvoice.objects.live().count() == 3


def test_lines_may_differ_by_their_rounding_and_no_more(invoices: World) -> None:
    invoices.deliver("lines", LINES.replace("40.00", "39.99"))
    good(invoices.sync())
    invoices.deliver("lines", LINES.replace("40.00", "39.98"))
    assert invoices.sync().status == RunStatus.PARTIAL
    invoices.options += '\nsum_tolerance = "0.02"'
    invoices.write()
    good(invoices.sync())
    assert ErpInvoiceLine.objects.get(key="main:1/2").net_amount == Decimal("39.98")


def test_where_lines_are_not_meant_to_add_up_they_are_not_compared(invoices: World) -> None:
    invoices.stream("lines", "erp_invoice_line", 'parent = "invoice"\nsums = false')
    invoices.deliver("lines", LINES.replace("40.00", "30.00"))
    good(invoices.sync())
    assert ErpInvoiceLine.objects.get(key="main:1/2").net_amount == 30
    assert not RejectedRow.objects.filter(resolved_at=None).exists()


def test_text_lines_cancelled_lines_and_cancelled_documents_do_not_count(world: World) -> None:
    world.stream("orders", "erp_order")
    world.stream("lines", "erp_order_line", 'parent = "order"')
    world.deliver(
        "orders", "key,number,currency,net_amount,status\n1,A1,EUR,10,open\n2,A2,EUR,0,cancelled\n3,A3,EUR,7,open\n"
    )
    world.deliver(
        "lines",
        "key,order,kind,net_amount,cancelled\n1/1,1,goods,10,\n1/2,1,text,99,\n2/1,2,goods,5,\n3/1,3,goods,7,\n"
        "3/2,3,goods,4,true\n",
    )
    good(world.sync())
    assert ErpOrder.objects.live().count() == 3
    assert ErpOrderLine.objects.live().count() == 5


def test_many_documents_that_do_not_fit_stop_the_run(world: World) -> None:
    world.stream("orders", "erp_order")
    world.stream("lines", "erp_order_line", 'parent = "order"')
    numbers = range(1, 31)
    world.deliver("orders", "key,number,currency,net_amount\n" + "".join(f"{n},A{n},EUR,{n}\n" for n in numbers))
    world.deliver("lines", "key,order,net_amount\n" + "".join(f"{n}/1,{n},{n if n > 10 else 0}\n" for n in numbers))
    run = world.sync()
    assert run.status == RunStatus.FAILED
    assert run.problem.startswith('10 of 30 documents of "orders" do not fit to their lines or open items')
    assert "sums = false" in run.remedy
    assert not ErpOrder.objects.exists()
    assert RejectedRow.objects.filter(run_ref=run, stream="main.orders").count() == 10


def test_a_quarantined_document_that_leaves_its_source_waits_no_longer(invoices: World) -> None:
    invoices.deliver("lines", LINES.replace("40.00", "30.00"))
    invoices.sync()
    invoices.deliver("invoices", INVOICES.replace("1,R1,7,EUR,100.00,119.00\n", ""))
    invoices.deliver("lines", "key,invoice,position,net_amount\n2/1,2,1,50.00\n")
    invoices.deliver("items", "key,invoice,currency,amount,open_amount,due_on\nz,,EUR,1,1,\n")
    invoices.deliver("settled", "key,open_item,invoice,currency,amount\ny,z,,EUR,0\n")
    invoices.sync()
    assert reasons() == {}


def test_a_first_load_as_a_whole_is_checked_as_well(invoices: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration_hub.warehouse_direct.DIRECT_FROM_ROWS", 1)
    invoices.deliver("lines", LINES.replace("40.00", "30.00"))
    run = invoices.sync()
    assert counts(run, "invoices") == {"read": 2, "inserted": 1, "rejected": 1}
    assert loaded() == SECOND
    assert ErpInvoiceLine.objects.get().fingerprint is not None


def test_a_first_load_as_a_whole_with_an_unreadable_line_holds_its_document_back(
    invoices: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integration_hub.warehouse_direct.DIRECT_FROM_ROWS", 1)
    invoices.deliver("lines", LINES.replace("40.00", "forty"))
    invoices.sync()
    assert loaded() == SECOND


def test_a_text_of_a_million_characters_is_cut_and_costs_nothing(invoices: World) -> None:
    invoices.deliver(
        "lines", LINES.replace("net_amount", "net_amount,text").replace(".00", ".00,") + "2/2,2,2,0," + "x" * 1_000_000
    )
    run = invoices.sync()
    assert run.status == RunStatus.SUCCEEDED
    assert ErpInvoiceLine.objects.get(key="main:2/2").text == "x" * 499 + "…"
    assert "1 text was longer than its column and is cut" in run.streams.get(stream="main.lines").note
