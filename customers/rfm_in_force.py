"""The scales that are in force: those of the newest calibration, before the first one the usual ones."""

from customers.models import RfmCalibration
from customers.rfm_scales import USUAL, Scales, from_stored


def calibration_in_force() -> RfmCalibration | None:
    """The newest calibration; None while the usual scales are in force."""
    return RfmCalibration.objects.order_by("-pk").first()


def scales_in_force() -> Scales:
    """Where scores begin."""
    newest = calibration_in_force()
    return USUAL if newest is None else from_stored(newest.scales)
