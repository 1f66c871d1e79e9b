"""What the engine keeps for every adapter: documents whole, overlap, cursor, resuming, sweeps, drift."""

from datetime import timedelta

from integration_hub.jobs import finish
from integration_hub.models import ErpOrder, ErpOrderLine, Notice, ReadCheckpoint, Run, RunKind, RunStatus, StreamState
from integration_hub.runs import start_run
from tests.erp.engine.book import START, Book


def run(kind: RunKind = RunKind.SYNC, **options: object) -> Run:
    return finish(start_run(kind, "book", options=options))


def lines() -> dict[str, str]:
    found = ErpOrderLine.objects.live().values_list("key", "net_amount", "order_id")
    return {f"{order} {key}": str(net) for key, net, order in found}


def test_documents_arrive_with_their_lines(erp: Book) -> None:
    assert run().status == RunStatus.SUCCEEDED
    assert sorted(ErpOrder.objects.live().values_list("key", "net_amount")) == [
        ("book:a", 30),
        ("book:b", 5),
        ("book:c", 24),
    ]
    assert len(lines()) == 6
    assert lines()["book:a book:a/a"] == "10.0000"


def test_two_full_reads_are_equal(erp: Book) -> None:
    run()
    again = run(full=True)
    assert {(each.inserted, each.updated, each.deleted) for each in again.streams.all()} == {(0, 0, 0)}


def test_only_what_changed_is_asked_for_with_the_overlap_that_the_erp_needs(erp: Book) -> None:
    run()
    erp.order("b", minutes=130, a=6)
    run()
    assert erp.questions[-1].since == START + timedelta(minutes=120 - 10)
    assert lines()["book:b book:b/a"] == "6.0000"


def test_a_changed_document_loses_the_lines_it_no_longer_has(erp: Book) -> None:
    run()
    erp.order("c", minutes=130, b=8)
    run()
    assert sorted(lines()) == ["book:a book:a/a", "book:a book:a/b", "book:b book:b/a", "book:c book:c/b"]


def test_the_cursor_never_passes_the_start_of_the_read(erp: Book) -> None:
    erp.order("d", minutes=60 * 24 * 365, a=1)
    run()
    assert StreamState.objects.get(pk="book.orders").cursor == (START + timedelta(minutes=120)).isoformat()


def test_an_interrupted_read_goes_on_behind_the_last_page_with_all_lines(erp: Book) -> None:
    erp.stop_after = 1
    assert run().status == RunStatus.FAILED
    left = ReadCheckpoint.objects.get()
    assert (left.rows, left.beside["order_lines"]["rows"], left.place) == (2, 3, {"place": "b"})
    assert ErpOrder.objects.count() == 0
    erp.stop_after = 10**9
    assert run().status == RunStatus.SUCCEEDED
    assert erp.questions[-1].place == "b"
    assert (ErpOrder.objects.count(), len(lines())) == (3, 6)
    assert not ReadCheckpoint.objects.exists()


def test_a_tombstone_of_the_erp_takes_the_document_and_its_lines(erp: Book) -> None:
    run()
    del erp.orders["a"]
    erp.gone.append("a")
    run()
    assert ErpOrder.objects.get(pk="book:a").gone_reason == "deleted"
    assert not [key for key in lines() if key.startswith("book:a ")]


def test_a_sweep_finds_deleted_documents_and_lines_and_reads_what_never_came(erp: Book) -> None:
    run()
    del erp.orders["b"]
    erp.orders["a"].lines.pop("a/b")  # a direct edit that moves no stamp
    erp.order("late", minutes=-600, x=3)
    swept = run(RunKind.SWEEP)
    assert swept.status == RunStatus.SUCCEEDED, swept.problem
    assert sorted(ErpOrder.objects.live().values_list("key", "net_amount")) == [
        ("book:a", 10),
        ("book:c", 24),
        ("book:late", 3),
    ]
    assert sorted(lines()) == [
        "book:a book:a/a",
        "book:c book:c/a",
        "book:c book:c/b",
        "book:c book:c/c",
        "book:late book:late/x",
    ]
    assert "keys were compared. 2 documents differed" in swept.streams.get(stream="book.orders").note


def test_a_lost_right_deletes_nothing(erp: Book) -> None:
    run()
    erp.hidden = True
    run(full=True)
    run(RunKind.SWEEP)
    assert (ErpOrder.objects.live().count(), len(lines())) == (3, 6)
    assert Notice.objects.filter(cleared_at=None, code__contains="empty_snapshot").exists()


def test_a_new_field_is_told_and_a_removed_or_retyped_one_stops_before_publishing(erp: Book) -> None:
    erp.fields = {"orders": {"id": "integer", "net": "float"}, "order_lines": {"text": "char"}}
    run()
    erp.fields["orders"]["fresh"] = "char"
    assert run().status == RunStatus.SUCCEEDED
    assert "fresh" in Notice.objects.get(subject="book.orders").text
    erp.fields["orders"]["net"] = "text"
    erp.order("a", minutes=500, a=99)
    failed = run()
    assert (failed.status, "was of type float" in failed.problem) == (RunStatus.FAILED, True)
    assert ErpOrder.objects.get(pk="book:a").net_amount == 30
    assert run(full=True).status == RunStatus.SUCCEEDED
    assert run().status == RunStatus.SUCCEEDED


def test_a_stream_that_comes_with_documents_is_never_read_without_them(erp: Book) -> None:
    run(stream="order_lines")
    assert (ErpOrder.objects.count(), len(lines())) == (3, 6)


def test_a_document_that_the_erp_rings_for_comes_alone_with_its_lines(erp: Book) -> None:
    run()
    states = list(StreamState.objects.order_by("pk").values("pk", "cursor", "as_of", "full_as_of"))
    erp.order("a", a=11)
    erp.order("b", a=99)
    asked = len(erp.questions)
    rung = run(documents={"orders": ["a", "nobody"]}, rung=True)
    assert rung.status == RunStatus.SUCCEEDED, rung.problem
    assert [question.keys for question in erp.questions[asked:]] == [["a", "nobody"]]
    assert lines() == {
        "book:a book:a/a": "11.0000",
        "book:b book:b/a": "5.0000",
        "book:c book:c/a": "7.0000",
        "book:c book:c/b": "8.0000",
        "book:c book:c/c": "9.0000",
    }
    assert list(StreamState.objects.order_by("pk").values("pk", "cursor", "as_of", "full_as_of")) == states
    assert "1 is not there" in rung.streams.get(stream="book.orders").note
    assert {each.mode for each in rung.streams.all()} == {"by key"}
