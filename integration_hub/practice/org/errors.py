"""The refusals of the practice org: whole requests and single rows."""

from __future__ import annotations

from collections.abc import Sequence


class ApiError(Exception):
    """A request refused as a whole: an HTTP status and the body `[{"message", "errorCode", "fields"}]`."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = tuple(fields)


class RowError(Exception):
    """One record refused; becomes a row result in collections and Bulk, an HTTP error on a record URL."""

    def __init__(self, code: str, message: str, fields: Sequence[str] = (), *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.status = status

    def as_request_error(self) -> ApiError:
        """The same refusal when the record was the whole request."""
        return ApiError(self.status, self.code, self.message, self.fields)


class UnknownField(RowError):
    """A field that the object does not have, or that this user may not see: the org never says which."""

    def __init__(self, name: str, sobject: str) -> None:
        super().__init__("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}", [name])
        self.name = name


class BadType(RowError):
    """A value that cannot be read as its field's type: REST refuses the request, Bulk only the row."""


def not_found() -> ApiError:
    """The refusal for a path that leads nowhere."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def no_such_type(name: str) -> ApiError:
    """The refusal for an object that the org does not have."""
    return ApiError(
        400,
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        "'__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )
