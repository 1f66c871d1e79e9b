"""Differences between an ERP and the mirror that stand now: they stop the push until they are gone, or approved."""

from collections.abc import Sequence

from django.db.models import Q

from integration_hub.config import hub
from integration_hub.models import Reconciliation, Run
from integration_hub.streams import full_name


def compared_streams() -> list[str]:
    """Full names of all streams of the configured ERPs, in the order of hub.toml."""
    return [full_name(source.name, stream) for source in hub().sources for stream in source.streams]


def latest(streams: Sequence[str]) -> list[Reconciliation]:
    """The comparison that counts for each stream: the last one after a load, or a later one on demand that agreed.

    One on demand that differs does not count: the ERP has moved on since the last load. Each is looked up by itself, as
    of every stream there are thousands.
    """
    counting = Reconciliation.objects.filter(Q(after_load=True) | Q(agrees=True)).order_by("-id")
    each = [counting.filter(stream=name)[:1] for name in set(streams)]
    found: list[Reconciliation] = list(each[0].union(*each[1:], all=True)) if each else []
    return sorted(found, key=lambda one: one.stream)


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
