"""Starting something at once, because a person asks for it."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.module_loading import import_string

from integration_hub import audit
from integration_hub.config import hub
from integration_hub.models import Run, RunKind, RunStatus
from integration_hub.push import switch
from integration_hub.runs import DOORBELL, request_run
from integration_hub.timing.families import streams_of, with_family
from integration_hub.timing.items import Item, zone


class NotNow(Exception):
    """It cannot be started; the message says why and what to do."""


def ask(item: Item, *, by: str, now: datetime) -> Run:
    """Ask for a run of an item, at once also where it waits for a retry. What is paused waits for the end of the pause.
    Raises NotNow.
    """
    if item.kind == RunKind.PUSH and not switch.allows():
        raise NotNow("The push is stopped. Resume it on the page Pushes; nothing was requested.")
    return hasten(request_run(item.kind, item.subject, by=by, options=_options(item, now)), by=by)


def hasten(run: Run, *, by: str) -> Run:
    """Let a retry that waits for its time begin now: whoever asks has mended its cause. What stopped at a limit goes on
    waiting, as it would stop there again.
    """
    with transaction.atomic():
        held = Run.objects.filter(pk=run.pk, status=RunStatus.QUEUED, problem="").exclude(not_before=None)
        if held.update(not_before=None):
            audit.record(f"{run.kind}.requested", "run", run.subject, after={"at_once": True}, run=run.pk, who=by)
            transaction.on_commit(partial(import_string(DOORBELL), run.pk))
            run.refresh_from_db()
    return run


def _options(item: Item, now: datetime) -> dict[str, object]:
    today = now.astimezone(zone()).date().isoformat()
    if item.kind == RunKind.ROLLUP:
        return {"as_of": today, "current": True, "basis": hub().company.basis}
    if item.kind == RunKind.SYNC and item.stream:
        return {"streams": sorted(with_family(streams_of(item.subject), {item.stream}))}
    return {}
