"""How much of what is shown is proven: compared with the ERP today and equal, and for how long without a difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from integration_hub.config import hub
from integration_hub.models import Reconciliation
from integration_hub.standing_differences import compared_streams, latest


@dataclass(frozen=True)
class Proven:
    """`streams` that could be compared, those that were `today` and agreed whole (count, sums, and checksum where the
    source has one), and those that are `differing` now. `last_at` is the last comparison. `held_back` are streams that
    agree but for `waiting` rows in quarantine, of which older values, or none, are shown.

    `days_clean` counts the days since a confirmed difference last stood, which it does until a comparison agrees; 0
    while one stands, None before the first comparison. `clean_since` is the day it stood, or of the first comparison
    where there was `never` one.
    """

    streams: int
    today: int
    differing: int
    held_back: int
    waiting: int
    last_at: datetime | None
    days_clean: int | None
    clean_since: date | None
    never: bool

    @property
    def share(self) -> Decimal | None:
        """The part of the streams that is proven today (1 = all); None where nothing can be compared."""
        return Decimal(self.today) / self.streams if self.streams else None


def proven(now: datetime | None = None) -> Proven:
    """What is proven at an instant (default: now). Three queries, whatever there is to compare."""
    at, zone = now or timezone.now(), ZoneInfo(hub().company.time_zone)
    today, streams = at.astimezone(zone).date(), compared_streams()
    found = list(latest(streams))
    equal = [each for each in found if each.agrees and each.checked_at.astimezone(zone).date() == today]
    held_back = [each for each in equal if each.waiting]
    differing = [each for each in found if each.confirmed and not each.agrees]
    stood = _last_stood(streams, at)
    first = None if stood else Reconciliation.objects.order_by("id").first()
    since = stood.astimezone(zone).date() if stood else first.checked_at.astimezone(zone).date() if first else None
    days = None if since is None else (today - since).days
    return Proven(
        streams=len(streams),
        today=len(equal) - len(held_back),
        differing=len(differing),
        held_back=len(held_back),
        waiting=sum(each.waiting for each in held_back),
        last_at=max((each.checked_at for each in found), default=None),
        days_clean=0 if differing else days,
        clean_since=since,
        never=stood is None,
    )


def _last_stood(streams: Sequence[str], now: datetime) -> datetime | None:
    """When a confirmed difference last stood: until the comparison that found its stream equal again. One of a stream
    that is not configured any more stood until it was last looked at. None where there was none.
    """
    differing = Reconciliation.objects.filter(agrees=False, confirmed=True)
    # Chosen first: to ask of each of them what came after it would take minutes once one stood for weeks.
    last = differing.order_by("stream", "-id").distinct("stream").values("pk")
    after = Reconciliation.objects.filter(stream=OuterRef("stream"), agrees=True, pk__gt=OuterRef("pk")).order_by("id")
    ends = Reconciliation.objects.filter(pk__in=last).annotate(ended=Subquery(after.values("checked_at")[:1]))
    stood = [each.ended or (now if each.stream in streams else each.checked_at) for each in ends]
    return max(stood, default=None)
