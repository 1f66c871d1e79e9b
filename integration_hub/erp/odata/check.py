"""What is looked at before an OData source is read: its companies, and its clock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integration_hub.config import SourceConfig
from integration_hub.erp.odata.pages import Service
from integration_hub.sources import SourceProblem

SKEW_SECONDS = 300.0


def find_companies(service: Service, config: SourceConfig, address: str) -> Sequence[Mapping[str, str]]:
    """Id, name and displayName of the companies that are to be read, by id: those of hub.toml, else all that are seen.

    Raises SourceProblem for one of hub.toml that is not seen: less must never be read without anybody knowing.
    """
    rows, _, link = service.rows_of(service.get(address, {}).body)
    while link:
        more, _, link = service.rows_of(service.get(link).body)
        rows += more
    seen = [{name: str(row.get(name) or "") for name in ("id", "name", "displayName")} for row in rows]
    names = [each["name"] for each in seen]
    for wanted in config.companies:
        if not any(wanted in each.values() for each in seen):
            raise unknown_company(config, wanted, names)
    if not seen:
        raise unknown_company(config, "at all", names)
    chosen = [each for each in seen if not config.companies or any(name in each.values() for name in config.companies)]
    return sorted(chosen, key=lambda each: each["id"])


def unknown_company(config: SourceConfig, name: str, seen: Sequence[str]) -> SourceProblem:
    """A company that hub.toml names and the ERP does not show."""
    return SourceProblem(
        f'{config.label} shows no company "{name}".',
        "It may have another name there, or the reading user has no right to it. Nothing was changed.",
        f"Correct companies in hub.toml. Seen are: {', '.join(seen) or 'none'}.",
    )


def clock_warnings(skew: float | None) -> tuple[str, ...]:
    """A clock that is far from ours makes change marks misleading."""
    if skew is None or abs(skew) <= SKEW_SECONDS:
        return ()
    way = "ahead of" if skew > 0 else "behind"
    return (f"The ERP's clock is {abs(skew) / 60:.0f} minutes {way} ours; raise overlap_minutes by as much.",)


def skew_of(date: str) -> float | None:
    """Seconds that a Date header is ahead of our clock."""
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
