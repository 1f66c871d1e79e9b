"""Error codes of whole requests and of Bulk jobs."""

from collections.abc import Mapping

from integration_hub.salesforce.error_kinds import NOTHING_CHANGED, REPORT, SHOW, Action, ErrorCode, Who

_HIDDEN = "The name does not exist in this org, or the integration user may not see it; Salesforce does not tell which."
_VERSION = "Set api_version under [salesforce] in hub.toml to a version the org supports, such as 62.0."
_WAIT = "Nothing to do: the next run tries again."
_BUSY = "Other work keeps the org busy. The pages keep the last good data."

REQUESTS: Mapping[str, ErrorCode] = {
    "INVALID_SESSION_ID": ErrorCode(
        Action.SIGN_IN_AGAIN,
        Who.NOBODY,
        "The session ended: by its time, by an administrator, or because the app was changed.",
        "Nothing to do: the hub signs in again. If it stays, check the app's session policies.",
    ),
    "INVALIDSESSIONID": ErrorCode(
        Action.SIGN_IN_AGAIN,
        Who.NOBODY,
        "The session ended, in the words of Bulk.",
        "Nothing to do: the hub signs in again.",
    ),
    "REQUEST_LIMIT_EXCEEDED": ErrorCode(
        Action.STOP_FOR_NOW,
        Who.NOBODY,
        "Salesforce accepts no further request from any integration. The pages keep the last good data.",
        "Wait until requests become free, read less often (every_minutes), or buy more requests.",
        "The org's API requests of the last 24 hours are used up: {text}",
    ),
    "LIMIT_EXCEEDED": ErrorCode(
        Action.STOP_FOR_NOW,
        Who.NOBODY,
        "The org accepts no further Bulk job for now. The pages keep the last good data.",
        "Wait until jobs become free, raise bulk_from_rows, or read less often (every_minutes).",
        "The org's Bulk jobs of the last 24 hours are used up: {text}",
    ),
    "SERVER_UNAVAILABLE": ErrorCode(Action.RETRY_NOW, Who.NOBODY, "Salesforce was too busy at that moment.", _WAIT),
    "UNKNOWN_EXCEPTION": ErrorCode(
        Action.RETRY_NOW,
        Who.NOBODY,
        "Salesforce failed inside.",
        "Nothing to do at first: it is tried again. If it stays, Salesforce's support finds the cause by the text.",
    ),
    "REQUEST_RUNNING_TOO_LONG": ErrorCode(
        Action.RETRY_NOW, Who.NOBODY, "The work took Salesforce too long.", "Nothing to do: it is tried again."
    ),
    "QUERY_TIMEOUT": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        NOTHING_CHANGED,
        "Lower bulk_from_rows in hub.toml, so that large reads go through the Bulk API.",
        "A query ran too long in Salesforce.",
    ),
    "INVALID_QUERY_LOCATOR": ErrorCode(
        Action.RETRY_NOW,
        Who.NOBODY,
        NOTHING_CHANGED,
        "Run the sync again; lower bulk_from_rows in hub.toml if it stays.",
        "Salesforce forgot the place in a running query, more than once.",
    ),
    "MALFORMED_QUERY": ErrorCode(
        Action.FIX_CONFIGURATION, Who.INTEGRATION, NOTHING_CHANGED, REPORT, "Salesforce cannot read a query: {text}"
    ),
    "INVALID_FIELD": ErrorCode(
        Action.FIX_PERMISSION, Who.SALESFORCE, _HIDDEN, SHOW, "Salesforce does not know a field: {text}"
    ),
    "INVALID_TYPE": ErrorCode(
        Action.FIX_PERMISSION, Who.SALESFORCE, _HIDDEN, SHOW, "Salesforce does not know an object: {text}"
    ),
    "NOT_FOUND": ErrorCode(
        Action.FIX_CONFIGURATION, Who.INTEGRATION, _HIDDEN, SHOW, "Salesforce does not know what was asked for: {text}"
    ),
    "UNSUPPORTED_API_VERSION": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        NOTHING_CHANGED,
        _VERSION,
        "Salesforce has retired the configured API version.",
    ),
    "INVALIDVERSION": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        NOTHING_CHANGED,
        _VERSION,
        "The Bulk API does not serve the configured API version.",
    ),
    "API_VERSION_MISMATCH": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "Its results can only be read with the version that made it.",
        "Set api_version in hub.toml back until the job is collected, or let the next push start anew.",
        "A Bulk job was made with another API version than the configured one: {text}",
    ),
    "URI_TOO_LONG": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        NOTHING_CHANGED,
        "Name fewer fields in account_fields in hub.toml.",
        "A query is too long to be sent.",
    ),
    "API_DISABLED_FOR_ORG": ErrorCode(
        Action.FIX_PERMISSION,
        Who.SALESFORCE,
        "The edition has no API, or the user's profile lacks the permission API Enabled.",
        "Give the integration user the permission API Enabled.",
        "The org does not allow API access.",
    ),
    "INSUFFICIENT_ACCESS": ErrorCode(
        Action.FIX_PERMISSION,
        Who.SALESFORCE,
        "The integration user lacks a right on the object.",
        "Assign the permission set ERP_Rollup_Writer to the integration user.",
    ),
    "TXN_SECURITY_METERING_ERROR": ErrorCode(
        Action.RETRY_LATER,
        Who.SALESFORCE,
        NOTHING_CHANGED,
        "Wait for the next run; exempt the integration user from the policy if it stays.",
        "A transaction security policy of the org took too long.",
    ),
    "EXCEEDED_ID_LIMIT": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "More than 600,000 records changed in the time that was asked for.",
        "Run the sync with --full: it reads through the Bulk API, which has no such limit.",
        "Salesforce lists no more than 600,000 changed records at once.",
    ),
    "INVALID_REPLICATION_DATE": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "Deletions of that time are no longer listed, or the time between two reads is under a minute.",
        "Run the sync with --full: it compares all ids and finds what was deleted.",
        "Salesforce does not list the deletions of the time that was asked for: {text}",
    ),
    "INVALIDENTITY": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        NOTHING_CHANGED,
        "Raise bulk_from_rows in hub.toml above its rows.",
        "The Bulk API does not serve this object: {text}",
    ),
    "API_ERROR": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.SALESFORCE,
        "The Bulk API has a restriction here, mostly one that needs the permission View All Data.",
        "Give the integration user the permission View All Data, or raise bulk_from_rows in hub.toml.",
        "The Bulk API refused a job: {text}",
    ),
    "INVALIDJOBSTATE": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "The job had ended already when it was asked to change.",
        "Nothing to do if the run went on. Otherwise look at Bulk Data Load Jobs in Salesforce's setup.",
        "A Bulk job cannot do that any more: {text}",
    ),
    "JOB_NOT_COMPLETE": ErrorCode(
        Action.RETRY_NOW,
        Who.NOBODY,
        "The results of a Bulk job were asked for before it ended.",
        "Nothing to do: they are asked for again.",
    ),
    "TOOMANYLOCKFAILURE": ErrorCode(
        Action.RETRY_LATER,
        Who.NOBODY,
        "Other work held the same records again and again, so Salesforce gave the Bulk job up.",
        "Nothing to do: what was left goes out again. Move the push away from other mass updates if it stays.",
    ),
    "INVALIDBATCH": ErrorCode(
        Action.FIX_PERMISSION,
        Who.SALESFORCE,
        "A field of the upload does not exist, or the integration user may not see it.",
        "Assign the permission set ERP_Rollup_Writer to the integration user.",
    ),
    "JSON_PARSER_ERROR": ErrorCode(
        Action.FIX_CONFIGURATION,
        Who.INTEGRATION,
        "A value does not fit the type of its field. " + NOTHING_CHANGED,
        "Compare the types of the fields under [push] in hub.toml with those in Salesforce.",
        "Salesforce cannot read the values that were sent: {text}",
    ),
    "CONCURRENT_LIMIT": ErrorCode(
        Action.RETRY_LATER,
        Who.NOBODY,
        "Other integrations keep Salesforce busy. The pages keep the last good data.",
        "Nothing to do: the next run tries again. Move it to a quieter hour if it happens daily.",
        "Too many long requests run in the org at once: {text}",
    ),
}
"""CONCURRENT_LIMIT is ours: REQUEST_LIMIT_EXCEEDED with a text that speaks of concurrent requests.

Bulk writes some codes in mixed letter case (TooManyLockFailure): here they stand in capitals.
"""

