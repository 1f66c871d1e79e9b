"""The org's budget of API requests as the hub measured it: used by us, used by all, and where the day is heading."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum

from integration_hub.config import hub
from integration_hub.models import ApiUse

DAY, PACE_OVER = timedelta(hours=24), timedelta(hours=1)
SHORTEST_PACE = timedelta(minutes=5)
OLD_AFTER = timedelta(hours=2)
FEW_SAMPLES = "Two measurements at least five minutes apart are needed; they come with the next runs."
OLD = "The last measurement is more than two hours old, so it says nothing of the rest of the day."


@dataclass(frozen=True)
class Forecast:
    """Requests used by all at the next midnight of the company (`at`), if the pace (requests an hour) stays."""

    at: datetime
    used: int
    pace: int
    over_minutes: int


@dataclass(frozen=True)
class Budget:
    """What is known at an instant. `used` of `limit` are requests of all integrations in 24 hours before `measured_at`.

    These four are None where Salesforce has not said. `stops_at` is the number at which the hub stops. Of the forecast
    either it is there or the reason why not.
    """

    measured_at: datetime | None
    used: int | None
    limit: int | None
    stops_at: int | None
    ours_today: int
    ours_in_24_hours: int
    forecast: Forecast | None
    no_forecast: str

    @property
    def others_in_24_hours(self) -> int | None:
        """Requests of the 24 hours that were not ours; not below zero, because the two counts differ in their time."""
        return None if self.used is None else max(0, self.used - self.ours_in_24_hours)

    @property
    def share(self) -> Decimal | None:
        """The used part, 1 for all."""
        return Decimal(self.used or 0) / self.limit if self.limit else None

    @property
    def is_stopped(self) -> bool:
        """Whether the last measurement is at or above the number at which the hub stops."""
        return self.stops_at is not None and self.used is not None and self.used >= self.stops_at

    @property
    def stops_before_midnight(self) -> bool:
        """Whether the forecast reaches the number at which the hub stops."""
        return self.forecast is not None and self.stops_at is not None and self.forecast.used >= self.stops_at


def budget(now: datetime) -> Budget:
    """The budget as measured until an instant, of the org that was used last."""
    known = ApiUse.objects.filter(at__lte=now)
    last = known.filter(limit__gt=0).first()
    uses = known.filter(organization=last.organization) if last else known
    midnight = now.astimezone(ZoneInfo(hub().company.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    if last is None:
        return Budget(None, None, None, None, _ours(uses, midnight), _ours(uses, now - DAY), None, FEW_SAMPLES)
    forecast, reason = _forecast(uses, last, now, midnight)
    return Budget(
        measured_at=last.at,
        used=last.used_by_all,
        limit=last.limit,
        stops_at=_stops_at(last.limit or 0),
        ours_today=_ours(uses, midnight),
        ours_in_24_hours=_ours(uses, last.at - DAY),
        forecast=forecast,
        no_forecast=reason,
    )


def _ours(uses: QuerySet[ApiUse], since: datetime) -> int:
    return int(uses.filter(at__gt=since).aggregate(sent=Sum("ours"))["sent"] or 0)


def _stops_at(limit: int) -> int | None:
    configured = hub().salesforce
    return int(limit * Decimal(str(configured.daily_request_share))) if configured else None


def _forecast(uses: QuerySet[ApiUse], last: ApiUse, now: datetime, midnight: datetime) -> tuple[Forecast | None, str]:
    """The pace of the hour before the last measurement, of all integrations, continued to the next midnight.

    What passes out of the 24 hours meanwhile is left out of account: the forecast is on the safe side. A number that
    fell counts as no pace.
    """
    if now - last.at > OLD_AFTER:
        return None, OLD
    told = uses.filter(used_by_all__isnull=False, at__gte=last.at - PACE_OVER, at__lte=last.at - SHORTEST_PACE)
    first = told.order_by("at").first()
    if first is None:
        return None, FEW_SAMPLES
    # Another day of 23 or 25 hours: the wall clock decides, not the number of hours.
    next_midnight = (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=midnight.tzinfo)
    over = last.at - first.at
    used, before = last.used_by_all or 0, first.used_by_all or 0
    pace = max(0, used - before) * (timedelta(hours=1) / over)
    hours = max(0.0, (next_midnight - last.at) / timedelta(hours=1))
    return Forecast(next_midnight, used + round(pace * hours), round(pace), round(over / timedelta(minutes=1))), ""
