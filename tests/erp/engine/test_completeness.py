"""Every source proves since when it is read-only, and states how completely it is here."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from customers.pages.completeness import build_completeness
from integration_hub.completeness import statements
from integration_hub.diagnosis.check import Light
from integration_hub.diagnosis.outside import check_source
from integration_hub.models import SourceProof
from integration_hub.sources import SourceCheck, SourceRefused
from tests.erp.engine.book import Book, BookAdapter
from tests.integration_hub.pages.conftest import signed_in
from tests.integration_hub.warehouse.world import World

COLUMNS = '[sources.streams.columns]\nsource_modified_at = "changed"\n'


def orders(*rows: str) -> str:
    return "key,number,ordered_on,changed\n" + "\n".join(rows)


def test_the_statement_follows_what_is_read(world: World) -> None:
    world.stream("orders", "erp_order", COLUMNS)
    world.deliver("orders", orders("1,A1,2024-01-05,2024-01-06T10:00:00Z", "2,A2,2024-03-01,2024-03-02T08:00:00Z"))
    world.sync()
    told = statements()[0].streams[0]
    assert (told.label, told.rows, told.since) == ("Orders", 2, date(2024, 1, 5))
    assert told.changed_at == datetime(2024, 3, 2, 8, tzinfo=UTC)
    assert told.full_as_of is not None
    world.deliver("orders", orders("2,A2,2024-03-01,2024-03-09T08:00:00Z", "3,A3,2023-12-24,2023-12-24T08:00:00Z"))
    world.options = "max_deleted_share = 0.9"
    world.write()
    world.sync()
    told = statements()[0].streams[0]
    assert (told.rows, told.since) == (2, date(2023, 12, 24))
    assert told.changed_at == datetime(2024, 3, 9, 8, tzinfo=UTC)


def test_only_the_sources_behind_a_customer_are_stated_on_its_page(world: World) -> None:
    world.stream("orders", "erp_order")
    assert [each.name for each in build_completeness(["main:1"])] == ["main"]
    assert build_completeness(["other:1"]) == ()
    assert build_completeness([]) == ()


def test_the_proof_keeps_its_day_until_it_fails(erp: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    from integration_hub.proofs import checked
    from integration_hub.sources import open_source

    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)):
        checked(open_source("book"))
    with time_machine.travel(datetime(2026, 2, 1, tzinfo=UTC)):
        checked(open_source("book"))
    proof = SourceProof.objects.get()
    assert proof.holds_since == datetime(2026, 1, 1, tzinfo=UTC)
    assert proof.checked_at == datetime(2026, 2, 1, tzinfo=UTC)

    def could_write(_: BookAdapter) -> SourceCheck:
        raise SourceRefused("The role could write.", "", "Take the right away.")

    with monkeypatch.context() as patched:
        patched.setattr(BookAdapter, "check", could_write)
        with pytest.raises(SourceRefused):
            checked(open_source("book"))
        assert [check.light for check in check_source("book", "The book")] == [Light.RED]
    assert SourceProof.objects.get().holds_since is None
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC)):
        checked(open_source("book"))
    assert SourceProof.objects.get().holds_since == datetime(2026, 3, 1, tzinfo=UTC)


def test_page_and_diagnosis_show_proof_warnings_and_what_is_not_proven(
    erp: Book, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def told(adapter: BookAdapter) -> SourceCheck:
        return SourceCheck(
            "The book", "Book 7", "It only asks.", ("North", "South"), ("The key ends in 9 days.",), False
        )

    administrator, manager = signed_in("otto", "Administrators"), signed_in("anna", "Account managers")
    assert "Not asked yet" in page(administrator)
    monkeypatch.setattr(BookAdapter, "check", told)
    checks = list(check_source("book", "The book"))
    assert [check.light for check in checks] == [Light.GREEN, Light.AMBER]
    assert "Read-only: It only asks. So since 20" in checks[0].finding
    assert "Not yet proven against a live system." in checks[0].finding
    shown = page(administrator)
    for words in (
        "Nothing can be written",
        "Book 7",
        "North, South",
        "The key ends in 9 days.",
        "Not yet proven against",
    ):
        assert words in shown
    assert manager.get("/sources/").status_code == 404


def page(client: Client) -> str:
    return client.get("/sources/").content.decode()
