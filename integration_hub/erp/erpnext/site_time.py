"""Stamps without a zone, as an ERP keeps them in its site's own time, to UTC and back."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integration_hub.config import SourceConfig
from integration_hub.sources import SourceProblem

AHEAD = timedelta(hours=3)


def zone_of(source: SourceConfig, name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises SourceProblem for one that is not known here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceProblem(
            f'The time zone "{name[:60]}" of {source.label} is not known.',
            "Without it no time stamp can be read. Nothing was changed; what was loaded before stays.",
            'Set time_zone = "Europe/Berlin" (an IANA name) in [sources.options] of hub.toml.',
        ) from error


@lru_cache(maxsize=4096)
def _hours(zone: ZoneInfo, hour: str) -> str | None:
    """The difference to UTC in a local hour, as "+02:00"; None where it changes within it."""
    start = datetime.fromisoformat(hour + ":00:00").replace(tzinfo=zone)
    end = start.replace(minute=59, second=59)
    repeated = start.replace(fold=1).utcoffset() != start.utcoffset()
    if repeated or end.utcoffset() != start.utcoffset():
        return None
    return start.isoformat()[19:]


def to_utc(zone: ZoneInfo, stamp: str) -> str:
    """A local "2026-03-01 10:00:00.123456" as an ISO 8601 instant; anything else stays as it is.

    In the hour that the end of summer time repeats, the earlier of both instants is taken: so no cursor runs ahead.
    """
    if len(stamp) < 19 or stamp[10] not in " T" or not stamp[:4].isdigit():
        return stamp
    try:
        offset = _hours(zone, f"{stamp[:10]}T{stamp[11:13]}")
        if offset is not None:
            return f"{stamp[:10]}T{stamp[11:]}{offset}"
        local = datetime.fromisoformat(stamp).replace(tzinfo=zone)
    except ValueError:
        return stamp
    return local.astimezone(UTC).isoformat()


def to_local(zone: ZoneInfo, instant: datetime) -> str:
    """The local stamp from which every row written at or after the instant is found.

    Clocks are set back by up to an hour or two, so that rows written a little later can carry an earlier stamp.
    """
    moment = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    local = moment.astimezone(zone).replace(tzinfo=None)
    set_back = (moment + AHEAD).replace(tzinfo=None) + (local - moment.replace(tzinfo=None))
    later = (moment + AHEAD).astimezone(zone).replace(tzinfo=None)
    return (local - max(timedelta(0), set_back - later)).isoformat(sep=" ", timespec="microseconds")
