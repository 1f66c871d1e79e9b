"""How many queries the pages take that people open most: a number that grows is a page that gets slow."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.publishing import recompute_all
from integration_hub.models import ErpCustomer
from tests.customers.pages.conftest import Cast
from tests.customers.pages.world import AS_OF, build_invoice, mirrored

# By role and page the most that the first reader after a publish asks, and every later one: sums and news are kept.
MOST = {
    "analyst": {
        "/?since=30-days": (36, 29),
        "/customers/": (23, 23),
        "/customers/?country=NL&sort=name": (24, 23),
        "/search/?part=1&q=kestrel": (18, 18),
        "/search/?part=1&q=F-1": (13, 13),
    },
    "owner": {
        "/?since=30-days": (41, 34),
        "/customers/": (26, 26),
        "/customers/?country=NL&sort=name": (27, 26),
        "/search/?part=1&q=kestrel": (21, 21),
        "/search/?part=1&q=F-1": (18, 18),
    },
}


def asked(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def too_many(client: Any, role: str) -> dict[str, tuple[int, int]]:
    taken = {path: (asked(client, path), asked(client, path)) for path in MOST[role]}
    return {path: (first, later) for path, (first, later) in taken.items() if beyond(MOST[role][path], first, later)}


def beyond(most: tuple[int, int], first: int, later: int) -> bool:
    return first > most[0] or later > most[1]


@pytest.mark.parametrize("role", MOST)
def test_home_list_and_search_take_no_more_queries_than_they_need_however_many_customers(cast: Cast, role: str) -> None:
    client = getattr(cast, role)
    client.get("/customers/")
    assert too_many(client, role) == {}
    for index in range(60):
        mirrored(ErpCustomer, f"erp:7{index}", number=f"7{index}", name=f"Kestrel {index:02d}", country="NL")
        build_invoice(f"F-1{index}", f"erp:7{index}", days_ago=40, net=100 + index)
    recompute_all(AS_OF, current=True)
    assert too_many(client, role) == {}
