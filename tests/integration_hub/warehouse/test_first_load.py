"""A first load keeps no reader waiting: it fills a table beside the mirror, and the two change places at the end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from integration_hub import warehouse_beside, warehouse_direct
from integration_hub.models import ErpInvoice, Run, RunKind, RunStatus
from integration_hub.publish import Publication
from integration_hub.runs import request_run
from tests.integration_hub.warehouse.test_kills import buried, work
from tests.integration_hub.warehouse.world import World, counts

ROWS = 21_000
OBJECTS = """
select c.oid, c.relname from pg_class as c where c.oid = 'erp_invoice'::regclass
union all select i.indexrelid, pg_get_indexdef(i.indexrelid) from pg_index as i
where i.indrelid = 'erp_invoice'::regclass
order by 2
"""
MADE = """
select 'column', attname, format_type(atttypid, atttypmod) || attnotnull from pg_attribute
where attrelid = 'erp_invoice'::regclass and attnum > 0
union all select contype::text, conname, pg_get_constraintdef(oid) from pg_constraint
where conrelid = 'erp_invoice'::regclass
union all select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
where indrelid = 'erp_invoice'::regclass
union all select 'table', coalesce(obj_description(oid, 'pg_class'), ''),
    -- What the owner has is written down only where something was granted and taken back.
    coalesce(relacl, acldefault('r', relowner))::text
from pg_class where oid = 'erp_invoice'::regclass
order by 1, 2
"""
VIEW = """
create view big_invoice with (security_barrier = true) as
select i.number, c.name from erp_invoice as i left join erp_customer as c on c.key = i.customer_id
where i.net_amount > 15
"""
loading, go_on = threading.Event(), threading.Event()


def hold(publication: Publication) -> int:
    """A publish hook that is in no hurry: tells that the load is in the middle, and waits."""
    assert ErpInvoice.objects.count() > 0
    loading.set()
    assert go_on.wait(60)
    return 0


def asked(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def reader() -> Iterator[psycopg.Connection]:
    """A session that reads; it waits at most a second for a lock."""
    settings = connection.get_connection_params() | {"options": "-c lock_timeout=1s"}
    for name in ("cursor_factory", "context", "prepare_threshold"):
        settings.pop(name, None)
    with psycopg.connect(**settings) as session:
        yield session


@contextmanager
def in_the_middle(world: World) -> Iterator[list[Run]]:
    """The length of a first load that another thread does; the finished run is in the list afterwards."""
    done: list[Run] = []

    def load() -> None:
        try:
            done.append(world.sync())
        finally:
            connection.close()

    loading.clear()
    go_on.clear()
    thread = threading.Thread(target=load)
    thread.start()
    try:
        assert loading.wait(60)
        yield done
    finally:
        go_on.set()
        thread.join(120)


@pytest.fixture
def invoices(world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two invoices that nobody has loaded yet; two rows are many here."""
    monkeypatch.setattr(warehouse_direct, "DIRECT_FROM_ROWS", 2)
    world.stream("invoices", "erp_invoice")
    world.deliver("invoices", "key,number,customer,net_amount\n1,R1,7,10\n2,R2,7,20\n")
    return world


@pytest.mark.django_db(transaction=True)
def test_pages_answer_while_the_first_load_of_a_large_table_is_in_the_middle(
    invoices: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse_direct, "DIRECT_FROM_ROWS", ROWS)
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.test_first_load.hold"]
    rows = "\n".join(f"{number},R{number},7,{number}" for number in range(ROWS))
    invoices.deliver("invoices", f"key,number,customer,net_amount\n{rows}")
    client = Client()
    user = User.objects.create_superuser("root")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    made = asked(MADE)
    with in_the_middle(invoices) as done, reader() as session:
        for query in ("select count(*) from erp_invoice", "select count(*) from erp_invoice where customer_id = 'x'"):
            assert session.execute(query).fetchone() == (0,)
        session.commit()
        asked("set lock_timeout = '1s'")
        with CaptureQueriesContext(connection) as asked_by_page:
            assert client.get("/search/?q=R1").status_code == 200
        assert "erp_invoice" in str(asked_by_page.captured_queries)
        assert not ErpInvoice.objects.exists()
    assert [(run.status, counts(run, "invoices")) for run in done] == [
        (RunStatus.SUCCEEDED, {"read": ROWS, "inserted": ROWS})
    ]
    assert ErpInvoice.objects.count() == ROWS
    assert asked(MADE) == made


