"""Ways to sign in to Salesforce that are not offered, and why."""

from collections.abc import Mapping

_SOAP = (
    "SOAP login is not offered: Salesforce's login() is gone from API version 65 and retired altogether in Summer '27, "
    "and it needs the password of a user."
)
_USERNAME = (
    "Signing in with username and password is not offered: Salesforce blocks it in new orgs, it goes around a second "
    "factor, and SOAP's login() is retired altogether in Summer '27."
)
RETIRED_FLOWS: Mapping[str, str] = {
    "soap": _SOAP,
    "soap_login": _SOAP,
    "login": _SOAP,
    "password": _USERNAME,
    "username_password": _USERNAME,
}
MODERN_FLOWS = (
    'Make an External Client App in Salesforce and use flow = "client_credentials", or "jwt_bearer" with a certificate.'
)
