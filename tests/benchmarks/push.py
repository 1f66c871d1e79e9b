"""A push of 100,000 accounts against the practice org: unchanged, then with a tenth of them changed.

Planning is everything between the end of the incremental read and the stored plan. The practice org is a process of
its own on the same machine, so the seconds of reading and sending are mostly its own.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.test import override_settings

from integration_hub.models import PushPlan, Run, RunKind
from integration_hub.push import drafting, ledger, live, pushing
from integration_hub.push.pushing import run_push
from tests.practice_org import PracticeOrg, start_practice_org

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "100000"))
CHANGED = ACCOUNTS // 10
BATCH = 5000
PLANNING_TARGET_SECONDS, CALLS_TARGET, JOBS_TARGET = 5.0, 50, 1
AS_OF = date(2026, 11, 23)
AMOUNT: dict[str, Any] = {"type": "currency", "precision": 18, "scale": 2}
COUNT: dict[str, Any] = {"type": "double", "precision": 18, "scale": 0}
# Field, measure, the field in the org, and the value that account n has on both sides.
Value = Callable[[int], object]
FIELDS: tuple[tuple[str, str, dict[str, Any], Value], ...] = (
    ("Revenue_Last_Year__c", "revenue_last_year", AMOUNT, lambda n: f"{n * 7 % 900001}.25"),
    ("Revenue_Year__c", "revenue_ytd", AMOUNT, lambda n: f"{n * 11 % 700001}.50"),
    ("Revenue_12_Months__c", "revenue_12m", AMOUNT, lambda n: f"{n * 13 % 800001}.75"),
    ("Order_Intake__c", "order_intake_12m", AMOUNT, lambda n: f"{n * 17 % 500001}.10"),
    ("Open_Orders__c", "open_orders_amount", AMOUNT, lambda n: f"{n * 19 % 90001}.00"),
    ("Open_Amount__c", "open_amount", AMOUNT, lambda n: f"{n * 23 % 60001}.99"),
    ("Overdue__c", "overdue_amount", AMOUNT, lambda n: f"{n * 29 % 900}.01"),
    ("Overdue_Items__c", "overdue_count", COUNT, lambda n: n % 9),
    ("Late_Orders__c", "late_orders_count", COUNT, lambda n: n % 5),
    ("Last_Order__c", "last_order_on", {"type": "date"}, lambda n: f"2026-{n % 10 + 1:02}-{n % 28 + 1:02}"),
    ("Status__c", "status", {"type": "string", "length": 20}, lambda _: "Customer"),
    ("Figures_As_Of__c", "as_of", {"type": "date"}, lambda _: AS_OF.isoformat()),
    ("Figures_Currency__c", "currency", {"type": "string", "length": 3}, lambda _: "EUR"),
)
STORED = [(name, measure, value) for name, measure, _, value in FIELDS[:-3]]
CUSTOMERS = """
insert into customer (account, name, owner, erp_numbers, city, country, industry, currency, search_text, is_prospect)
select unnest(%s::text[]), '', '', '', '', '', '', '', '', false
"""


def measure() -> list[dict[str, object]]:
    """The first read, an unchanged push, and changed accounts by collections and by one Bulk job."""
    process, url = start_practice_org()
    try:
        org = PracticeOrg(url)
        with _company(org):
            _fill(org)
            results = [_unchanged("unchanged, everything read", org)]
            _let_time_pass(org)
            results += [_unchanged("unchanged", org)]
            _change(1)
            results += [_changed("changed, by collections", org, collections_up_to=CHANGED)]
            _change(2)
            results += [_changed("changed, by Bulk", org, collections_up_to=0)]
        return results
    finally:
        process.terminate()
        process.wait(timeout=10)


def _unchanged(name: str, org: PracticeOrg) -> dict[str, object]:
    plan, figures = _push(name, org)
    if plan.accounts_compared != ACCOUNTS:
        raise RuntimeError(f"{plan.accounts_compared} accounts were compared")
    met = plan.fields_changed == 0 == figures["writes"] and float(str(figures["planning"])) < PLANNING_TARGET_SECONDS
    return figures | {"target": f"0 writes, planning < {PLANNING_TARGET_SECONDS:.0f} s", "met": met}


def _changed(name: str, org: PracticeOrg, *, collections_up_to: int) -> dict[str, object]:
    plan, figures = _push(name, org, collections_up_to=collections_up_to)
    if plan.accounts_changed != CHANGED:
        raise RuntimeError(f"{plan.accounts_changed} accounts were changed: {plan.note}")
    paths = [call["path"] for call in org.calls() if call["method"] != "GET"]
    collections = sum("/composite/sobjects" in path for path in paths)
    jobs = sum(path.endswith("/jobs/ingest") for path in paths)
    if collections_up_to:
        return figures | {"target": f"at most {CALLS_TARGET} collections", "met": 0 < collections <= CALLS_TARGET}
    return figures | {"target": "one job", "met": (collections, jobs) == (0, JOBS_TARGET)}


def _push(name: str, org: PracticeOrg, *, collections_up_to: int = 1000) -> tuple[PushPlan, dict[str, object]]:
    """One push with its seconds: reading, planning, all."""
    with _configured(org, collections_up_to=collections_up_to), _clocked() as seconds:
        org.forget_calls()
        run = Run.objects.create(kind=RunKind.PUSH, subject=name)
        began = time.perf_counter()
        run_push(run)
        whole = time.perf_counter() - began
    plan = PushPlan.objects.get(run_ref=run)
    writes = [each for each in org.calls() if each["method"] in {"POST", "PATCH"} and _writes(each["path"])]
    return plan, {
        "push": name,
        "accounts": plan.accounts_compared,
        "changed": plan.accounts_changed,
        "values": plan.fields_changed,
        "writes": len(writes),
        "reading": round(seconds["read"], 2),
        "planning": round(seconds["draft"] - seconds["read"] + seconds["store"], 2),
        "seconds": round(whole, 2),
    }


def _writes(path: str) -> bool:
    return "/composite" in path or path.endswith("/jobs/ingest")


@contextmanager
def _clocked() -> Iterator[dict[str, float]]:
    """Seconds spent in the parts of a push."""
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*given, **named)
            finally:
                seconds[name] = time.perf_counter() - began

        return run

    with (
        patch.object(drafting, "bring_up_to_date", timed("read", live.bring_up_to_date)),
        patch.object(pushing, "draft_plan", timed("draft", drafting.draft_plan)),
        patch.object(ledger, "store", timed("store", ledger.store)),
    ):
        yield seconds


@contextmanager
def _company(org: PracticeOrg) -> Iterator[None]:
    org.admin("users_app", {"client_id": org.client_id, "client_secret": org.client_secret, "username": org.username})
    fields = [{"name": name, "label": name, **kind} for name, _, kind, _ in FIELDS]
    org.admin("fields", {"sobject": "Account", "fields": fields})
    org.admin("usage", {"max": 1_000_000})
    with patch.dict(os.environ, {"BENCH_SECRET": org.client_secret}):
        yield


@contextmanager
def _configured(org: PracticeOrg, *, collections_up_to: int) -> Iterator[None]:
    lines = [
        "sources = []",
        '[company]\nname = "Bench"\nreporting_currency = "EUR"\ntime_zone = "UTC"',
        f'[salesforce]\nlogin_url = "{org.url}"\nclient_id = "{org.client_id}"\nclient_secret = "${{BENCH_SECRET}}"',
        f'[push]\napproval = "on_brake"\ncollections_up_to = {collections_up_to}',
        *(f'[[push.fields]]\nfield = "{name}"\nmeasure = "{source}"' for name, source, _, _ in FIELDS),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hub.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with override_settings(HUB_CONFIG=str(path)):
            yield


def _fill(org: PracticeOrg) -> None:
    """The same accounts with the same figures in the org and here, so that nothing is to be written."""
    for start in range(0, ACCOUNTS, BATCH):
        numbers = range(start, min(start + BATCH, ACCOUNTS))
        records = [{"Name": f"Account {n}", **{name: value(n) for name, _, _, value in FIELDS}} for n in numbers]
        _store(org.seed("Account", *records), numbers)
    _execute("insert into rollup_day (as_of, current, completed_at) values (%s, true, now())", [AS_OF])
    _execute("analyze customer, rollup_customer")


def _store(ids: Sequence[str], numbers: range) -> None:
    _execute(CUSTOMERS, [list(ids)])
    columns = [measure for _, measure, _ in STORED]
    with connection.cursor() as cursor:
        cursor.execute("select id, account from customer where account = any(%s)", [list(ids)])
        keys = {account: key for key, account in cursor.fetchall()}
        defaults = _defaults(columns)
        names = ", ".join(["customer_id", "as_of", "computed_at", *columns, *defaults])
        with cursor.copy(f"copy rollup_customer ({names}) from stdin") as copy:
            for n, account in zip(numbers, ids, strict=True):
                values = [value(n) for _, _, value in STORED]
                copy.write_row([keys[account], AS_OF, "2026-11-23 06:00:00+00", *values, *defaults.values()])


def _defaults(given: Sequence[str]) -> dict[str, int]:
    """Zero for every other figure that must not be empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_name = 'rollup_customer' "
            "and is_nullable = 'NO' and is_identity = 'NO'"
        )
        names = [str(name) for (name,) in cursor.fetchall()]
    return {name: 0 for name in names if name not in {"customer_id", "as_of", "computed_at", *given}}


def _let_time_pass(org: PracticeOrg) -> None:
    """An hour later somebody saves one account: the next read asks only for what came after."""
    org.admin("clock", {"offset_seconds": 3600})
    org.seed("Account", {"Name": "Somebody else's"})
    _push("the hour's changes", org)


def _change(amount: int) -> None:
    """Let one figure of a tenth of the customers grow."""
    _execute(
        "update rollup_customer set overdue_amount = overdue_amount + %s where id in "
        "(select id from rollup_customer order by id limit %s)",
        [amount, CHANGED],
    )


def _execute(statement: str, parameters: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
