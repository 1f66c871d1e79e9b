"""Starting something at once, because a person asks for it."""

from datetime import datetime

from integration_hub.config import hub
from integration_hub.models import Run, RunKind
from integration_hub.push import switch
from integration_hub.runs import request_run
from integration_hub.timing.families import streams_of, with_family
from integration_hub.timing.items import Item, zone


class NotNow(Exception):
    """It cannot be started; the message says why and what to do."""


def ask(item: Item, *, by: str, now: datetime) -> Run:
    """Ask for a run of an item. What is paused waits for the end of the pause. Raises NotNow."""
    if item.kind == RunKind.PUSH and not switch.allows():
        raise NotNow("The push is stopped. Resume it on the page Pushes; nothing was requested.")
    return request_run(item.kind, item.subject, by=by, options=_options(item, now))


def _options(item: Item, now: datetime) -> dict[str, object]:
    today = now.astimezone(zone()).date().isoformat()
    if item.kind == RunKind.ROLLUP:
        return {"as_of": today, "current": True, "basis": hub().company.basis}
    if item.kind == RunKind.SYNC and item.stream:
        return {"streams": sorted(with_family(streams_of(item.subject), {item.stream}))}
    return {}
