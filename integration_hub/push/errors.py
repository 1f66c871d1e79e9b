"""What Salesforce's row errors mean: cause, who can fix it, and whether trying again helps."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowError:
    """Words for one error code. `transient` rows are tried again in the same run."""

    meaning: str
    remedy: str
    transient: bool = False


_LOCKED = "Somebody or something else was changing the same account, its parent or its owner at that moment."
_AGAIN = "Nothing to do: the value goes out again with the next push."
_ADMIN = "A Salesforce administrator can change that; the value goes out again with the next push."

KNOWN: Mapping[str, RowError] = {
    "UNABLE_TO_LOCK_ROW": RowError(
        _LOCKED, _AGAIN + " If it happens daily, move the push away from other mass updates.", transient=True
    ),
    "UNPROCESSED": RowError("Salesforce ended the job before it reached this row.", _AGAIN, transient=True),
    "SERVER_UNAVAILABLE": RowError("Salesforce was too busy for this row.", _AGAIN, transient=True),
    "UNKNOWN_EXCEPTION": RowError("Salesforce failed inside while saving this row.", _AGAIN, transient=True),
    "REQUEST_RUNNING_TOO_LONG": RowError("Saving this row took Salesforce too long.", _AGAIN, transient=True),
    "ENTITY_IS_DELETED": RowError(
        "The account was deleted in Salesforce after the plan was made.",
        "Nothing to do: the next sync marks it as gone.",
    ),
    "INVALID_CROSS_REFERENCE_KEY": RowError(
        "This org has no account with that id, or the integration user may not see it.",
        "Check that the accounts were read from this very org, and that the user's sharing covers them.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": RowError(
        "The integration user may not edit this account.", "Give the user edit access to the account. " + _ADMIN
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": RowError(
        "The integration user may not edit one of the fields.",
        "Assign the permission set ERP_Rollup_Writer to the user.",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": RowError(
        "A validation rule of the org refused the account; its own text is shown.",
        "Correct what the rule asks for on the account, or let the rule skip the integration user. " + _ADMIN,
    ),
    "FIELD_INTEGRITY_EXCEPTION": RowError(
        "A value on the account does not fit another one.",
        "Open the account in Salesforce and save it by hand to see why.",
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": RowError(
        "A trigger or flow of the org stopped the update; its own text is shown.",
        "Pass the text to whoever maintains that automation. " + _ADMIN,
    ),
    "REQUIRED_FIELD_MISSING": RowError(
        "The account lacks a value that the org requires.", "Fill the named field on the account in Salesforce."
    ),
    "STRING_TOO_LONG": RowError("The text is longer than the field.", "Make the field longer. " + _ADMIN),
    "NUMBER_OUTSIDE_VALID_RANGE": RowError(
        "The number has more digits than the field.", "Make the field larger. " + _ADMIN
    ),
    "DUPLICATE_VALUE": RowError(
        "Another account already holds this value in a unique field.",
        "Remove the uniqueness of the field, or the other value.",
    ),
    "DUPLICATES_DETECTED": RowError(
        "A duplicate rule of the org stopped the update.", "Let the duplicate rule skip the integration user. " + _ADMIN
    ),
    "ENTITY_IS_LOCKED": RowError("The account is locked by an approval process.", "Finish the approval. " + _AGAIN),
    "CURRENCY_DIFFERS": RowError(
        "Salesforce would read the amount in the account's own currency and so change it.",
        "Use a Number field instead of a Currency field for this figure; its currency stands in the field for the "
        "currency.",
    ),
    "NO_EXCHANGE_RATE": RowError(
        "The account is kept in a currency for which the ERP states no rate of that day or before, neither directly "
        "nor the other way round nor through a third currency.",
        "Enter a rate between the two currencies in the ERP; the value goes out with the next push.",
    ),
    "NO_ANSWER": RowError(
        "The connection broke before Salesforce answered, and the live value shows that it was not written.", _AGAIN
    ),
}
_OTHER = RowError(
    "Salesforce refused the value; its own text is shown.",
    "Look at the text; the value goes out again with the next push.",
)


def explain(code: str) -> RowError:
    """The words for a code; a general sentence for one that is not known."""
    return KNOWN.get(code, _OTHER)
