"""Errors of the sign-in: the OAuth errors, and the descriptions that tell more than their code."""

from collections.abc import Mapping

from integration_hub.salesforce.error_kinds import Action, ErrorCode, Who

NO_SESSION = "The hub cannot sign in, so nothing was read or written. The pages keep the last good data."
GENERAL_REMEDY = (
    "Check [salesforce] in hub.toml and the External Client App; the user's login history names the reason."
)


def _configuration(remedy: str) -> ErrorCode:
    return ErrorCode(Action.FIX_CONFIGURATION, Who.INTEGRATION, NO_SESSION, remedy)


def _permission(remedy: str) -> ErrorCode:
    return ErrorCode(Action.FIX_PERMISSION, Who.SALESFORCE, NO_SESSION, remedy)


SIGN_IN: Mapping[str, ErrorCode] = {
    "invalid_grant": _configuration(GENERAL_REMEDY),
    "invalid_client": _configuration("Check client_id and client_secret against the External Client App."),
    "invalid_client_id": _configuration(
        "Check client_id (environment: SALESFORCE_CLIENT_ID) against the app's consumer key."
    ),
    "unsupported_grant_type": _permission(
        "Enable this flow in the External Client App, or choose the other flow in hub.toml."
    ),
    "invalid_request": _configuration(GENERAL_REMEDY),
    "invalid_app_access": _permission("Let the integration user use the app: policies of the External Client App."),
    "inactive_user": _permission("Activate the integration user, or name another one."),
    "inactive_org": _permission("The org is closed: ask Salesforce."),
    "rate_limit_exceeded": ErrorCode(
        Action.RETRY_LATER, Who.NOBODY, "Too many sign-ins in an hour.", "Nothing to do: the next run signs in again."
    ),
}

DESCRIPTIONS: Mapping[str, ErrorCode] = {
    "request not supported on this domain": _configuration(
        "Use your My Domain URL (https://<your domain>.my.salesforce.com) as login_url; "
        "login.salesforce.com does not serve client credentials."
    ),
    "no client credentials user enabled": _permission(
        "Enable client credentials in the External Client App, with a Run As user."
    ),
    "hasn't approved this consumer": _permission(
        "Pre-authorise the app for the integration user: policies of the External Client App, "
        '"Admin approved users are pre-authorized", then add its permission set.'
    ),
    "inactive user": _permission("Activate the integration user, or name another one."),
    "invalid assertion": _configuration(
        "Check that the app's certificate belongs to private_key_file, and client_id to the app."
    ),
    "expired access/refresh token": _permission(
        "The refresh token was revoked, replaced or has expired: authorise the app again with the integration user, "
        "and set refresh_token (environment: SALESFORCE_REFRESH_TOKEN) to the new one."
    ),
    "expired authorization code": _configuration("Set the clock of this machine."),
    "audience is invalid": _configuration(
        "Use https://login.salesforce.com, https://test.salesforce.com or My Domain as login_url."
    ),
    "client identifier invalid": SIGN_IN["invalid_client_id"],
    "invalid client credentials": _configuration(
        "Check client_secret (environment: SALESFORCE_CLIENT_SECRET): was it rotated?"
    ),
}
"""Part of a description -> what to do. It is looked for before the code: most refusals share one code."""


def explain_refusal(said: str) -> ErrorCode:
    """What a refused sign-in means; `said` is its error and description. A general answer for one not known."""
    known = {**DESCRIPTIONS, **dict(sorted(SIGN_IN.items(), key=lambda each: -len(each[0])))}
    return next((code for part, code in known.items() if part in said), SIGN_IN["invalid_grant"])
