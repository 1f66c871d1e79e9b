"""The invariants that hold once everything has come to rest: the mirror is the ERP, Salesforce shows our figures."""

from decimal import Decimal
from typing import Any

import psycopg

from tests.chaos import figures
from tests.chaos.erp import MIRRORS, Erp
from tests.chaos.org import NUMBER, PUSHED, Salesforce
from tests.chaos.plain import plain
from tests.chaos.violations import Found
from tests.chaos.watching import MIRRORS as STREAMS


def mirror(connection: psycopg.Connection, erp: Erp, found: Found, *, gone_stay: bool = False) -> None:
    """I1: every row, with every value. `gone_stay`: before a whole read the mirror still has what the ERP deleted."""
    found.looked(1)
    for table, (target, columns) in MIRRORS.items():
        rows = connection.execute(f"select {columns} from {target} where deleted_at is null".encode()).fetchall()
        here = {row[0]: tuple(map(_same, row)) for row in rows}
        there = {key: tuple(map(_same, row)) for key, row in erp.rows[table].items()}
        for key in sorted(there.keys() if gone_stay else here.keys() | there.keys()):
            if here.get(key) != there.get(key):
                found.add(1, f"{table} {key}: the ERP has {there.get(key)}, the mirror {here.get(key)}")


def org_mirror(connection: psycopg.Connection, org: Salesforce, found: Found) -> None:
    """I1 of Salesforce: accounts with the number that links them, and users."""
    found.looked(1)
    accounts = {
        key: (each["Name"], each.get(NUMBER), each.get("Phone"), each.get("OwnerId"))
        for key, each in org.stored().items()
    }
    users = {key: (each["Username"], each.get("Email"), each["IsActive"]) for key, each in org.users().items()}
    for table, columns, there in (
        ("sf_account", "name, erp_number, phone, owner_id", accounts),
        ("sf_user", "username, email, is_active", users),
    ):
        here = {
            key: tuple(map(_same, values))
            for key, *values in connection.execute(
                f"select key, {columns} from {table} where deleted_at is null".encode()
            )
        }
        for key in sorted(here.keys() | there.keys()):
            theirs = tuple(map(_same, there[key])) if key in there else None
            if here.get(key) != theirs:
                found.add(1, f"{table} {key}: Salesforce has {theirs}, the mirror {here.get(key)}")


def _same(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.normalize()
    return None if value == "" else value


def cursors(connection: psycopg.Connection, found: Found) -> None:
    """I14: where a read goes on is a mark that a row of the source carries."""
    found.looked(14)
    for stream, table in STREAMS:
        for cursor, at in connection.execute(
            f"select s.cursor, s.as_of from hub_stream_state as s where s.stream = %s and s.cursor <> '' and not exists"
            f" (select 1 from {table} as m where m.source_modified_at = s.cursor::timestamptz)".encode(),
            [stream],
        ):
            found.add(14, f"{stream} goes on at {cursor}, which no row carries (read at {at})")


def _told(connection: psycopg.Connection, account: str, field: str) -> str:
    """What became of the last values that were to be written there: what somebody needs who looks for the cause."""
    rows = connection.execute(
        "select plan_id, status, error_code, before, after, answered_at from hub_push_change"
        " where account = %s and field = %s order by id desc limit 6",
        [account, field],
    )
    return "; ".join(f"plan {plan} {' '.join(str(each) for each in rest)}" for plan, *rest in rows)


def acknowledged(connection: psycopg.Connection, before: int, org: Salesforce, found: Found) -> None:
    """I6: what pushes after that plan took for written stands there, while nobody else writes."""
    found.looked(6)
    stands = org.stored()
    for account, field, after in connection.execute(
        "select distinct on (account, field) account, field, after from hub_push_change"
        " where status = 'done' and plan_id > %s order by account, field, id desc",
        [before],
    ):
        wanted, there = plain(after), plain(stands[account].get(field))
        if (wanted or "0") != (there or "0"):
            found.add(6, f"{field} of {account}: {wanted} was acknowledged just now, stands {there}")


def salesforce(connection: psycopg.Connection, org: Salesforce, found: Found) -> None:
    """I6: what stands in each account is the figure of the current day and was acknowledged, or the account is parked.

    I8: the last push changed nothing.
    """
    found.looked(6, 8)
    day = figures.current_day(connection)
    parked = {row[0] for row in connection.execute("select account from hub_parked_row where resolved_at is null")}
    acknowledged = {
        (account, field): plain(value)
        for account, field, value in connection.execute("select account, field, value from hub_pushed_value")
    }
    shown = connection.execute(
        "select c.account, c.is_prospect, r.revenue_ytd, r.overdue_amount, r.overdue_count from customer as c"
        " join rollup_customer as r on r.customer_id = c.id and r.as_of = %s where c.account is not null",
        [day],
    ).fetchall()
    stands = org.stored()
    if len(shown) != len(stands):
        found.add(6, f"{len(stands)} accounts, figures for {len(shown)}")
    for account, is_prospect, *values in shown:
        if account in parked:
            continue
        # Nothing is said of an account without a customer of the ERP: no day and no currency either.
        meaning = (None, None) if is_prospect else (day, "EUR")
        for field, value in zip(PUSHED, (*values, *meaning), strict=True):
            wanted, there = plain(value), plain(stands[account].get(field))
            if (wanted or "0") != (there or "0"):
                found.add(6, f"{field} of {account}: shown {wanted}, in Salesforce {there}")
            if (account, field) in acknowledged and (acknowledged[account, field] or "0") != (there or "0"):
                told = _told(connection, account, field)
                found.add(
                    6, f"{field} of {account}: acknowledged {acknowledged[account, field]}, stands {there} ({told})"
                )
    for plan, fields in connection.execute(
        "select id, fields_changed from hub_push_plan where status <> 'dry' order by id desc limit 1"
    ):
        if fields:
            found.add(8, f"plan {plan} still had {fields} fields to write after everything was written")
