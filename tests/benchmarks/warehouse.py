"""Server time of the pages over 200,000 customers and 10,000,000 documents, through the whole stack but the network.

BENCH_CUSTOMERS and BENCH_DOCUMENTS make it smaller, BENCH_ROUNDS repeats every page that often.
"""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from django.contrib.auth.models import Group, User
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from customers.models import AccountLink, Customer, CustomerRollup
from integration_hub import collecting
from integration_hub.models import ErpInvoice
from tests.benchmarks._warehouse import AS_OF, CUSTOMERS, DOCUMENTS, kept_warehouse

# A page is asked no longer than this, and a statement that takes a third of it is given up and counts as that long.
LONGEST_SECONDS = 15
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
        _give_up_after(LONGEST_SECONDS * 1000 // 3)
        collecting.settle()  # as the web's processes do
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
        "list, two filters and sort": (lists, 100),
        "list of all": ([reverse("customers:list")], 100),
        "search": ([f"{reverse('customers:search')}?part=1&q={text}" for text in SEARCHES], 80),
        "invoice": ([reverse("customers:invoice", args=(key,)) for key in invoices], 40),
        "home": ([reverse("customers:home")], 100),
        "customer with most invoices": ([reverse("customers:detail", args=(keys[0],))], 100),
        "customer in the middle": ([reverse("customers:detail", args=(ordinary,))], 40),
    }


def _timed(client: Client, who: str, name: str, paths: Sequence[str], target: int) -> dict[str, object]:
    """Addresses in turn, after a few rounds that fill the database's memory."""
    times: list[float] = []
    for path in islice(cycle(paths), max(ROUNDS, len(paths)) + WARM_UP):
        times.append(_asked(client, path))
        if sum(times) > LONGEST_SECONDS * 1000:
            break
    times = sorted(times[WARM_UP:] or times)
    p95 = times[max(0, int(len(times) * 0.95) - 1)]
    return {
        "page": name,
        "for": who,
        "customers": CUSTOMERS,
        "documents": DOCUMENTS,
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(p95, 1),
        "requests": len(times),
        "target_p95_ms": target,
        "met": p95 < target,
    }


def _asked(client: Client, path: str) -> float:
    """Milliseconds until the answer; RuntimeError for one that is no page."""
    start = time.perf_counter()
    try:
        status = client.get(path).status_code
    except OperationalError:
        status = 200  # given up
    if status not in {200, 302}:
        raise RuntimeError(f"{path} answered {status}")
    return (time.perf_counter() - start) * 1000


def _give_up_after(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set statement_timeout = {milliseconds}")
