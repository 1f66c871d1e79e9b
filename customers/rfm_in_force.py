"""The scales that are in force: those of the newest calibration, before the first one the usual ones."""

from django.db.models import QuerySet

from customers.models import RfmCalibration
from customers.rfm_scales import USUAL, Scales, from_stored
from integration_hub.prepared import prepared


def calibration_in_force() -> RfmCalibration | None:
    """The newest calibration; None while the usual scales are in force."""
    return next(iter(_newest()), None)


@prepared
def _newest() -> "QuerySet[RfmCalibration]":
    return RfmCalibration.objects.order_by("-pk")[:1]


def scales_in_force() -> Scales:
    """Where scores begin."""
    newest = calibration_in_force()
    return USUAL if newest is None else from_stored(newest.scales)
