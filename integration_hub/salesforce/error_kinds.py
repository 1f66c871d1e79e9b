"""What the registry of error codes says of each: how to go on, who can help, the cause in words, and the remedy."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """How the hub goes on after an error. Only the first three ever ask Salesforce again by themselves."""

    SIGN_IN_AGAIN = "sign in again, once"
    RETRY_NOW = "try again in the same run"
    RETRY_LATER = "try again after minutes"
    STOP_FOR_NOW = "stop, and go on when requests are free again"
    FIX_DATA = "correct the data"
    FIX_PERMISSION = "give the permission"
    FIX_CONFIGURATION = "correct the configuration"


class Who(StrEnum):
    """Whom to turn to."""

    INTEGRATION = "integration administrator"
    SALESFORCE = "Salesforce administrator"
    OWNER = "account owner"
    NOBODY = "nobody: it passes by itself"


RETRIED = frozenset({Action.SIGN_IN_AGAIN, Action.RETRY_NOW, Action.RETRY_LATER})
"""What may be asked again. A code that nobody declared is never among them."""


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One error code. `problem` is a sentence for a request refused as a whole; {text} stands for Salesforce's text."""

    action: Action
    who: Who
    cause: str
    remedy: str
    problem: str = ""

    @property
    def is_retried(self) -> bool:
        """Whether trying again can help without anybody doing anything."""
        return self.action in RETRIED


NOTHING_CHANGED = "Nothing was changed; the pages keep the last good data."
REPORT = "Run the sync again. If it stays, report this text with the name of the stream."
AGAIN = "Nothing to do: the value goes out again with the next push."
SHOW = "Check the name in hub.toml, and that the permission set of the integration user shows it."
SENT_AGAIN = " The value goes out again with the next push."