def test_the_new_table_is_like_the_old_one_for_views_rights_and_whoever_looks_at_its_make(invoices: World) -> None:
    asked("grant select on erp_invoice to public")
    asked("comment on table erp_invoice is 'billed'")
    asked(VIEW)
    asked("grant select on big_invoice to public")
    before, table = asked(MADE), asked("select 'erp_invoice'::regclass::oid")
    view = "select oid, relacl::text, reloptions, pg_get_viewdef(oid) from pg_class where oid = 'big_invoice'::regclass"
    known = asked(view)
    assert invoices.sync().status == RunStatus.SUCCEEDED
    assert asked("select number from big_invoice") == [("R2",)]
    assert (asked(MADE), asked(view)) == (before, known)
    assert asked("select 'erp_invoice'::regclass::oid") != table
    assert asked(f"select to_regnamespace('{warehouse_beside.SCHEMA}')") == [(None,)]
    assert warehouse_beside.SCHEMA not in str(asked("show search_path"))
    invoices.deliver("invoices", "key,number,customer,net_amount\n1,R1,7,30\n2,R2,7,20\n")
    assert counts(invoices.sync(), "invoices") == {"read": 2, "updated": 1, "unchanged": 1}


def test_two_streams_fill_one_table(invoices: World) -> None:
    before = asked(MADE)
    invoices.stream("credits", "erp_invoice")
    invoices.deliver("credits", "key,number,customer,net_amount\n3,R3,7,-1\n4,R4,7,-2\n")
    run = invoices.sync()
    assert (counts(run, "invoices"), counts(run, "credits")) == ({"read": 2, "inserted": 2},) * 2
    assert asked(MADE) == before
    assert ErpInvoice.objects.count() == 4


@pytest.mark.parametrize(
    "statement",
    [
        "create materialized view kept_invoice as select number from erp_invoice",
        "create view whole_invoice as select i from erp_invoice as i",
        "create policy all_rows on erp_invoice",
        "create rule nothing as on delete to erp_invoice do instead nothing",
        "alter table erp_invoice set (fillfactor = 90)",
    ],
)
def test_a_table_on_which_something_rests_is_filled_itself(invoices: World, statement: str) -> None:
    asked(statement)
    before = asked(OBJECTS)
    assert counts(invoices.sync(), "invoices") == {"read": 2, "inserted": 2}
    assert asked(OBJECTS) == before
    assert asked(f"select to_regnamespace('{warehouse_beside.SCHEMA}')") == [(None,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seconds", [0.3, None])
def test_a_long_reader_is_waited_for_in_small_steps_and_not_for_ever(
    invoices: World, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    monkeypatch.setattr(warehouse_beside, "PAUSES", (0.1,) * (1 if seconds is None else 300))
    monkeypatch.setattr(warehouse_beside, "LONGEST_EXCHANGE_MS", 100 if seconds is None else 500)
    before = asked(OBJECTS)
    with reader() as long, reader() as page:
        long.execute("select count(*) from erp_invoice")
        if seconds is not None:
            threading.Timer(seconds, long.rollback).start()
        waits = ask_again_and_again(page, invoices.sync)
        long.rollback()
    assert ErpInvoice.objects.count() == 2
    # Read all the time, it got the rows itself.
    assert (asked(OBJECTS) == before) == (seconds is None)
    assert max(waits) < 5


def ask_again_and_again(page: psycopg.Connection, work: Callable[[], Run]) -> list[float]:
    """How long a page's short question took each time while the work was done; none fails for a lock."""
    ended, waits, failed = threading.Event(), [0.0], list[Exception]()

    def ask() -> None:
        while not ended.is_set() and not failed:
            began = time.monotonic()
            try:
                page.execute("select number from erp_invoice where key = 'main:1'").fetchall()
                page.rollback()
            except psycopg.Error as error:
                failed.append(error)
            waits.append(time.monotonic() - began)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        assert work().status == RunStatus.SUCCEEDED
    finally:
        ended.set()
        thread.join(30)
    assert failed == []
    return waits


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["after_merge:erp_invoice", "before_commit"])
def test_a_kill_in_the_middle_of_a_first_load_leaves_all_as_before(invoices: World, place: str) -> None:
    rows = "\n".join(f"{number},R{number},7,{number}" for number in range(ROWS))
    invoices.deliver("invoices", f"key,number,customer,net_amount\n{rows}")
    before = asked(OBJECTS)
    run = request_run(RunKind.SYNC, "main")
    assert work(invoices, run, place) == -9
    assert [dead.pk for dead in buried()] == [run.pk]
    assert asked(OBJECTS) == before
    assert asked(f"select to_regnamespace('{warehouse_beside.SCHEMA}')") == [(None,)]
    assert not ErpInvoice.objects.exists()
    assert work(invoices, Run.objects.get(status=RunStatus.QUEUED), "") == 0
    assert ErpInvoice.objects.count() == ROWS
    assert asked(OBJECTS) != before
