"""Error codes of single rows: what Salesforce says of one record that it did not write."""

from collections.abc import Mapping

from integration_hub.salesforce.error_kinds import AGAIN, SENT_AGAIN, Action, ErrorCode, Who

_LOCKED = "Somebody or something else was changing the same account, its parent or its owner at that moment."
_ADMIN = " A Salesforce administrator can change that." + SENT_AGAIN
_BYSTANDER = "Another row of the same request failed, and this one was rolled back with it."

ROWS: Mapping[str, ErrorCode] = {
    "UNABLE_TO_LOCK_ROW": ErrorCode(
        Action.RETRY_NOW,
        Who.NOBODY,
        _LOCKED,
        AGAIN + " If it happens daily, move the push away from other mass updates.",
    ),
    "UNPROCESSED": ErrorCode(
        Action.RETRY_NOW, Who.NOBODY, "Salesforce ended the job before it reached this row.", AGAIN
    ),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": ErrorCode(Action.RETRY_NOW, Who.NOBODY, _BYSTANDER, AGAIN),
    "PROCESSING_HALTED": ErrorCode(Action.RETRY_NOW, Who.NOBODY, _BYSTANDER, AGAIN),
    "ENTITY_IS_DELETED": ErrorCode(
        Action.FIX_DATA,
        Who.NOBODY,
        "The account was deleted in Salesforce after the plan was made.",
        "Nothing to do: the next sync marks it as gone.",
        "The record was deleted in Salesforce.",
    ),
    "INVALID_CROSS_REFERENCE_KEY": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "This org has no account with that id, or the integration user may not see it.",
        "Check that the accounts were read from this very org, and that the user's sharing covers them.",
    ),
    "MALFORMED_ID": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "The id is not that of an account.",
        "Check where the account ids come from: a sync of Salesforce brings the right ones.",
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": ErrorCode(
        Action.FIX_PERMISSION,
        Who.SALESFORCE,
        "The integration user may not edit this account.",
        "Give the user edit access to the account." + _ADMIN,
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": ErrorCode(
        Action.FIX_PERMISSION,
        Who.SALESFORCE,
        "The integration user may not see a record that the account refers to, such as its parent.",
        "Give the user access to that record." + _ADMIN,
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": ErrorCode(
        Action.FIX_PERMISSION,
        Who.SALESFORCE,
        "The integration user may not edit one of the fields.",
        "Assign the permission set ERP_Rollup_Writer to the user.",
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": ErrorCode(
        Action.FIX_DATA,
        Who.SALESFORCE,
        "A validation rule of the org refused the account; its own text is shown.",
        "Correct what the rule asks for on the account, or let the rule skip the integration user." + _ADMIN,
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": ErrorCode(
        Action.FIX_DATA,
        Who.SALESFORCE,
        "A lookup filter of the org refused the account; its own text is shown.",
        "Correct what the filter asks for on the account, or let it skip the integration user." + _ADMIN,
    ),
    "FIELD_INTEGRITY_EXCEPTION": ErrorCode(
        Action.FIX_DATA,
        Who.OWNER,
        "A value on the account does not fit another one.",
        "Open the account in Salesforce and save it by hand to see why.",
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": ErrorCode(
        Action.FIX_DATA,
        Who.SALESFORCE,
        "A trigger or flow of the org stopped the update; its own text is shown.",
        "Pass the text to whoever maintains that automation." + _ADMIN,
    ),
    "REQUIRED_FIELD_MISSING": ErrorCode(
        Action.FIX_DATA,
        Who.OWNER,
        "The account lacks a value that the org requires.",
        "Fill the named field on the account in Salesforce.",
    ),
    "MISSING_ARGUMENT": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "The row was sent without an id.",
        "Please report it: the hub sends no row without the id of its account.",
    ),
    "STRING_TOO_LONG": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.SALESFORCE,
        "The text is longer than the field.",
        "Make the field longer." + _ADMIN,
    ),
    "NUMBER_OUTSIDE_VALID_RANGE": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.SALESFORCE,
        "The number has more digits than the field.",
        "Make the field larger." + _ADMIN,
    ),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "The value is of another type than the field.",
        "Push the measure to a field of its type: see [push] in hub.toml.",
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.SALESFORCE,
        "The picklist does not have this value.",
        "Add the value to the picklist, or allow others than those listed." + _ADMIN,
    ),
    "INVALID_EMAIL_ADDRESS": ErrorCode(
        Action.FIX_DATA, Who.OWNER, "The text is not an e-mail address.", "Correct the address where it comes from."
    ),
    "INACTIVE_OWNER_OR_USER": ErrorCode(
        Action.FIX_DATA,
        Who.SALESFORCE,
        "The owner of the account was deactivated, and the org saves nothing of such accounts.",
        "Give the account to an active owner." + _ADMIN,
    ),
    "DUPLICATE_VALUE": ErrorCode(
        Action.FIX_DATA,
        Who.OWNER,
        "Another account already holds this value in a unique field.",
        "Remove the uniqueness of the field, or the other value.",
    ),
    "DUPLICATE_EXTERNAL_ID": ErrorCode(
        Action.FIX_DATA,
        Who.OWNER,
        "Several accounts hold the same external id.",
        "Remove the double value from all accounts but one.",
    ),
    "DUPLICATES_DETECTED": ErrorCode(
        Action.FIX_DATA,
        Who.SALESFORCE,
        "A duplicate rule of the org stopped the update.",
        "Let the duplicate rule skip the integration user." + _ADMIN,
    ),
    "ENTITY_IS_LOCKED": ErrorCode(
        Action.FIX_DATA,
        Who.OWNER,
        "The account is locked by an approval process.",
        "Finish the approval. " + AGAIN,
    ),
    "STORAGE_LIMIT_EXCEEDED": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.SALESFORCE,
        "The org's data storage is full.",
        "Free storage, or buy more." + SENT_AGAIN,
    ),
    "CURRENCY_DIFFERS": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "Salesforce would read the amount in the account's own currency and so change it.",
        "Use a Number field instead of a Currency field for this figure; its currency stands in the field for the "
        "currency.",
    ),
    "NO_EXCHANGE_RATE": ErrorCode(
        Action.FIX_DATA,
        Who.INTEGRATION,
        "The account is kept in a currency for which the ERP states no rate of that day or before, neither directly "
        "nor the other way round nor through a third currency.",
        "Enter a rate between the two currencies in the ERP; the value goes out with the next push.",
    ),
    "NO_ANSWER": ErrorCode(
        Action.RETRY_LATER,
        Who.NOBODY,
        "The connection broke before Salesforce answered, and the live value shows that it was not written.",
        AGAIN,
    ),
    "READ_BACK_DIFFERS": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.SALESFORCE,
        "Salesforce accepted the value, and then an automation or the field's own rounding made another one of it.",
        "Look which trigger, flow or rounding changes the field. The value goes out again when its figure changes.",
    ),
    "CHANGED_SINCE": ErrorCode(
        Action.FIX_DATA,
        Who.OWNER,
        "The value was changed after that push wrote it, so the undo leaves it.",
        "Open the account in Salesforce and set the value by hand if the old one is wanted.",
    ),
    "ACCOUNT_GONE": ErrorCode(
        Action.FIX_DATA,
        Who.SALESFORCE,
        "The account is gone from Salesforce, or the integration user may not see it any more.",
        "Nothing to do.",
    ),
    "BACK_ALREADY": ErrorCode(
        Action.FIX_DATA, Who.INTEGRATION, "The value from before that push stands there already.", "Nothing to do."
    ),
}
"""The last ones, UNPROCESSED and CURRENCY_DIFFERS are ours: Salesforce never said a word about those rows."""
