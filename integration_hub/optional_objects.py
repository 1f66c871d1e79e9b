"""Salesforce objects that not every org has: whether they are read, and if not what that means."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from integration_hub.config import hub
from integration_hub.models import StreamState
from integration_hub.prepared import prepared
from integration_hub.salesforce.objects import BY_NAME
from integration_hub.sources import SALESFORCE


class Reading(StrEnum):
    """READ: its records are here. ABSENT: the org has no such object, or hides it. NEVER: no sync has looked yet."""

    READ = "read"
    ABSENT = "absent"
    NEVER = "never"


@dataclass(frozen=True)
class ObjectState:
    """One object as the last sync found it; `words` say what it means that it is not read, and what to do."""

    sobject: str
    reading: Reading
    words: str = ""


def object_states(*sobjects: str) -> dict[str, ObjectState]:
    """The state of each object by its name; one query. Without an org in hub.toml none was ever read."""
    streams = {f"{SALESFORCE}.{name}": name for name in sobjects}
    shapes = {streams[state.stream]: bool(state.shape) for state in _states(tuple(streams))}
    return {name: _state(name, shapes.get(name)) for name in sobjects}


def _state(name: str, described: bool | None) -> ObjectState:
    if described:
        return ObjectState(name, Reading.READ)
    if described is None or hub().salesforce is None:
        return ObjectState(name, Reading.NEVER, "The next sync of Salesforce reads them.")
    return ObjectState(name, Reading.ABSENT, BY_NAME[name].absent_means)


@prepared
def _states(streams: Sequence[str]) -> QuerySet[StreamState]:
    return StreamState.objects.filter(stream__in=streams).exclude(as_of=None)
