"""What Odoo answers instead of data, in words for a person. Its `debug` holds a traceback and is never looked at."""

from typing import Any

from integration_hub.config import SourceConfig
from integration_hub.erp.http_errors import KEPT, SHOWN
from integration_hub.sources import RightLost, SourceProblem

KEY_REMEDY = (
    "Make a new API key for the reading user (its preferences, Account Security) and put it into the environment; "
    "Odoo ends keys at their expiry date. Its external API needs a Custom plan on Odoo's own cloud."
)


class ModelMissingError(SourceProblem):
    """The database has no such model: the module that brings it is not installed."""


class RightMissingError(RightLost):
    """The reading user may not read this model."""


def said(body: Any) -> str:
    """The first line of Odoo's own message, short; empty where there is none."""
    message = body.get("message") if isinstance(body, dict) else None
    lines = message.strip().splitlines() if isinstance(message, str) else []
    return lines[0].strip().rstrip(".")[:SHOWN] if lines else ""


def sign_in_refused(source: SourceConfig) -> SourceProblem:
    """Wrong name, key or password, or a key that expired."""
    return RightLost(f"{source.label} refuses our sign-in.", f"The key is wrong, or it expired. {KEPT}", KEY_REMEDY)


def unknown_database(source: SourceConfig) -> SourceProblem:
    """Odoo answers, but not for this database."""
    named = f'the database "{source.database}"' if source.database else "a database for this address"
    return SourceProblem(
        f"{source.label} does not know {named}.",
        KEPT,
        "Check url and database in hub.toml; the name stands in the list of databases of the Odoo server.",
    )


def of_error(source: SourceConfig, asked: tuple[str, str], status: int, body: Any) -> SourceProblem:
    """A JSON-2 error (status and body), or the `data` of a JSON-RPC error (status 200); `asked` is model and method."""
    model, method = asked
    if not isinstance(body, dict):
        return _of_page(source, status)
    name, text = str(body.get("name", "")), said(body)
    if status == 401 or name.endswith("AccessDenied"):
        return sign_in_refused(source)
    if name.endswith("AccessError") or status == 403:
        return _of_access(source, model)
    if status == 404 or (method == "fields_get" and name.endswith(("UserError", "KeyError"))):
        return ModelMissingError(
            f"{source.label} has no object {model}.",
            f"The module that brings it is not installed. {KEPT}",
            "Leave its streams out (without, in hub.toml), or install the module in Odoo.",
        )
    if "database" in text and "does not exist" in text:
        return unknown_database(source)
    return _of_failure(source, asked, name, text)


def _of_failure(source: SourceConfig, asked: tuple[str, str], name: str, text: str) -> SourceProblem:
    """Odoo's own objection to the question, which stays, or an error within, which may pass."""
    told = f" Odoo says: {text}." if text else ""
    if name.startswith("builtins.") or name.endswith(("UserError", "ValidationError", "UnprocessableEntity")):
        return SourceProblem(
            f"{source.label} does not accept our question for {asked[0]}.",
            f"{KEPT}{told}",
            "Check where and columns of the stream in hub.toml; otherwise this is an error of Customer 360: report it.",
        )
    return SourceProblem(
        f"{source.label} had an error of its own while it answered for {asked[0]}.",
        f"{KEPT}{told}",
        "Nothing if it passes: it is tried again. Otherwise look into the Odoo server's log.",
        transient=True,
    )


def company_lost(source: SourceConfig) -> SourceProblem:
    """A company that was read is no longer one of the user's. Odoo's own words for it are in the user's language."""
    return SourceProblem(
        f"{source.label} does not let the reading user see a company that it saw before, or that hub.toml names.",
        f"Its documents did not disappear, they are hidden from us. {KEPT}",
        "Give the reading user that company again, or take it out of companies in hub.toml.",
    )


def _of_access(source: SourceConfig, model: str) -> SourceProblem:
    return RightMissingError(
        f"{source.label} does not let the reading user read {model}.",
        f"A right is missing. {KEPT}",
        "Give the user the right to read it (Invoicing: Read-only, Sales: All Documents, Inventory: User), or leave "
        "its streams out (without, in hub.toml).",
    )


def _of_page(source: SourceConfig, status: int) -> SourceProblem:
    """An error page instead of Odoo's own error: no database was chosen, or no Odoo answers there."""
    if status == 404:
        return unknown_database(source)
    if status in {401, 403}:
        return sign_in_refused(source)
    return SourceProblem(
        f"{source.label} answered with a page of status {status}.",
        KEPT,
        "Nothing if it passes: it is tried again. Otherwise look into the Odoo server's log.",
        transient=status >= 500,
    )


def odd_answer(source: SourceConfig, model: str, how: str) -> SourceProblem:
    """An answer that cannot be the one to our question."""
    return SourceProblem(
        f"{source.label} gave an answer for {model} that does not fit the question: {how}.",
        f"A gap would follow if we went on. {KEPT}",
        "Nothing if it passes: it is tried again. Otherwise look at what stands between us and Odoo, such as a cache.",
        transient=True,
    )
