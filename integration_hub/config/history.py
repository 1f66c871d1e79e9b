"""[history]: for how long figures of past days are kept, and in which form."""

from dataclasses import dataclass

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, kw_only=True)
class HistoryConfig:
    """Every day's figures are kept; those of days further back are packed, and brought back when asked for."""

    __pydantic_config__ = STRICT
    daily_days: int = 60  # the newest days, which open at once
    month_ends: int = 25  # so many months' last days open at once as well: trends are made of them
    years: int = 5  # older days are deleted; 0 = kept for good
