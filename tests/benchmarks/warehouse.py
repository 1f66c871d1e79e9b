"""Server time of the pages over 200,000 customers and 10,000,000 documents, through the whole stack but the network.

BENCH_CUSTOMERS and BENCH_DOCUMENTS make it smaller, BENCH_ROUNDS repeats every page that often.
"""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from customers.models import AccountLink, Customer, CustomerRollup
from integration_hub.models import ErpInvoice
from tests.benchmarks._warehouse import AS_OF, CUSTOMERS, DOCUMENTS, kept_warehouse

ROUNDS, WARM_UP = int(os.environ.get("BENCH_ROUNDS", "60")), 5
PEOPLE = {
    "administrator": ("bench-admin", "Administrators", ""),
    "account manager": ("bench-manager", "Account managers", "user2@bench.example"),
}
# Common and rare, names and numbers, hits and misses, whole and half typed.
SEARCHES = (
    "k",
    "kestrel",
    "müller hydraulik",
    "gmbh",
    "rotterdam",
    "zzyzx",
    "kestrle",
    "verhagen",
    "0000100123",
    "100123",
    "450000",
    "9000012345",
    "PO-0000",
    "1",
    "001Dn0000000123IAA",
)
COUNTRIES, INDUSTRIES = ("DE", "NL", "AT", "FR", "IT", "PL"), ("Energy", "Retail", "Chemicals", "Machinery")
SORTS = ("overdue_amount", "-revenue_last_year", "name", "last_order_on", "open_orders_amount")


def measure() -> list[dict[str, object]]:
    """Median and 95th percentile of each page in milliseconds, for somebody who sees everything and for one owner."""
    with kept_warehouse():
        pages = _pages()
        return [
            _timed(client, who, name, paths, target)
            for who, client in _clients()
            for name, (paths, target) in pages.items()
        ]


def _clients() -> Iterator[tuple[str, Client]]:
    for who, (name, group, email) in PEOPLE.items():
        user, _ = User.objects.get_or_create(username=name, defaults={"email": email})
        user.groups.add(Group.objects.get_or_create(name=group)[0])
        client = Client()
        client.force_login(user)
        yield who, client


def _pages() -> dict[str, tuple[Sequence[str], int]]:
    """By name the addresses that are asked in turn, and the target. All belong to one owner, the biggest customer's."""
    current = CustomerRollup.objects.filter(as_of=AS_OF).order_by("-invoice_count")
    owner = current.values_list("customer__owner", flat=True)[0]
    mine = Customer.objects.filter(owner=owner, gone_at=None)
    rollups = CustomerRollup.objects.filter(as_of=AS_OF, customer__in=mine).order_by("-invoice_count")
    keys = list(rollups.values_list("customer_id", flat=True))
    ordinary = keys[len(keys) // 2]
    bought = AccountLink.objects.filter(customer=ordinary).values("erp_customer")
    invoices = list(ErpInvoice.objects.filter(customer__in=bought).values_list("key", flat=True)[:20])
    lists = [
        f"{reverse('customers:list')}?country={country}&industry={industry}&sort={sort}"
        for country in COUNTRIES
        for industry in INDUSTRIES
        for sort in SORTS
    ]
    return {
        "customer with most invoices": ([reverse("customers:detail", args=(keys[0],))], 100),
        "customer in the middle": ([reverse("customers:detail", args=(ordinary,))], 40),
        "list, two filters and sort": (lists, 100),
        "list of all": ([reverse("customers:list")], 100),
        "search": ([f"{reverse('customers:search')}?part=1&q={text}" for text in SEARCHES], 80),
        "invoice": ([reverse("customers:invoice", args=(key,)) for key in invoices], 40),
        "home": ([reverse("customers:home")], 100),
    }


def _timed(client: Client, who: str, name: str, paths: Sequence[str], target: int) -> dict[str, object]:
    """Addresses in turn, after a few rounds that fill the database's memory."""
    times = []
    for path in islice(cycle(paths), max(ROUNDS, len(paths)) + WARM_UP):
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        if answer.status_code not in {200, 302}:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    times = sorted(times[WARM_UP:])
    p95 = times[int(len(times) * 0.95) - 1]
    return {
        "page": name,
        "for": who,
        "customers": CUSTOMERS,
        "documents": DOCUMENTS,
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(p95, 1),
        "target_p95_ms": target,
        "met": p95 < target,
    }
