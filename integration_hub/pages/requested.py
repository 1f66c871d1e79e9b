"""Requests runs for an administrator, and says so."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from integration_hub.config import hub
from integration_hub.jobs import ring
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.runs import request_run
from integration_hub.sources import SALESFORCE
from integration_hub.timing.asking import hasten

WAITS = (
    "Redis does not answer or is full, so it waits: it starts within a minute once Redis is well again. Nothing is "
    "lost, and the pages are not affected."
)


def confirm(request: HttpRequest, runs: Iterable[Run], said: str) -> None:
    """Say that the runs were requested, and what they wait for: a limit, or Redis, through which workers are told. A
    retry that waits for its time begins now.
    """
    waiting = [hasten(run, by=request.user.get_username()) for run in runs]
    held = [run.not_before for run in waiting if run.not_before and run.not_before > timezone.now()]
    if held:
        until = max(held).astimezone(ZoneInfo(hub().company.time_zone))
        messages.warning(request, f"It waits already, and goes on at {until:%H:%M}: the page API budget says why.")
    elif all(ring(run.pk) for run in waiting):
        messages.success(request, said)
    else:
        messages.warning(request, f"{said} {WAITS}")


def request_push(request: HttpRequest, options: dict[str, object], said: str) -> None:
    """Request a push and say so; another push that waits already keeps its own options."""
    waiting = Run.objects.filter(kind=RunKind.PUSH, subject=SALESFORCE, status=RunStatus.QUEUED).first()
    if waiting is not None and waiting.options != options:
        messages.warning(request, f"Another push (run {waiting.pk}) is waiting. Try again when it has finished.")
        return
    run = request_run(RunKind.PUSH, SALESFORCE, by=request.user.get_username(), options=options)
    confirm(request, [run], said)
