"""Marks streams that were tried in vain; where they stand does not move."""

from collections.abc import Iterable

from django.utils import timezone

from integration_hub.models import StreamState


def note_failed(stream: str, source: str, problem: str) -> None:
    """The stream "<source>.<stream>" itself could not be read."""
    StreamState.objects.update_or_create(
        stream=stream, defaults={"source": source, "problem": problem, "attempted_at": timezone.now()}
    )


def note_tried(streams: Iterable[str], problem: str) -> None:
    """Streams that were to be read when something failed; one that has a problem of its own keeps it."""
    tried = StreamState.objects.filter(stream__in=list(streams))
    tried.filter(problem="").update(problem=problem)
    tried.update(attempted_at=timezone.now())
