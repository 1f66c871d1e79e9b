"""After every load source and mirror are compared: what was tampered with is named, with company and month."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone
from pytest_django import Settings

from integration_hub.config import StreamConfig
from integration_hub.erp.postgresql.source import SqlSource
from integration_hub.models import ErpInvoice, Notice, Reconciliation, Run, RunKind, RunStatus, StreamState
from integration_hub.reconcile import reconcile
from integration_hub.runs import start_run
from integration_hub.sources import SourceProblem, Totals
from tests.integration_hub.warehouse.world import SQL_ERP, World
from tests.integration_hub.warehouse.world import brought_up_to_date as sync

CONFIG = (
    SQL_ERP
    + """[[sources.streams]]
name = "invoices"
target = "erp_invoice"
query = "select no, company, day, currency, net, note, changed from rc_invoice"
cursor = "changed"
columns.key = "no"
columns.company = "company"
columns.issued_on = "day"
columns.net_amount = "net"
columns.customer_reference = "note"
"""
)
STREAM = "main.invoices"


@pytest.fixture
def erp(tmp_path: Path, settings: Settings, db: None) -> Iterator[psycopg.Connection]:
    """The ERP's own connection: 400 random invoices of two companies over eight months in three currencies."""
    path = tmp_path / "hub.toml"
    path.write_text(CONFIG, encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    settings.PUBLISH_HOOKS = ["tests.integration_hub.warehouse.world.listen"]
    chance = random.Random(20261126)  # noqa: S311 - invented invoices
    rows = [
        (
            f"{number:04}",
            chance.choice(["1000", "2000"]),
            date(2026, 1, 1) + timedelta(days=chance.randrange(240)),
            chance.choice(["EUR", "USD", "JPY"]),
            Decimal(chance.randrange(-50_000, 900_000)) / 100,
        )
        for number in range(400)
    ]
    with psycopg.connect(os.environ["ERP_DEMO_ADMIN_URL"], autocommit=True) as connection:
        connection.execute("drop table if exists rc_invoice")
        connection.execute(
            "create table rc_invoice (no text primary key, company text, day date, currency text, net numeric(12,2),"
            " note text default '', changed timestamptz default '2026-09-01 12:00+00')"
        )
        with connection.cursor() as cursor:
            cursor.executemany("insert into rc_invoice values (%s, %s, %s, %s, %s)", rows)
        try:
            yield connection
        finally:
            connection.execute("drop table rc_invoice")


def last(run: Run) -> Reconciliation:
    """What the comparison after this run found."""
    return Reconciliation.objects.get(run_ref=run, stream=STREAM, after_load=True)


def groups(found: Reconciliation) -> list[tuple[str, str, str]]:
    """Company, month and currency of each difference."""
    return [(group["company"], group["month"], group["currency"]) for group in found.groups]


def of(invoice: ErpInvoice) -> tuple[str, str, str]:
    """The group of an invoice."""
    assert invoice.issued_on
    return str(invoice.company_id).removeprefix("main:"), f"{invoice.issued_on:%Y-%m}", invoice.currency


def full_read_due() -> None:
    """Let the next sync read everything."""
    StreamState.objects.filter(pk=STREAM).update(full_as_of=None)


def test_a_load_agrees_with_its_source_by_count_sums_and_hash_in_every_group(erp: psycopg.Connection) -> None:
    found = last(sync())
    assert (found.agrees, found.confirmed, found.detail, found.groups) == (True, False, "", [])
    assert (found.source_rows, found.mirror_rows, found.hash_agrees) == (400, 400, True)
    assert found.compared_groups == len({of(invoice) for invoice in ErpInvoice.objects.all()}) > 40
    ((expected,),) = erp.execute("select sum(net)::text from rc_invoice where currency = 'USD'").fetchall()
    assert Decimal(found.source_sums["net_amount"]["USD"]) == Decimal(found.mirror_sums["net_amount"]["USD"])
    assert Decimal(found.mirror_sums["net_amount"]["USD"]) == Decimal(expected)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_tampered_with_in_the_mirror_is_found_with_company_and_month(
    erp: psycopg.Connection, seed: int
) -> None:
    sync()
    chance = random.Random(seed)  # noqa: S311 - the same choice in every run
    victim = chance.choice(list(ErpInvoice.objects.order_by("key")))
    group, key = of(victim), victim.key
    what = ("other", "missing", "extra")[seed % 3]
    if what == "other":
        ErpInvoice.objects.filter(key=key).update(net_amount=Decimal(chance.randrange(1, 10**6)) + Decimal("0.5"))
    elif what == "missing":
        ErpInvoice.objects.filter(key=key).delete()
    else:
        key = "main:never"
        ErpInvoice.objects.create(
            key=key,
            source="main",
            synced_at=timezone.now(),
            company_id=victim.company_id,
            issued_on=victim.issued_on,
            currency=victim.currency,
            net_amount=1,
        )
    # A row of another day, so that the overlap does not bring the victim again.
    erp.execute("update rc_invoice set changed = '2026-09-03 12:00+00' where no <> %s", [key.removeprefix("main:")])
    StreamState.objects.update(cursor="2026-09-02 12:00:00+00")
    found = last(sync())
    assert (found.agrees, found.confirmed) == (False, True)
    assert groups(found) == [group]
    company, month, currency = group
    assert found.detail.startswith(f"company {company}, {month}, {currency}: ")
    assert [(each["key"], each["what"]) for each in found.groups[0]["documents"]] == [(key, what)]
    notice = Notice.objects.get(subject="main", code="differs:invoices", cleared_at=None)
    assert company in notice.text
    assert month in notice.text


def test_a_deletion_that_an_incremental_read_cannot_see_is_found_and_a_full_read_is_asked_for(
    erp: psycopg.Connection,
) -> None:
    sync()
    victim = ErpInvoice.objects.get(key="main:0007")
    erp.execute("delete from rc_invoice where no = '0007'")
    first = last(sync())
    assert groups(first) == [of(victim)]
    assert first.groups[0]["documents"] == [
        {"key": "main:0007", "what": "extra", "here": {"net_amount": f"{victim.net_amount:.4f}"}, "source": {}}
    ]
    asked = Run.objects.get(kind=RunKind.SYNC, status=RunStatus.QUEUED)
    assert (asked.options, asked.requested_by) == ({"full": True}, "reconciliation")
    Run.objects.filter(pk=asked.pk).delete()
    second = last(sync())
    assert (second.since, second.confirmed) == (first.since, True)
    assert not Run.objects.filter(status=RunStatus.QUEUED).exists(), "it is asked for once"
    healed = last(sync(full=True))
    assert (healed.agrees, healed.since) == (True, None)
    assert not Notice.objects.filter(cleared_at=None).exists()
    assert Reconciliation.objects.filter(stream=STREAM).count() == 4


def test_a_text_that_changed_without_its_mark_is_found_by_the_hash_of_a_whole_read(erp: psycopg.Connection) -> None:
    sync()
    ErpInvoice.objects.filter(key="main:0011").update(fingerprint=1)
    row = ErpInvoice.objects.get(key="main:0011")
    # The load itself would put it right: compare what was read before it was written.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("integration_hub.warehouse_merge.renew_fingerprints", lambda _: None)
        full_read_due()
        found = last(sync())
    assert (found.agrees, found.hash_agrees, groups(found)) == (False, False, [of(row)])
    assert "counts and sums agree, but not every value" in found.detail
    assert [each["key"] for each in found.groups[0]["documents"]] == ["main:0011"]


def test_a_stream_that_did_not_change_at_its_source_is_compared_by_what_stands_in_the_mirror(
    erp: psycopg.Connection, settings: Settings
) -> None:
    path = Path(settings.HUB_CONFIG)
    path.write_text(path.read_text(encoding="utf-8").replace('cursor = "changed"\n', ""), encoding="utf-8")
    sync()
    quiet = last(sync())
    assert (quiet.agrees, quiet.hash_agrees, quiet.source_rows, quiet.mirror_rows) == (True, True, 400, 400)
    assert quiet.compared_groups > 40
    ((expected,),) = erp.execute("select sum(net)::text from rc_invoice where currency = 'USD'").fetchall()
    assert Decimal(quiet.mirror_sums["net_amount"]["USD"]) == Decimal(expected), "the sums are kept, not left out"
    row = ErpInvoice.objects.get(key="main:0007")
    ErpInvoice.objects.filter(key=row.key).update(net_amount=1_000_000)
    moved = last(sync())
    assert (moved.agrees, moved.confirmed, groups(moved)) == (False, True, [of(row)])
    assert [(each["key"], each["what"]) for each in moved.groups[0]["documents"]] == [(row.key, "other")]
    asked = Run.objects.get(kind=RunKind.SYNC, status=RunStatus.QUEUED)
    assert asked.options == {"full": True}, "only a whole read brings the values again"
    Run.objects.filter(pk=asked.pk).delete()
    assert last(sync(full=True)).agrees
    # What no sum shows is found by the hash, which is made once in an hour.
    ErpInvoice.objects.filter(key=row.key).update(customer_reference="made up")
    found = last(sync())
    assert (found.agrees, found.hash_agrees) == (True, None), "equal in number and sums, and nothing more is said"
    Reconciliation.objects.update(checked_at=timezone.now() - timedelta(hours=2))
    found = last(sync())
    assert (found.agrees, found.hash_agrees, groups(found)) == (False, False, [of(row)])
    assert "counts and sums agree, but not every value" in found.detail
    assert not last(sync()).agrees, "counts and sums alone do not end a difference"


def test_rows_in_quarantine_are_no_difference(erp: psycopg.Connection) -> None:
    erp.execute("update rc_invoice set currency = 'QQQ', changed = '2026-09-05' where no = '0003'")
    found = last(sync())
    assert (found.agrees, found.waiting, found.source_rows, found.mirror_rows) == (True, 1, 400, 399)
    (asked,) = reconcile(start_run(RunKind.RECONCILE, "main"))
    assert (asked.detail, asked.waiting, asked.source_rows, asked.mirror_rows) == ("", 1, 400, 399)
    # One that is here already and becomes unreadable keeps its old values.
    erp.execute("update rc_invoice set net = 'NaN', changed = '2026-09-06' where no = '0004'")
    found = last(sync())
    assert (found.agrees, found.waiting, found.mirror_rows) == (True, 2, 398)
    mirror = found.mirror_sums["net_amount"]
    unknown = {code for code, amount in found.source_sums["net_amount"].items() if amount != mirror.get(code, "0")}
    assert {found.source_sums["net_amount"][code] for code in unknown} == {"NaN"}, "the rest of a sum is no sum"
    (asked,) = reconcile(start_run(RunKind.RECONCILE, "main"))
    assert (asked.detail, asked.waiting, asked.source_rows) == ("", 2, 400)
    ErpInvoice.objects.filter(key="main:0005").update(net_amount=1)
    (asked,) = reconcile(start_run(RunKind.RECONCILE, "main"))
    assert "1 row has other values: main:0005." in asked.detail
    assert ErpInvoice.objects.filter(key="main:0004").exists()


def test_a_source_that_cannot_count_is_a_notice_and_no_failure(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise SourceProblem("The ERP's database ended the session.")

    with monkeypatch.context() as patch:
        patch.setattr(SqlSource, "hashed_totals", refuses)
        assert sync().status == RunStatus.SUCCEEDED
    assert ErpInvoice.objects.count() == 400
    assert not Reconciliation.objects.exists()
    notice = Notice.objects.get(subject="main", code="not_compared:invoices", cleared_at=None)
    assert "The ERP's database ended the session." in notice.text
    sync()
    assert not Notice.objects.filter(cleared_at=None).exists()


def test_amounts_that_are_texts_at_the_source_are_counted_and_not_summed(erp: psycopg.Connection) -> None:
    erp.execute("alter table rc_invoice alter net type text using case no when '0005' then 'x' else net::text end")
    found = last(sync())
    assert (found.agrees, found.waiting, found.source_rows, found.mirror_rows) == (True, 1, 400, 399)
    assert found.source_sums == {}


def test_where_the_erp_may_have_moved_on_a_difference_counts_when_it_is_still_there_the_next_time(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync()
    monkeypatch.delattr(SqlSource, "group")
    ErpInvoice.objects.filter(key="main:0007").update(net_amount=1, source="other")
    StreamState.objects.update(cursor="2026-09-02 12:00:00+00")
    first = last(sync())
    assert (first.agrees, first.confirmed) == (False, False)
    assert not Notice.objects.filter(code="differs:invoices", cleared_at=None).exists()
    second = last(sync())
    assert (second.agrees, second.confirmed, second.since) == (False, True, first.since)
    assert Notice.objects.filter(code="differs:invoices", cleared_at=None).exists()


def test_a_source_that_does_not_group_is_compared_as_a_whole(
    erp: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ungrouped = SqlSource.totals

    def totals(source: SqlSource, stream: StreamConfig) -> Totals:
        return replace(ungrouped(source, stream), groups={})

    monkeypatch.setattr(SqlSource, "totals", totals)
    monkeypatch.delattr(SqlSource, "group")
    erp.execute("update rc_invoice set currency = 'QQQ' where no = '0003'")
    found = last(sync())
    assert (found.agrees, found.compared_groups, found.waiting, found.source_rows) == (True, 0, 1, 400)
    ErpInvoice.objects.filter(key="main:0007").update(net_amount=1_000_000, currency="JPY")
    StreamState.objects.update(cursor="2026-09-02 12:00:00+00")
    found = last(sync())
    assert not found.agrees
    assert "JPY: net_amount" in found.detail
    assert found.groups[0]["documents"] == []


def test_old_results_are_forgotten(erp: psycopg.Connection) -> None:
    first = sync()
    Reconciliation.objects.filter(run_ref=first).update(checked_at=timezone.now() - timedelta(days=61))
    sync()
    assert not Reconciliation.objects.filter(run_ref=first).exists()


def test_files_are_compared_as_they_were_delivered(world: World) -> None:
    world.stream("invoices", "erp_invoice")
    rows = "1,1000,2026-01-05,EUR,10.00\n2,1000,2026-02-05,EUR,20.00\n3,2000,2026-02-06,EUR,5.00\n"
    world.deliver("invoices", "key,company,issued_on,currency,net_amount\n" + rows)
    found = last(world.sync())
    assert (found.agrees, found.compared_groups, found.hash_agrees) == (True, 3, True)
    ErpInvoice.objects.filter(key="main:2").update(net_amount=21)
    world.deliver("invoices", "key,company,issued_on,currency,net_amount\n" + rows.replace("5.00\n", "6.00\n"))
    found = last(world.sync())
    assert (found.agrees, groups(found)) == (False, [("1000", "2026-02", "EUR")])
    assert found.detail == "company 1000, 2026-02, EUR: net_amount 21 here, 20 at the source."
