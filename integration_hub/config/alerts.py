"""[alerts]: who is told when something goes wrong, how, and from when on it counts as wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True)
MOST_FAILED = 20
"""Further back nobody looks: a hundred failed reads one after the other are no worse than twenty."""


@dataclass(frozen=True)
class Threshold:
    """When a condition is raised (from `raise_at` on) and when it is over (at `recover_at` and below), in its unit;
    between the two nothing changes. It is told once it lasted `after_minutes`. No look tells more than `most`.
    """

    label: str
    unit: str
    raise_at: float
    recover_at: float
    after_minutes: int = 0
    most: float = 1_000_000


CONDITIONS: Mapping[str, Threshold] = MappingProxyType(
    {
        "run_failed": Threshold("Runs fail", "failed runs in a row", 3, 0, most=MOST_FAILED),
        "source_stale": Threshold("Source out of date", "intervals late", 4, 2),
        "api_quota": Threshold("API quota", "part of the day's requests used by all", 0.75, 0.65, most=1),
        "difference": Threshold("Difference with the ERP", "confirmed differences of a stream", 1, 0),
        "sum_drift": Threshold("Sum moved", "part by which a sum moved within a day", 0.5, 0.25),
        "rejected_share": Threshold("Rejected rows", "part of a source's rows", 0.002, 0.001, most=1),
        "missing_rates": Threshold("Missing exchange rates", "documents in no total", 1, 0, 30),
        "dead_letters": Threshold("Parked accounts", "days that the oldest waits", 3, 2),
        "push_stopped": Threshold("Pushes stopped", "hours", 4, 0),
        "disk_low": Threshold("Disk", "part of the disk in use", 0.9, 0.88, 5, most=1),
        "backup_old": Threshold("No backup", "hours since the newest backup", 36, 30),
        "scheduler_silent": Threshold("Scheduler silent", "minutes without a tick", 10, 5),
        "worker_silent": Threshold("Worker silent", "minutes that a run waits", 15, 5),
    }
)
"""Every condition that is watched, by its name in [alerts.conditions]."""


@dataclass(frozen=True, kw_only=True)
class ConditionConfig:
    """What differs from the thresholds above for one condition."""

    __pydantic_config__ = STRICT
    off: bool = False
    raise_at: float | None = None
    recover_at: float | None = None
    after_minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class AlertsConfig:
    """Who is told, and how often at most. Without addresses alerts only stand on their page."""

    __pydantic_config__ = STRICT
    enabled: bool = True
    mail: tuple[str, ...] = ()  # addresses; the server is EMAIL_URL in the environment
    webhooks: tuple[str, ...] = field(default=(), repr=False)  # https://...; an address may hold a token
    webhook_secret: str = field(default="", repr=False)  # signs what is sent; from the environment
    most_per_hour: int = 12  # more state changes than this go as one digest
    quiet_minutes: int = 10  # it is over once it looked right for so long; doubled each time it came back in a day
    remind_after_hours: int = 24  # what is still open and not acknowledged is told again; 0 = never
    conditions: dict[str, ConditionConfig] = field(default_factory=dict)

    def threshold(self, condition: str) -> Threshold | None:
        """What counts for a condition; None where it is switched off."""
        usual, own = CONDITIONS[condition], self.conditions.get(condition, ConditionConfig())
        if own.off or not self.enabled:
            return None
        return Threshold(
            usual.label,
            usual.unit,
            usual.raise_at if own.raise_at is None else own.raise_at,
            usual.recover_at if own.recover_at is None else own.recover_at,
            usual.after_minutes if own.after_minutes is None else own.after_minutes,
            usual.most,
        )
