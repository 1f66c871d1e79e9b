"""Operation on one machine with everything beside everything: pages while a load is read, compared, published and
pushed; a reconciliation of all rows while pages are read, with planted differences; a long audit verified.

BENCH_ROWS (1,000,000 invoices, a customer for each fifty) makes it smaller or larger. BENCH_RECONCILE_ROWS adds a
stream of so many rows, such as 10000000, to the reconciliation. BENCH_AUDIT_ROWS is the length of the audit.
Processor seconds are those of everything together: servers, worker, pages, and the bench itself.
"""

import os
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection
from django.test import override_settings
from django.urls import reverse

from customers.models import Customer
from integration_hub.jobs import finish
from integration_hub.models import Reconciliation, Run, RunKind
from integration_hub.runs import start_run
from integration_hub.sources import SALESFORCE
from tests.benchmarks import _audit, _installation
from tests.benchmarks._installation import DONE, Installation, execute_erp, installation
from tests.benchmarks._processor import used_seconds
from tests.benchmarks._visitors import Visitors, visitors

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
MORE_ROWS = int(os.environ.get("BENCH_RECONCILE_ROWS", "0"))
AUDIT_ROWS = int(os.environ.get("BENCH_AUDIT_ROWS", "1000000"))
CUSTOMERS = max(100, ROWS // 50)
QUIET_SECONDS = 15
# One row in twenty changes before the load that is looked at.
CHANGED_SHARE = 20
# Five seconds up to a million rows, sixty for ten millions.
RECONCILE_SECONDS_A_MILLION, RECONCILE_SECONDS, A_MILLION = 6.0, 5.0, 1_000_000
FIRST_REQUEST_SECONDS = 10.0
PAGE_P95_MS, TIMES_QUIET = 200.0, 2.0
PLANTED = 7


def measure() -> list[dict[str, object]]:
    """Pages beside a load, from publish to push, reconciliations, sizes, audit; each is told as soon as it is known."""
    rows: list[dict[str, object]] = []
    with installation(ROWS, CUSTOMERS) as there:
        with visitors(there.url, there.cookie, _paths()) as people:
            time.sleep(QUIET_SECONDS)  # the first pages fill the processes' and the database's memory
            rows += _told(_beside_a_load(there, people))
            rows += _told(_compared(there, people, "erp", "invoices", "erp_invoice", "bench_invoice", ROWS))
        rows += _told([_size(there)])
        rows += _told([_audit.verified(AUDIT_ROWS)])
        if MORE_ROWS:
            _load_more()
            with visitors(there.url, there.cookie, _paths()) as people:
                rows += _told(_compared(there, people, "more", "orders", "erp_order", "bench_more", MORE_ROWS))
    return rows


def _told(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    for row in rows:
        print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    return rows


def _paths() -> list[str]:
    """What people look at: home, lists, customers large and small, their documents, a report."""
    keys = list(Customer.objects.filter(gone_at=None).order_by("pk").values_list("pk", flat=True)[:400:20])
    return [
        reverse("customers:home"),
        reverse("customers:list"),
        *(reverse("customers:detail", args=(key,)) for key in keys),
        *(reverse("customers:invoices", args=(key,)) for key in keys[:5]),
        f"{reverse('customers:search')}?part=1&q=customer+12",
    ]


@dataclass
class _Load:
    """When a load began, published and was pushed, in seconds since 1970; `processor` are seconds of everything."""

    run: Run
    push: Run
    first_request: float
    processor: float

    @property
    def began(self) -> float:
        return _instant(self.run.started_at)

    @property
    def published(self) -> float:
        return _instant(self.run.finished_at)

    @property
    def pushed(self) -> float:
        return _instant(self.push.finished_at)


def _instant(at: Any) -> float:
    return float(at.timestamp())


def _beside_a_load(there: Installation, people: Visitors) -> list[dict[str, object]]:
    """A nightly load: everything is read, compared by value, published, rolled up and pushed; one row in twenty has
    changed.
    """
    execute_erp(
        f"update bench_invoice set net = net + 1, gross = gross + 1, changed = now() where id % {CHANGED_SHARE} = 0",
        "vacuum (analyze) bench_invoice",
    )
    quiet = time.time()
    time.sleep(QUIET_SECONDS)
    load = _loaded(there)
    time.sleep(QUIET_SECONDS)
    before, during, after = (
        people.between(quiet, load.began),
        people.between(load.began, load.pushed),
        people.between(load.pushed, time.time()),
    )
    limit = max(PAGE_P95_MS, TIMES_QUIET * float(str(before["p95_ms"])))
    request = load.first_request - load.published
    return [
        {"what": "pages before a load", **before},
        {
            "what": "pages during a load",
            **during,
            "seconds": round(load.pushed - load.began, 1),
            "target": f"p95 < {limit:.0f} ms",
            "met": float(str(during["p95_ms"])) < limit,
        },
        {"what": "pages after a load", **after},
        {
            "what": "full load published",
            "rows": there.rows,
            "seconds": round(load.published - load.began, 1),
            "processor_seconds": round(load.processor, 1),
            "note": f"{load.run.accounts_touched:,} customers recomputed",
        },
        {
            "what": "publish to first push request",
            "seconds": round(request, 2),
            "target": f"< {FIRST_REQUEST_SECONDS:.0f} s",
            "met": request < FIRST_REQUEST_SECONDS,
            "note": f"pushed {load.pushed - load.published:.1f} s after publishing",
        },
    ]


def _loaded(there: Installation) -> _Load:
    there.org.forget_calls()
    used = used_seconds()
    last = Run.objects.latest("pk").pk
    run = there.done_by_worker(RunKind.SYNC, "erp", full=True)
    pushes = Run.objects.filter(kind=RunKind.PUSH, subject=SALESFORCE, pk__gt=last)
    push = there.awaited(pushes.first)
    return _Load(run, push, min(call["at"] for call in there.org.calls()), used_seconds() - used)


def _compared(
    there: Installation, people: Visitors, source: str, stream: str, mirror: str, table: str, rows: int
) -> list[dict[str, object]]:
    """A reconciliation that agrees, and one of planted differences, each beside the pages."""
    limit = RECONCILE_SECONDS if rows <= A_MILLION else RECONCILE_SECONDS_A_MILLION * rows / A_MILLION
    agreeing = _reconciled(there, people, source, stream)
    planted = _plant(source, mirror, table, rows)
    differing = _reconciled(there, people, source, stream)
    found = {each["key"]: each["what"] for group in differing.found.groups for each in group["documents"]}
    return [
        {
            "what": f"reconcile, {named}",
            "rows": rows,
            "seconds": round(each.seconds, 2),
            "processor_seconds": round(each.processor, 1),
            **each.pages,
            "target": f"< {limit:.0f} s",
            "met": each.seconds < limit and exact,
            "note": note,
        }
        for named, each, exact, note in (
            ("all agrees", agreeing, agreeing.found.agrees, "nothing differs"),
            (f"{len(planted)} planted", differing, found == planted, f"{len(found)} found, all by name"),
        )
    ]


@dataclass
class _Reconciled:
    found: Reconciliation
    seconds: float
    processor: float
    pages: dict[str, object]


def _reconciled(there: Installation, people: Visitors, source: str, stream: str) -> _Reconciled:
    used = used_seconds()
    run = there.done_by_worker(RunKind.RECONCILE, source)
    used = used_seconds() - used
    began, ended = _instant(run.started_at), _instant(run.finished_at)
    found = Reconciliation.objects.get(run_ref=run, stream=f"{source}.{stream}")
    return _Reconciled(found, ended - began, used, people.between(began, ended))


def _plant(source: str, mirror: str, table: str, rows: int) -> dict[str, str]:
    """Change, remove and add a few rows behind the product's back; key -> what a comparison must say of it."""
    step = rows // (3 * PLANTED + 1)
    numbers = [step * (place + 1) for place in range(3 * PLANTED)]
    other, missing, extra = numbers[:PLANTED], numbers[PLANTED : 2 * PLANTED], numbers[2 * PLANTED :]
    key = partial("{}:{}".format, source)
    with connection.cursor() as cursor:
        # The last digit of a text, of which no sum tells.
        cursor.execute(
            f"update {mirror} set number = left(number, -1) || 'x' where key = any(%s)", [[key(n) for n in other]]
        )
        cursor.execute(f"delete from {mirror} where key = any(%s)", [[key(n) for n in missing]])
    execute_erp(f"delete from {table} where id in ({', '.join(map(str, extra))})")
    return {key(n): what for group, what in ((other, "other"), (missing, "missing"), (extra, "extra")) for n in group}


def _load_more() -> None:
    """The second ERP's rows, without figures of them."""
    _installation.fill_more(MORE_ROWS, CUSTOMERS)
    with override_settings(PUBLISH_HOOKS=[]):
        run = finish(start_run(RunKind.SYNC, "more"))
    if run.status not in DONE:
        raise RuntimeError(run.problem)
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) erp_order")


def _size(there: Installation) -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database())")
        ((size,),) = cursor.fetchall()
    return {
        "what": "size of the installation",
        "rows": there.rows,
        "note": f"{there.customers:,} customers; database {size / 1e9:.2f} GB; "
        f"worker {there.peak_mb('worker')} MB, web process {there.peak_mb('web')} MB at most",
    }
