"""Differences between an ERP and the mirror that stand now: they stop the push until they are gone, or approved."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from integration_hub.config import hub
from integration_hub.models import Reconciliation, Run
from integration_hub.streams import full_name


def compared_streams() -> list[str]:
    """Full names of all streams of the configured ERPs, in the order of hub.toml."""
    return [full_name(source.name, stream) for source in hub().sources for stream in source.streams]


def latest(streams: Sequence[str]) -> QuerySet[Reconciliation]:
    """The comparison that counts for each stream: the last one after a load, or a later one on demand that agreed.

    One on demand that differs does not count: the ERP has moved on since the last load.
    """
    return newest_of_each(Reconciliation.objects.filter(Q(after_load=True) | Q(agrees=True)), streams)


def newest_of_each(comparisons: QuerySet[Reconciliation], streams: Sequence[str]) -> QuerySet[Reconciliation]:
    """The newest of some comparisons for each stream, in their order. Each is looked up by itself: of every stream
    thousands are kept.
    """
    each = [comparisons.filter(stream=name).order_by("-id")[:1] for name in dict.fromkeys(streams)]
    if len(each) < 2:
        return each[0] if each else Reconciliation.objects.none()
    return each[0].union(*each[1:], all=True).order_by("stream")


def standing_differences() -> list[Reconciliation]:
    """The confirmed differences of configured ERP streams that nothing has put right since."""
    return [found for found in latest(compared_streams()) if found.confirmed and not found.agrees]


def agrees_again(run: Run) -> bool:
    """Whether a comparison of this run ended a difference that stopped the push, and no other is left."""
    for found in Reconciliation.objects.filter(run_ref=run, agrees=True):
        before = Reconciliation.objects.filter(stream=found.stream, after_load=True, pk__lt=found.pk).first()
        if before is not None and before.confirmed:
            return not standing_differences()
    return False
