"""How much of what is shown is proven: compared with the ERP today and equal, and for how long without a difference."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from integration_hub.config import hub
from integration_hub.models import Reconciliation
from integration_hub.standing_differences import compared_streams, latest


@dataclass(frozen=True)
class Proven:
    """`streams` that could be compared, those that were `today` and agreed (count, sums, and checksum where the source
    has one), and those that are `differing` now. `last_at` is the last comparison.

    `days_clean` counts the days since a confirmed difference last stood; 0 while one stands, None before the first
    comparison. `clean_since` is the day it stood, or of the first comparison where there was `never` one.
    """

    streams: int
    today: int
    differing: int
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
    good = [each for each in found if each.agrees and each.checked_at.astimezone(zone).date() == today]
    differing = [each for each in found if each.confirmed and not each.agrees]
    last = Reconciliation.objects.filter(agrees=False, confirmed=True).order_by("-id").first()
    first = Reconciliation.objects.order_by("id").first()
    since = (last or first).checked_at.astimezone(zone).date() if last or first else None  # type: ignore[union-attr]
    days = None if since is None else (today - since).days
    return Proven(
        streams=len(streams),
        today=len(good),
        differing=len(differing),
        last_at=max((each.checked_at for each in found), default=None),
        days_clean=0 if differing else days,
        clean_since=since,
        never=last is None,
    )
