"""Segments over 200,000 customers with figures of two days: the count, and the whole page of members, nothing kept
from before.
"""

import os
import statistics
import time
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client

from customers.models import Customer, CustomerRollup, RollupDay, Segment
from customers.rules.binding import bind
from customers.rules.fields import all_fields
from customers.rules.query import matching
from customers.rules.shape import read_group
from customers.totals import store_totals
from integration_hub.models import SfUser

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "200000"))
AS_OF, EARLIER = date(2026, 11, 23), date(2025, 11, 23)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ROUNDS, WARM_UP, TARGET_MS = 15, 2, 300

# What differs from customer to customer; all other columns are those of one template row.
VARIED = {
    "revenue_ytd": "(n * 7919 % 400000)::numeric",
    "revenue_ytd_prior": "(n * 104729 % 400000)::numeric",
    "revenue_12m": "(n * 7919 % 500000)::numeric",
    "revenue_last_year": "(n * 6700417 % 450000)::numeric",
    "overdue_amount": "case when n % 4 = 0 then (n * 31 % 60000)::numeric else 0 end",
    "overdue_count": "case when n % 4 = 0 then n % 9 else 0 end",
    "last_order_on": "date '2026-11-23' - (n * 17 % 900)::int",
    "average_deal_size": "case when n % 5 = 0 then (n * 13 % 90000)::numeric end",
}
SEGMENTS: dict[str, list[tuple[str, ...]]] = {
    "three rules": [
        ("overdue_amount", "more_than", "1000"),
        ("revenue_ytd", "down_percent", "20", "1", "prior"),
        ("country", "one_of", "DE", "NL", "AT"),
    ],
    "three rules, one against a year ago": [
        ("overdue_amount", "up_percent", "20", "1", "years"),
        ("last_order_on", "within_last", "6", "months"),
        ("city", "contains", "burg"),
    ],
    "three rules that most customers meet": [
        ("revenue_12m", "at_least", "1000"),
        ("segment", "is_not", "Large, overdue, big deals"),
        ("country", "is_not", "FR"),
    ],
}


def measure() -> list[dict[str, object]]:
    """One row per segment: median and 95th percentile of counting in the builder and of the page of members."""
    _fill()
    client = _analyst()
    return [_measured(client, name, rules) for name, rules in SEGMENTS.items()]


def _measured(client: Client, name: str, rules: list[tuple[str, ...]]) -> dict[str, object]:
    data = {"all": [{"field": field, "is": asked, "values": values} for field, asked, *values in rules]}
    user = User.objects.get(username="iris")
    values: dict[str, Any] = {"owner": user, "owner_name": "Iris", "rules": data, "created_at": NOW, "changed_at": NOW}
    segment = Segment.objects.create(name=name, **values)
    state: dict[str, Any] = {"g": "all"}
    for place, (field, asked, *given) in enumerate(rules):
        state |= {f"{place}.f": field, f"{place}.is": asked, f"{place}.v": given}
    counted = _timed(client, "/segments/new/", state)
    members = _timed(client, f"/segments/{segment.pk}/", {})
    count = matching(CustomerRollup.objects.filter(as_of=AS_OF), bind(read_group(data), all_fields(), AS_OF)).count()
    return {
        "segment": name,
        "customers": CUSTOMERS,
        "members": count,
        "count_median_ms": counted[0],
        "count_p95_ms": counted[1],
        "members_median_ms": members[0],
        "members_p95_ms": members[1],
        "target_ms": TARGET_MS,
        "met": members[1] < TARGET_MS,
    }


def _timed(client: Client, path: str, query: dict[str, Any]) -> tuple[float, float]:
    times = []
    for _ in range(ROUNDS + WARM_UP):
        cache.clear()
        start = time.perf_counter()
        answer = client.get(path, query)
        times.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    times = sorted(times[WARM_UP:])
    return round(statistics.median(times), 1), round(times[max(0, int(len(times) * 0.95) - 1)], 1)


def _fill() -> None:
    template = Customer.objects.create(name="Template", erp_customer="erp:template")
    row = CustomerRollup.objects.create(customer=template, as_of=date(2000, 1, 1), computed_at=NOW)
    columns = [
        str(field.column) for field in CustomerRollup._meta.fields if field.column != "id" and not field.generated
    ]
    figures = [VARIED.get(column, f"t.{column}") for column in columns]
    SfUser.objects.create(key="005Dn000001aaaaIAA", source="salesforce", synced_at=NOW, name="Ana Duarte")
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into customer (account, name, owner, owner_before, erp_numbers, city, country, industry, currency,
                search_text, is_prospect)
            select '001' || lpad(n::text, 15, '0'), 'Customer ' || n, '005Dn000001aaaaIAA', '', n::text,
                (array['Hamburg', 'Utrecht', 'Salzburg', 'Lyon', 'Magdeburg'])[1 + n / 3 %% 5],
                (array['DE', 'NL', 'AT', 'FR', 'BE', 'GB', 'PL', 'CZ'])[1 + n / 7 %% 8], '', 'EUR', '', false
            from generate_series(1, %s) n""",
            [CUSTOMERS],
        )
        for day, shift in ((AS_OF, 0), (EARLIER, 39_892)):
            chosen = [
                "c.id" if column == "customer_id" else "%s::date" if column == "as_of" else figure
                for column, figure in zip(columns, figures, strict=True)
            ]
            cursor.execute(
                f"insert into rollup_customer ({', '.join(columns)}) "
                f"select {', '.join(each.replace(' % ', ' %% ') for each in chosen)} from rollup_customer t, "
                "(select id, id + %s as n from customer where account is not null) c where t.id = %s",
                [day, shift, row.pk],
            )
        cursor.execute("vacuum analyze")
    row.delete()
    template.delete()
    for day in (AS_OF, EARLIER):
        RollupDay.objects.create(as_of=day, current=day == AS_OF, completed_at=NOW)
    # What the frame of every page shows is stored when figures are published.
    store_totals(AS_OF)


def _analyst() -> Client:
    user = User.objects.create_user("iris", password="a long enough password")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    client = Client()
    client.force_login(user)
    return client
