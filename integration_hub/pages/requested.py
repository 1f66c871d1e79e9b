"""Confirms to an administrator that runs were requested."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest

from integration_hub.jobs import ring
from integration_hub.models import Run

WAITS = (
    "Redis does not answer, so it waits: it starts within a minute once Redis is back. Nothing is lost, and the pages "
    "are not affected."
)


def confirm(request: HttpRequest, runs: Iterable[Run], said: str) -> None:
    """Say that the runs were requested, and, where no worker can be told of them now, what they wait for."""
    if all(ring(run.pk) for run in runs):
        messages.success(request, said)
    else:
        messages.warning(request, f"{said} {WAITS}")