STATUSES: Mapping[int, ErrorCode] = {
    300: ErrorCode(
        Action.FIX_DATA,
        Who.OWNER,
        "Several records hold the same external id.",
        "Remove the double value from all records but one.",
    ),
    400: ErrorCode(Action.FIX_CONFIGURATION, Who.INTEGRATION, NOTHING_CHANGED, REPORT),
    401: ErrorCode(
        Action.SIGN_IN_AGAIN,
        Who.NOBODY,
        "The session ended.",
        "Nothing to do: the hub signs in again.",
    ),
    403: ErrorCode(
        Action.FIX_PERMISSION,
        Who.SALESFORCE,
        "The integration user may not do that.",
        "Assign the permission set ERP_Rollup_Writer to the integration user.",
    ),
    404: ErrorCode(Action.FIX_CONFIGURATION, Who.INTEGRATION, _HIDDEN, SHOW),
    405: ErrorCode(Action.FIX_CONFIGURATION, Who.INTEGRATION, NOTHING_CHANGED, REPORT),
    406: ErrorCode(Action.RETRY_NOW, Who.NOBODY, _BUSY, _WAIT),
    409: REQUESTS["API_VERSION_MISMATCH"],
    410: REQUESTS["UNSUPPORTED_API_VERSION"],
    412: REQUESTS["JOB_NOT_COMPLETE"],
    414: REQUESTS["URI_TOO_LONG"],
    415: ErrorCode(Action.FIX_CONFIGURATION, Who.INTEGRATION, NOTHING_CHANGED, REPORT),
    420: ErrorCode(Action.RETRY_NOW, Who.NOBODY, _BUSY, _WAIT),
    429: ErrorCode(Action.RETRY_NOW, Who.NOBODY, _BUSY, _WAIT),
    431: REQUESTS["URI_TOO_LONG"],
    500: REQUESTS["UNKNOWN_EXCEPTION"],
    502: ErrorCode(Action.RETRY_NOW, Who.NOBODY, _BUSY, _WAIT),
    503: REQUESTS["SERVER_UNAVAILABLE"],
    504: ErrorCode(Action.RETRY_NOW, Who.NOBODY, _BUSY, _WAIT),
}
"""What a status means where the answer names no code."""
