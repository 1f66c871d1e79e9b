"""The small company at two days and its cast, for report pages."""

from datetime import timedelta

import pytest

from customers.publishing import recompute_all
from tests.customers.pages.conftest import World, cast, world_of
from tests.customers.pages.world import AS_OF, build_world

__all__ = ["cast", "world"]
EARLIER = AS_OF - timedelta(days=70)


@pytest.fixture
def world(db: None) -> World:
    """The small company as pages find it, with the figures of an earlier day too, so that there is movement."""
    return world_of(_rolled_up)


def _rolled_up() -> None:
    build_world()
    recompute_all(AS_OF, current=True)
    recompute_all(EARLIER, current=False)
