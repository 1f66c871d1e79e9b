"""One decision about a link among very many customers, and the page of an account with 10,000 ERP customers.

In the bench warehouse of _warehouse.py; everything is taken back, so that the warehouse stays as it was.
"""

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from customers.deciding.acts import Wanted, decide, undo
from customers.deciding.sharing import Row, share
from customers.models import AccountLink, Customer, LinkDecision, LinkVerdict
from customers.publishing import recompute_all
from tests.benchmarks._warehouse import AS_OF, CUSTOMERS, kept_warehouse

ROUNDS = 5
TARGET, PAGE_TARGET = 0.3, 0.5
MANY = min(10_000, CUSTOMERS // 4)


def measure() -> list[dict[str, object]]:
    """One row per act: the median of some rounds in seconds, and the slowest."""
    with kept_warehouse():
        user = User.objects.filter(username="decider").first() or User.objects.create_user("decider")
        user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
        try:
            return [*_decisions(user), *_page(user)]
        finally:
            user.delete()


def _decisions(user: User) -> list[dict[str, object]]:
    free = list(AccountLink.objects.filter(status="unlinked").order_by("erp_customer")[: ROUNDS + 1])
    taken = list(AccountLink.objects.filter(status="linked").order_by("erp_customer")[: ROUNDS + 1])
    accounts = [str(link.account) for link in taken]
    times: dict[str, list[float]] = {}

    def timed(name: str, act: Callable[[], object]) -> None:
        start = time.perf_counter()
        act()
        times.setdefault(name, []).append(time.perf_counter() - start)

    for number in range(ROUNDS + 1):
        erp, account, other = free[number].erp_customer, accounts[number], accounts[number - 1]
        with transaction.atomic():
            timed("accept", partial(decide, user, Wanted(LinkVerdict.ACCEPT, erp, account)))
            made = LinkDecision.objects.filter(erp_customer=erp)[0]
            timed("undo", partial(undo, user, [made.pk]))
            timed("reject", partial(decide, user, Wanted(LinkVerdict.REJECT, erp, account)))
            halves = (Row(account, per_cent=Decimal(50)), Row(other, per_cent=Decimal(50)))
            timed("share", partial(share, user, erp, halves, "", overrule=True))
            transaction.set_rollback(True)
    # The first round warms up.
    return [_told(f"{name} among {CUSTOMERS:,} customers", each[1:], TARGET) for name, each in times.items()]


def _page(user: User) -> list[dict[str, object]]:
    client, times = Client(), dict[str, list[float]]()
    client.force_login(user)
    with transaction.atomic():
        customer = Customer.objects.exclude(account=None).order_by("pk")[0]
        with connection.cursor() as cursor:
            cursor.execute(
                "update erp_customer set salesforce_account = %s where key in"
                " (select erp_customer from account_link where status = 'linked' order by erp_customer desc limit %s)",
                [customer.account, MANY],
            )
            cursor.execute(
                "update sf_account set erp_number = '' where erp_number in"
                " (select number from erp_customer where salesforce_account = %s)",
                [customer.account],
            )
        recompute_all(AS_OF, current=True)
        for name in ("detail", "erp_customers", "orders", "timeline", "contacts", "products"):
            url = reverse(f"customers:{name}", args=[customer.pk])
            for _ in range(ROUNDS):
                start = time.perf_counter()
                response = client.get(url)
                times.setdefault(name, []).append(time.perf_counter() - start)
                if response.status_code != 200:
                    raise RuntimeError(f"{url} answered {response.status_code}")
        transaction.set_rollback(True)
    return [_told(f"page {name}, {MANY:,} ERP customers", each[1:], PAGE_TARGET) for name, each in times.items()]


def _told(step: str, seconds: list[float], target: float) -> dict[str, object]:
    median = statistics.median(seconds)
    return {
        "step": step,
        "seconds": round(median, 3),
        "slowest": round(max(seconds), 3),
        "target": target,
        "met": median <= target,
    }
