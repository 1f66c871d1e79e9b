"""Accounts mirrored through a Bulk job of the practice org: CPU time of the reading process per row beside that of
PostgreSQL's COPY for the same rows, and the memory it takes.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.test import override_settings

from integration_hub.jobs import finish
from integration_hub.models import RunKind, RunStatus, SfAccount
from integration_hub.runs import start_run
from integration_hub.salesforce import polling
from integration_hub.sources import Extract, open_source
from integration_hub.warehouse import drop_stage
from integration_hub.warehouse_portions import fill_portions
from tests.practice_org import PracticeOrg, start_practice_org

ROWS = int(os.environ.get("BENCH_ACCOUNTS", "500000"))
PORTION = 10_000
MEMORY_TARGET_MB = 100
FIELDS = [
    {"name": "ERP_Number__c", "type": "string", "length": 40, "externalId": True},
    {"name": "ERP_Overdue_Amount__c", "type": "currency", "precision": 18, "scale": 2},
]
CONFIG = """
sources = []
[company]
name = "Bench"
reporting_currency = "EUR"
time_zone = "UTC"
[[push.fields]]
field = "ERP_Overdue_Amount__c"
measure = "overdue_amount"
[push]
enabled = false
[salesforce]
login_url = "{url}"
client_id = "{client_id}"
client_secret = "${{BENCH_SECRET}}"
timeout_seconds = 600
"""


@dataclass(frozen=True)
class Cost:
    """What something took: seconds on the clock, CPU seconds of this process and of its PostgreSQL backend, and how
    far the memory of this process rose above its beginning, in MB.
    """

    seconds: float
    client: float
    backend: float
    memory: float


def measure() -> list[dict[str, object]]:
    """The stage alone, then the whole sync."""
    with _org(ROWS) as org, _configured(org):
        polling.DEADLINE_SECONDS = 3600.0
        staged = _stage()
        whole = _sync()
    below = staged.client < staged.backend
    flat = max(staged.memory, whole.memory) < MEMORY_TARGET_MB
    return [
        _row("extract and COPY into the stage", staged, met=below and staged.memory < MEMORY_TARGET_MB),
        _row("first sync: read, compare, publish", whole, met=flat),
    ]


def _row(name: str, cost: Cost, *, met: bool) -> dict[str, object]:
    return {
        "what": name,
        "rows": ROWS,
        "seconds": round(cost.seconds, 1),
        "client us/row": round(cost.client / ROWS * 1e6, 2),
        "PostgreSQL us/row": round(cost.backend / ROWS * 1e6, 2),
        "MB above start": round(cost.memory, 1),
        "target": f"client below COPY, < {MEMORY_TARGET_MB} MB",
        "met": met,
    }


def _stage() -> Cost:
    source = open_source("salesforce")
    stream = next(each for each in source.streams if each.name == "Account")
    source.check()
    with _measured() as cost, source.extract(stream, None) as extract:
        stage = fill_portions(0, stream.name, _only_bulk(extract), None)
    if stage.rows != ROWS:
        raise RuntimeError(f"{stage.rows} of {ROWS} rows arrived")
    drop_stage(stage)
    return cost[0]


def _only_bulk(extract: Extract) -> Extract:
    if extract.format != "csv":
        raise RuntimeError("the rows do not come through a Bulk job")
    return extract


def _sync() -> Cost:
    with _measured() as cost:
        run = finish(start_run(RunKind.SYNC, "salesforce"))
    if run.status != RunStatus.SUCCEEDED or SfAccount.objects.count() != ROWS:
        raise RuntimeError(f"{run.problem} {SfAccount.objects.count()} accounts")
    return cost[0]


@contextmanager
def _measured() -> Iterator[list[Cost]]:
    found: list[Cost] = []
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        pid = int((cursor.fetchone() or (0,))[0])
    start_memory = _memory_now()
    began, client, backend = time.perf_counter(), _client_cpu(), _backend_cpu(pid)
    yield found
    found.append(
        Cost(
            time.perf_counter() - began,
            _client_cpu() - client,
            _backend_cpu(pid) - backend,
            max(0.0, _peak_memory() - start_memory),
        )
    )


def _client_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _backend_cpu(pid: int) -> float:
    """User and system time of a process on this machine, from Linux; 0 elsewhere."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return 0.0
    parts = status.read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _memory_now() -> float:
    status = Path("/proc/self/statm")
    if not status.exists():
        return _peak_memory()
    # Forget the peak of what ran before.
    Path("/proc/self/clear_refs").write_text("5")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2


def _peak_memory() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


@contextmanager
def _org(rows: int) -> Iterator[PracticeOrg]:
    """A practice org with so many accounts."""
    process, url = start_practice_org()
    try:
        org = PracticeOrg(url)
        org.admin(
            "users_app", {"client_id": org.client_id, "client_secret": org.client_secret, "username": org.username}
        )
        org.admin("fields", {"sobject": "Account", "fields": FIELDS})
        org.admin("settings", {"bulk_page_rows": 50_000})
        for start in range(0, rows, PORTION):
            org.seed("Account", *(_account(number) for number in range(start, min(rows, start + PORTION))))
        yield org
    finally:
        process.terminate()
        process.wait(timeout=60)


def _account(number: int) -> dict[str, object]:
    """Invented, with the lengths of real ones; every third amount needs an exponent."""
    return {
        "Name": f"Customer {number} Müller & Söhne GmbH",
        "ERP_Number__c": f"{number:010d}",
        "ERP_Overdue_Amount__c": number * 1234.57 if number % 3 else number * 0.1,
        "AccountNumber": f"A-{number}",
        "Industry": "Manufacturing",
        "Phone": f"+49 30 {number:08d}",
        "Website": f"https://customer-{number}.example",
        "BillingStreet": f"Hauptstraße {number % 200}",
        "BillingCity": "Musterstadt",
        "BillingPostalCode": f"{10000 + number % 80000}",
        "BillingCountry": "Germany",
    }


@contextmanager
def _configured(org: PracticeOrg) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as name:
        os.environ["BENCH_SECRET"] = org.client_secret
        path = Path(name) / "hub.toml"
        path.write_text(CONFIG.format(url=org.url, client_id=org.client_id), encoding="utf-8")
        with override_settings(HUB_CONFIG=str(path)):
            yield
