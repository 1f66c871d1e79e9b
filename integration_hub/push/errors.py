"""What Salesforce's row errors mean: cause, who can fix it, and whether trying again helps."""

from dataclasses import dataclass

from integration_hub.salesforce.error_codes import find
from integration_hub.salesforce.error_kinds import Action, ErrorCode, Who


@dataclass(frozen=True, slots=True)
class RowError:
    """Words for one error code. `transient` rows are tried again in the same run. `known`: the registry has the code.

    `who` can do something about it, `action` says what kind of thing.
    """

    meaning: str
    remedy: str
    transient: bool = False
    action: Action = Action.FIX_DATA
    who: Who = Who.SALESFORCE
    known: bool = True


_OTHER = RowError(
    "Salesforce refused the value; its own text is shown.",
    "Look at the text; the value goes out again with the next push.",
    known=False,
)


def explain(code: str) -> RowError:
    """The words for a code; a general sentence for one that is not known, and such a row is not tried again."""
    found: ErrorCode | None = find(code)
    if found is None:
        return _OTHER
    now = found.action is Action.RETRY_NOW
    return RowError(found.cause, found.remedy, transient=now, action=found.action, who=found.who)
