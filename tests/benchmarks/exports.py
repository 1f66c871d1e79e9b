"""A long CSV beside PostgreSQL's own COPY TO, its memory, and an Excel file made by a worker while pages are read."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from reports.asking import usual_question
from reports.catalogue import get_report
from reports.export_csv import csv_blocks
from reports.export_jobs import request_export
from reports.export_seal import Seal
from reports.exporting import prepare
from reports.models import ExportJob, ExportState
from tests.benchmarks.pages import AS_OF, big_customer

ROWS, SHEET_ROWS = int(os.environ.get("BENCH_EXPORT_ROWS", "1000000")), 100_000
MOST_MB, SHARE_OF_COPY = 100, 1 / 3
TURN = 5
# One day of many more invoices of all customers: what the pages' bench makes, over and over.
MORE = """insert into erp_invoice (key, source, synced_at, gone_reason, number, kind, customer_id, issued_on, posted_on,
    due_on, currency, net_amount, tax_amount, gross_amount, company_currency, status, source_status,
    customer_reference, revenue_on, revenue_amount, reporting_rate, reporting_amount)
select 'erp:X' || n, 'erp', now(), '', 'X' || n, 'invoice', 'erp:' || 2 + n %% 1998, day, day, day + 30, 'EUR',
    100 + n %% 900, 19, 119 + n %% 900, 'EUR', 'paid', '', 'PO ' || n, day, 100 + n %% 900, 1, 100 + n %% 900
from (select n, %s::date - n %% 300 as day from generate_series(1, %s) n) made"""
WORKER = """
import django, sys
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from reports.export_jobs import work
def most():
    return next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
before = most()
work(int(sys.argv[1]))
print(before, most())
"""


def measure() -> list[dict[str, object]]:
    """CSV against COPY TO, then the Excel job with the pages beside it."""
    with big_customer() as (client, pk):
        with connection.cursor() as cursor:
            cursor.execute(MORE, [AS_OF, ROWS])
            cursor.execute("vacuum analyze erp_invoice")
        analyst = User.objects.create_user("iris")
        analyst.groups.add(Group.objects.get_or_create(name="Analysts")[0])
        report = get_report("invoices")
        export = prepare(report, usual_question(report, user=analyst, as_of=AS_OF))
        # Alternating, so that a machine that is busy with something else is busy for both.
        copied, streamed = [], []
        for _ in range(3):
            copied.append(_copy(export.rows))
            streamed.append(_csv(export))
        copy, csv = min(copied), min(each[0] for each in streamed)
        rows = streamed[0][1]
        return [
            {"what": "COPY TO", "rows": rows, "seconds": round(copy, 2), "rows_a_second": int(rows / copy)},
            {
                "what": "CSV export",
                "rows": rows,
                "seconds": round(csv, 2),
                "rows_a_second": int(rows / csv),
                "more_mb": max(each[2] for each in streamed),
                "share_of_copy": round(copy / csv, 2),
                "met": copy / csv >= SHARE_OF_COPY and max(each[2] for each in streamed) < MOST_MB,
            },
            *_sheet(client, pk, analyst),
        ]


def _copy(rows: Any) -> float:
    """PostgreSQL's own COPY TO of the same columns in the same order, thrown away."""
    cells = {f"cell_{place}": column.expression for place, column in enumerate(rows.columns)}
    query, parameters = rows.ordered().annotate(**cells).values_list(*cells).query.sql_with_params()
    connection.ensure_connection()
    raw: Any = connection.connection
    began = time.perf_counter()
    with raw.cursor() as cursor, cursor.copy(f"copy ({query}) to stdout with (format csv)", parameters) as copy:
        for _ in copy:
            pass
    return time.perf_counter() - began


def _csv(export: Any) -> tuple[float, int, int]:
    seal, before, most = Seal(), _resident_mb(), 0
    began = time.perf_counter()
    for number, _ in enumerate(csv_blocks(export, seal)):
        if number % 200 == 0:
            most = max(most, _resident_mb())
    return time.perf_counter() - began, seal.rows, max(0, most - before)


def _resident_mb() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def _sheet(client: Client, pk: int, analyst: User) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute("delete from erp_invoice where key like 'erp:X%%' and substr(key, 6)::int > %s", [SHEET_ROWS])
    job = request_export(analyst, report="invoices", question={"kind": "invoice"}, as_of=AS_OF, form="xlsx")
    with _worker(job) as worker:
        beside, alone, seconds = _with_and_without(
            worker, lambda: _page(client, reverse("customers:detail", args=(pk,)))
        )
        before, after = (int(part) for part in worker.communicate()[0].split())
    job.refresh_from_db()
    return [
        {
            "what": "Excel in a job",
            "rows": job.rows_done,
            "seconds": round(seconds, 1),
            "rows_a_second": int(job.rows_done / seconds),
            "more_mb": (after - before) // 1024,
            "pages": len(beside),
            "page_median_ms": round(statistics.median(beside), 1),
            "page_median_ms_without": round(statistics.median(alone), 1),
            "page_p95_ms": round(statistics.quantiles(beside, n=20)[-1], 1),
            "page_p95_ms_without": round(statistics.quantiles(alone, n=20)[-1], 1),
            "met": job.state == ExportState.DONE and (after - before) // 1024 < MOST_MB,
        }
    ]


@contextmanager
def _worker(job: ExportJob) -> Iterator[Any]:
    command = [sys.executable, "-c", WORKER, str(job.pk), str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        yield worker


def _with_and_without(worker: Any, page: Callable[[], float]) -> tuple[list[float], list[float], float]:
    """Milliseconds of pages beside the worker and while it stands still, in turns, so that a machine that is busy with
    something else is busy for both; and for how many seconds the worker ran.
    """
    beside: list[float] = []
    alone: list[float] = []
    ran = 0.0
    page()
    while worker.poll() is None:
        began = time.perf_counter()
        beside += [page() for _ in range(TURN)]
        ran += time.perf_counter() - began
        worker.send_signal(signal.SIGSTOP)
        alone += [page() for _ in range(TURN)]
        worker.send_signal(signal.SIGCONT)
    return beside, alone, ran


def _page(client: Client, url: str) -> float:
    began = time.perf_counter()
    if client.get(url).status_code != 200:
        raise RuntimeError(f"{url} does not answer")
    return (time.perf_counter() - began) * 1000
