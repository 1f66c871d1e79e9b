"""A month of daily figures of the bench warehouse: what a day takes in the table, packed, and brought back.

What five years take is told from it: one base and 30 packed days a month, beside the days that stay in the table.
BENCH_CUSTOMERS and BENCH_DOCUMENTS make it smaller; the sizes are told for 200,000 customers then. BENCH_DAYS are the
days of the month that are looked at (31).
"""

import os
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from customers import history
from customers.history.days import pack
from customers.models import ArchiveBase, ArchivedFigures, CustomerRollup, RollupDay
from customers.publishing import recompute_all
from integration_hub.config import hub
from tests.benchmarks import _warehouse

DAYS = int(os.environ.get("BENCH_DAYS", "31"))
TOLD_FOR, TARGET_GB, MONTHS = 200_000, 20.0, 60
SUM = """
    select count(*), md5(string_agg(to_jsonb(r)::text, '' order by customer_id))
    from (select * from rollup_customer where as_of = %s) as c, lateral (select (to_jsonb(c) - 'id') as r) as l
"""


def measure() -> list[dict[str, object]]:
    """Seconds and bytes of each step."""
    with _warehouse.kept_warehouse():
        days = [_warehouse.AS_OF - timedelta(days=back) for back in range(DAYS, 0, -1)]
        try:
            return _measured(days)
        finally:
            CustomerRollup.objects.filter(as_of__in=days).delete()
            RollupDay.objects.filter(as_of__in=days).delete()
            ArchivedFigures.objects.all().delete()
            ArchiveBase.objects.all().delete()


def _measured(days: list[date]) -> list[dict[str, object]]:
    before = _size("rollup_customer")
    rolled = _timed(lambda: [recompute_all(day, current=False, links_then=False) for day in days])
    in_table = (_size("rollup_customer") - before) / len(days)
    sums = {day: _asked(SUM, day) for day in days}
    packed = _timed(lambda: [pack(day, timezone.now()) for day in days])
    base = float(_asked("select sum(length(data)) from rollup_archive_base")[0])
    deltas = float(_asked("select sum(length(data)) from rollup_archive")[0])
    bases = ArchiveBase.objects.values("of_day").distinct().count()
    brought = _timed(lambda: history.bring(days[-1]))
    same = all(history.bring(day) or True for day in days) and all(_asked(SUM, day) == sums[day] for day in days)
    scale = TOLD_FOR / max(1, sums[days[0]][0])
    kept = hub().history.daily_days + hub().history.month_ends
    years = scale * (MONTHS * (base / bases + 30.4 * deltas / len(days)) + kept * in_table) / 1e9
    return [
        {"what": "a day in the table", "seconds": round(rolled / len(days), 2), "mb": _mb(in_table * scale)},
        {"what": "a base, packed", "mb": _mb(base / bases * scale)},
        {"what": "a day, packed", "seconds": round(packed / len(days), 2), "mb": _mb(deltas / len(days) * scale)},
        {"what": "a day brought back", "seconds": round(brought, 2), "same": same},
        {
            "what": f"5 years, {kept} days of them in the table",
            "gb": round(years, 1),
            "target": f"< {TARGET_GB:.0f} GB",
        },
    ]


def _size(table: str) -> int:
    return int(_asked("select pg_total_relation_size(%s::regclass)", table)[0])


def _mb(size: float) -> float:
    return round(float(size) / 1e6, 1)


def _timed(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def _asked(statement: str, *parameters: date | str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
        return row
