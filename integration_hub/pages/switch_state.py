"""Whether values are written to Salesforce at all, and who stopped that, when and why."""

from dataclasses import dataclass
from datetime import datetime

from integration_hub.config import hub
from integration_hub.push import switch


@dataclass(frozen=True)
class SwitchState:
    """The two switches: the one of the page, and `in_file`, enabled under [push] in hub.toml. Both must be on.

    `by`, `at` and `reason` are of the last time somebody used the page's; empty when nobody ever did.
    """

    is_on: bool
    in_file: bool
    by: str = ""
    at: datetime | None = None
    reason: str = ""

    @property
    def running(self) -> bool:
        """Whether a push would be sent."""
        return self.is_on and self.in_file


def switch_state() -> SwitchState:
    """How the two switches stand now."""
    last = switch.last()
    if last is None:
        return SwitchState(is_on=True, in_file=hub().push.enabled)
    return SwitchState(last.is_on, hub().push.enabled, last.by, last.at, last.reason)
