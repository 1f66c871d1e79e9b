"""The shape of [schedule] in hub.toml: when the work runs that belongs to no single source."""

from dataclasses import dataclass

from pydantic import ConfigDict


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Rhythms (timing/rhythm.py) in the company's time zone; an empty one means that nothing but need starts it."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    rollup: str = "day at 00:00"  # the new day's figures: documents become overdue although none changed
    push: str = ""  # beside the pushes that follow a change of figures
    drift: str = ""  # the look for values edited by hand; empty: every day at drift_check_hour of [push]
    reconcile: str = ""  # every source is compared with the mirror, row by row
    check: str = ""  # whether Salesforce is set up, beside the check that follows a run once a day
