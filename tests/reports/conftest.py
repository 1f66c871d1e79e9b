"""The small company at two days and its cast, for report pages."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from customers.models import Customer
from customers.publishing import recompute_all
from tests.customers.pages.conftest import World, cast
from tests.customers.pages.world import AS_OF, KESTON, KESTREL, PROSPECT, build_world
from tests.remembered import remembered

__all__ = ["cast", "world"]
EARLIER = AS_OF - timedelta(days=70)


@pytest.fixture
def world(db: None) -> World:
    """The small company as pages find it, with the figures of an earlier day too, so that there is movement."""
    remembered(_rolled_up)
    # What pages keep for each state of the figures: the remembered rows are of one instant, whatever a test changes.
    cache.clear()
    return World(
        kestrel=Customer.objects.get(account=KESTREL),
        keston=Customer.objects.get(account=KESTON),
        prospect=Customer.objects.get(account=PROSPECT),
        unlinked=Customer.objects.get(erp_customer="erp:100009"),
    )


def _rolled_up() -> None:
    build_world()
    recompute_all(AS_OF, current=True)
    recompute_all(EARLIER, current=False)
