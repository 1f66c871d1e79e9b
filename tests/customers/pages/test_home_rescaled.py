"""Home does not tell owners that their customers moved when nobody did anything but set other scales."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.contrib.auth.models import User

from customers.models import RfmMembership
from customers.publishing import recompute_all
from customers.rfm_calibration import calibrate
from customers.rfm_scales import Scales
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.world import AS_OF


def test_a_move_by_new_scales_says_so_and_one_by_orders_does_not(world: World, cast: Cast) -> None:
    recompute_all(AS_OF - timedelta(days=8), current=False)
    user = User.objects.create_user("rita", first_name="Rita", last_name="Berg")
    strict = Scales(recency=(9, 4, 3, 2), monetary=(Decimal(1), Decimal(2), Decimal(3), Decimal(4)), new_days=0)
    made = calibrate(user, AS_OF, strict, method="absolute", ties="", reason="Orders come weekly now")
    moved = RfmMembership.objects.get(customer=world.kestrel)
    assert (moved.since, moved.calibration_id) == (AS_OF, made.pk)
    assert moved.before
    assert "with the new scales of" in _text(cast)
    RfmMembership.objects.filter(customer=world.kestrel).update(since=AS_OF - timedelta(days=1))
    assert "with the new scales of" not in _text(cast)


def _text(cast: Cast) -> Any:
    with time_machine.travel(datetime(2026, 11, 23, 9, tzinfo=UTC)):
        told = cast.owner.get("/book/changes/rfm/", {"since": "7-days"}).context["told"].group
    return next(row.text for row in told.rows if row.label.startswith("Kestrel"))
