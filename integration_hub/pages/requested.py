"""Confirms to an administrator that runs were requested."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from integration_hub.config import hub
from integration_hub.jobs import ring
from integration_hub.models import Run

WAITS = (
    "Redis does not answer, so it waits: it starts within a minute once Redis is back. Nothing is lost, and the pages "
    "are not affected."
)


def confirm(request: HttpRequest, runs: Iterable[Run], said: str) -> None:
    """Say that the runs were requested, and what they wait for: a limit, or Redis, through which workers are told."""
    waiting = list(runs)
    held = [run.not_before for run in waiting if run.not_before and run.not_before > timezone.now()]
    if held:
        until = max(held).astimezone(ZoneInfo(hub().company.time_zone))
        messages.warning(request, f"It waits already, and goes on at {until:%H:%M}: the page API budget says why.")
    elif all(ring(run.pk) for run in waiting):
        messages.success(request, said)
    else:
        messages.warning(request, f"{said} {WAITS}")
