"""The pages about pushes, and those about runs, as tabs."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from integration_hub.alerts.counting import open_alerts
from integration_hub.models import DriftRecord, ParkedRow
from integration_hub.pages.drift_rows import UNDECIDED
from integration_hub.timing.pauses import standing


@dataclass(frozen=True)
class HubTab:
    """One tab; `count` is how many rows wait for somebody there, None where nothing can wait."""

    label: str
    url: str
    current: bool
    count: int | None = None


def push_tabs(current: str) -> list[HubTab]:
    """The tabs of the pushes; `current` is the URL name of the page itself."""
    counts = {
        "parked": ParkedRow.objects.filter(resolved_at=None).count(),
        "drift": DriftRecord.objects.filter(UNDECIDED).count(),
    }
    tabs = (("plans", "Plans"), ("parked", "Parked accounts"), ("drift", "Edited by hand"))
    return [HubTab(label, reverse(name), name == current, counts.get(name)) for name, label in tabs]


def run_tabs(current: str) -> list[HubTab]:
    """The tabs of what is watched; `current` is the URL name of the page itself. Counted are standing pauses and open
    alerts.
    """
    counts = {"schedule": len(standing(timezone.now())), "alerts": open_alerts().count()}
    tabs = (("runs", "Runs"), ("schedule", "Schedule"), ("alerts", "Alerts"), ("audit", "Audit"), ("checks", "Checks"))
    return [HubTab(label, reverse(name), name == current, counts.get(name)) for name, label in tabs]
