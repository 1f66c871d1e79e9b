"""RFM of 200,000 customers: every score read, the grid, shared out anew, kept by a publish, previewed, and movement.

The rollups of two days are invented where they lie; BENCH_CUSTOMERS makes it smaller. `mb` is what the process holds
at most after a step, beyond what it held before the first one.
"""

import os
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.db.models import Count, Model
from django.test import Client

from customers import rfm_membership
from customers.models import Customer, CustomerRollup, RollupDay
from customers.rfm import at_day, scored
from customers.rfm_calibration import change
from customers.rfm_moves import SORTINGS, moves
from customers.rfm_quantiles import equal_shares
from customers.rfm_scales import USUAL, Scales
from reports.rfm.grid import counted_cells

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "200000"))
AS_OF, EARLIER = date(2026, 11, 23), date(2026, 10, 23)
TARGET_SECONDS, TARGET_MB = 3.0, 500
# Skewed like real customers: most with one order, few with hundreds, one in ten without any.
INVENTED = {
    "last_order_on": "case when n %% 10 > 0 then %(day)s::date - (power(random(), 2) * 900)::int end",
    "first_order_on": "case when n %% 10 > 0 then %(day)s::date - 900 - n %% 400 end",
    "order_count": "case when n %% 10 > 0 then 1 + floor(300 * power(random(), 9))::int else 0 end",
    "order_count_12m": "case when n %% 10 > 0 then 1 + floor(90 * power(random(), 9))::int else 0 end",
    "order_parts_12m": "case when n %% 10 > 0 then 1 + floor(90 * power(random(), 9))::int else 0 end",
    "revenue_12m": "round((900000 * power(random(), 8))::numeric, 4)",
    "revenue_prior_12m": "round((900000 * power(random(), 8))::numeric, 4)",
    "overdue_amount": "case when n %% 7 = 0 then round((20000 * random())::numeric, 2) else 0 end",
}


def measure() -> list[dict[str, object]]:
    """Seconds and memory of each step."""
    _fill()
    client = _analyst()
    before = _peak()
    steps: dict[str, Callable[[], object]] = {
        "score of every customer, read": _read_all,
        "grid of all": lambda: counted_cells(at_day(AS_OF), USUAL),
        "equal shares": lambda: equal_shares(AS_OF, USUAL),
        "kept by a publish, first time": _keep,
        "kept by a publish, nothing changed": _keep,
        "preview of other scales": lambda: change(AS_OF, Scales(recency=(300, 150, 60, 20))),
        "movement between two days": _movement,
        "RFM report, page": lambda: _asked(client, "/reports/rfm/"),
        "movement report, page": lambda: _asked(client, "/reports/movement/"),
        "preview, page": lambda: _asked(client, "/reports/rfm/calibrate/?r5=20"),
    }
    return [_timed(name, step, before) for name, step in steps.items()]


def _timed(name: str, step: Callable[[], object], before: int) -> dict[str, object]:
    start = time.perf_counter()
    step()
    seconds = time.perf_counter() - start
    used = _peak() - before
    return {
        "step": name,
        "customers": CUSTOMERS,
        "seconds": round(seconds, 2),
        "mb": used,
        "target_seconds": TARGET_SECONDS,
        "target_mb": TARGET_MB,
        "met": seconds < TARGET_SECONDS and used < TARGET_MB,
    }


def _read_all() -> None:
    rows = scored(at_day(AS_OF), USUAL).values_list("customer_id", "rfm_segment", "rfm_digits")
    found = sum(1 for _ in rows.iterator(chunk_size=5000))
    if found != CUSTOMERS:
        raise RuntimeError(f"{found} customers were scored")


@transaction.atomic
def _keep() -> None:
    rfm_membership.keep(AS_OF, everything=True)


def _movement() -> None:
    list(
        moves(at_day(AS_OF), EARLIER, SORTINGS["rfm"])
        .order_by()
        .values_list("moved_from", "moved_to")
        .annotate(Count("pk"))
    )


def _asked(client: Client, path: str) -> None:
    status = client.get(path).status_code
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")


def _analyst() -> Client:
    user = User.objects.create_user("bench-analyst")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    client = Client()
    client.force_login(user)
    # What the first request of a process imports belongs to no step.
    _asked(client, "/reports/")
    return client


def _fill() -> None:
    who = {"name": "'Customer ' || n", "account": "'001' || lpad(n::text, 12, '0') || 'AAA'"}
    _insert(Customer, who, f"generate_series(1, {CUSTOMERS}) n", {})
    for day in (EARLIER, AS_OF):
        _invent(day)
        RollupDay.objects.create(as_of=day, current=day == AS_OF, completed_at=f"{day + timedelta(days=1)}T01:00:00Z")
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) customer, rollup_customer")


def _invent(day: date) -> None:
    """One rollup per customer."""
    values = {"customer_id": "id", "as_of": "%(day)s", "computed_at": "now()"} | INVENTED
    numbered = "(select id, (row_number() over (order by id))::int as n from customer) c"
    _insert(CustomerRollup, values, numbered, {"day": day})


def _insert(model: type[Model], values: dict[str, str], rows: str, parameters: dict[str, date]) -> None:
    """A row for each of these; what is not given has the model's default."""
    for each in model._meta.concrete_fields:
        if each.column and each.column not in values and each.column != "id" and not each.generated:
            values[each.column] = _default(each)
    with connection.cursor() as cursor:
        columns = f"insert into {model._meta.db_table} ({', '.join(values)})"
        cursor.execute(f"{columns} select {', '.join(values.values())} from {rows}", parameters or None)


def _default(field: Any) -> str:
    value = None if field.null else field.get_default()
    return str(value) if isinstance(value, int | Decimal) else "null" if value is None else f"'{value}'"


def _peak() -> int:
    """The most memory that this process held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
