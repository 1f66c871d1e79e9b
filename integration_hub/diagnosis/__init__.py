"""Green, amber and red checks of everything the hub leans on, each with its remedy."""

from integration_hub.diagnosis.check import Check, Light, worst
from integration_hub.diagnosis.local import local_checks
from integration_hub.diagnosis.outside import outside_checks

__all__ = ["Check", "Light", "local_checks", "outside_checks", "worst"]
