"""The views in the schema `reporting`: documented, in step with their page, and readable without any right beside."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg import errors, sql

from customers.models import AccountLink, Customer, CustomerRollup, RollupDay
from integration_hub import audit
from integration_hub.models import Alert, RejectedRow, Run, RunKind, RunStatus, SchedulePause, StreamRun
from integration_hub.reporting_views import COLUMNS, SCHEMA, as_markdown

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[2] / "integration_hub" / "docs" / "views.md"


def rows(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_every_view_and_column_says_what_it_is_and_the_page_says_the_same() -> None:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [SCHEMA])
        told = cursor.fetchall()
    assert {row[0] for row in told} == {
        *("run", "stream_run", "freshness", "reconciliation", "rejected_row", "push", "push_value"),
        *("alert", "audit", "schedule_pause", "schedule_time", "api_use", "parked_account"),
        *("customer", "link", "customer_day", "salesforce_order"),
    }
    assert [row for row in told if not row[1] or not row[4]] == []
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), (
        "run: manage.py reporting_views > integration_hub/docs/views.md"
    )


def test_the_views_tell_what_the_ledger_and_the_figures_hold() -> None:
    now = timezone.now()
    run = Run.objects.create(
        kind=RunKind.SYNC, subject="erp", status=RunStatus.PARTIAL, started_at=now, finished_at=now, api_calls=4
    )
    StreamRun.objects.create(run_ref=run, stream="erp.orders", mode="snapshot", read=3, inserted=2, rejected=1)
    RejectedRow.objects.create(run_ref=run, stream="erp.orders", key="erp:1", reason="no", record={"A": "1"})
    customer = Customer.objects.create(erp_customer="erp:7", name="Kestrel")
    AccountLink.objects.create(erp_customer="erp:7", customer=customer, status="unlinked")
    for day, current in (("2026-11-26", False), ("2026-11-27", True)):
        RollupDay.objects.create(
            as_of=day, current=current, completed_at=now, basis="EUR; fiscal years from month 1; all"
        )
        CustomerRollup.objects.create(customer=customer, as_of=day, computed_at=now, overdue_amount=Decimal(day[-2:]))
    assert rows("select kind, source, status, requests from reporting.run") == [("sync", "erp", "partial", 4)]
    assert rows("select source, rows_read, inserted, rejected, bytes from reporting.stream_run") == [
        ("erp", 3, 2, 1, None)
    ]
    assert rows("select stream, key, replays, resolved_at from reporting.rejected_row") == [
        ("erp.orders", "erp:1", 0, None)
    ]
    assert rows("select name, currency, overdue_amount from reporting.customer") == [("Kestrel", "EUR", Decimal(27))]
    assert rows("select as_of::text, is_current, currency, overdue_amount from reporting.customer_day order by 1") == [
        ("2026-11-26", False, "EUR", Decimal(26)),
        ("2026-11-27", True, "EUR", Decimal(27)),
    ]
    left = Customer.objects.create(erp_customer="erp:8", name="Merged away", gone_at=now)
    for day in ("2026-11-26", "2026-11-27"):
        CustomerRollup.objects.create(customer=left, as_of=day, computed_at=now)
    gone = f"select as_of::text from reporting.customer_day where customer_id = {left.pk}"
    Customer.objects.filter(pk=left.pk).update(gone_at=datetime(2026, 11, 27, 9, tzinfo=UTC))
    assert rows(gone) == [("2026-11-26",)], "it was there the day before, and its money with nobody else"
    RollupDay.objects.filter(current=False).update(links_of=date(2026, 11, 27))
    assert rows(gone) == [], "that day was computed by links of today: its money is with others"
    audit.record("schedule.paused", "schedule", "all", after={"reason": "stocktaking"}, who="rita")
    SchedulePause.objects.create(name="all", by="rita", at=now, reason="stocktaking")
    Alert.objects.create(condition="disk_low", subject="disk", severity="warning", text="Full", **seen(now))
    assert rows("select what, who, after ->> 'reason' from reporting.audit") == [
        ("schedule.paused", "rita", "stocktaking")
    ]
    assert rows("select name, paused_by, ended_at from reporting.schedule_pause") == [("all", "rita", None)]
    assert rows("select condition, subject, recovered_at from reporting.alert") == [("disk_low", "disk", None)]
    assert rows("select customer_id, status from reporting.link") == [(customer.pk, "unlinked")]


def seen(now: datetime) -> dict[str, datetime]:
    return {"first_seen_at": now, "last_seen_at": now}


def test_a_role_that_was_granted_a_view_reads_it_and_nothing_else_and_cannot_write() -> None:
    known = connection.get_connection_params()
    address = {name: known[name] for name in ("host", "port", "dbname") if known.get(name)}
    with psycopg.connect(**address, user="postgres") as superuser:
        # The role goes with the transaction.
        superuser.execute("create role reporting_reader")
        superuser.execute("grant usage on schema reporting to reporting_reader")
        superuser.execute("grant select on reporting.run to reporting_reader")
        superuser.execute("set local role reporting_reader")
        assert superuser.execute("select count(*) from reporting.run").fetchone() is not None
        for statement in (
            "select * from hub_run",
            "select * from reporting.customer",
            "delete from reporting.run",
            "create view reporting.mine as select 1",
        ):
            with pytest.raises(errors.InsufficientPrivilege), superuser.transaction():
                superuser.execute(statement)
        superuser.rollback()


def test_the_statements_of_the_page_make_a_reader_that_may_connect_where_the_public_may_not() -> None:
    statements = PAGE.read_text(encoding="utf-8").split("```sql\n")[1].split("```")[0]
    known = connection.get_connection_params()
    address = {name: known[name] for name in ("host", "port", "dbname") if known.get(name)}
    with psycopg.connect(**address, user="postgres") as superuser:
        database = sql.Identifier(str(known["dbname"]))
        superuser.execute(sql.SQL("revoke connect on database {} from public").format(database))
        made = statements.replace("database customer360 ", f"database {database.as_string(superuser)} ")
        superuser.execute(made.encode())
        told = "select has_database_privilege('reader', current_database(), 'connect'), rolconfig from pg_roles"
        assert superuser.execute(f"{told} where rolname = 'reader'").fetchone() == (
            True,
            ["default_transaction_read_only=on", "statement_timeout=60s"],
        )
        superuser.execute("set local role reader")
        for view in ("run", "stream_run", "freshness", "reconciliation"):
            superuser.execute(f"select * from reporting.{view} limit 1".encode())
        # The role goes with the transaction.
        superuser.rollback()
