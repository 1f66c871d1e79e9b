"""What an Odoo says of itself when it is asked: version, companies, the key's expiry, and what its user may do."""

from datetime import UTC, datetime, timedelta

from integration_hub.erp.odoo.errors import RightMissingError
from integration_hub.erp.odoo.login import KEYS
from integration_hub.erp.odoo.reader import Reader
from integration_hub.erp.odoo.rpc import METHODS
from integration_hub.sources import SourceCheck

WARN_DAYS = 30
HAS_ACCESS_FROM = 18


def check_of(reader: Reader, models: tuple[str, ...]) -> SourceCheck:
    """Sign in and look. `models` are those that the streams read. Raises SourceProblem where that is refused."""
    odoo = reader.odoo
    spoken = "JSON-2" if odoo.json2 else "JSON-RPC"
    expiry, warnings = _expiry(reader)
    companies = tuple(f"{each.name} ({each.key}, {each.currency})" for each in reader.companies.values())
    installed = [model for model in models if reader.fields(model)]
    warnings += [f"Odoo does not have {model}: its streams stay empty." for model in models if model not in installed]
    warnings += [
        f"The reading user may not read {each}: its streams fail. Give it the right, or leave them out in hub.toml."
        for each in installed
        if not _may(reader, each, "read")
    ]
    writable = [each for each in installed if _may(reader, each, "write")]
    if writable:
        warnings.append(
            f"The reading user may also write {', '.join(writable)}. Customer 360 cannot send a write, but a user that "
            "may only read is safer: Invoicing read-only, and no rights beyond it."
        )
    if len(companies) > 1 and not odoo.source.companies:
        warnings.append(
            "Name the companies in hub.toml: then one that is taken from the reading user is an error, instead of "
            "looking as if its documents had been deleted."
        )
    return SourceCheck(
        odoo.source.label,
        f"Odoo {odoo.version} over {spoken}, {expiry}",
        _proof(installed, writable),
        companies,
        tuple(warnings),
        proven=False,
    )


def _proof(installed: list[str], writable: list[str]) -> str:
    sent = f"Only {len(METHODS)} methods that read can be sent ({', '.join(sorted(METHODS))}); others are refused here."
    if writable:
        return f"{sent} The user itself could write {len(writable)} of {len(installed)} objects."
    return f"{sent} The user itself may write none of the {len(installed)} objects that are read."


def _may(reader: Reader, model: str, operation: str) -> bool:
    """Whether the user's rights allow an operation on a model. A question: nothing is tried."""
    if reader.odoo.major >= HAS_ACCESS_FROM:
        return reader.ask(model, "has_access", operation=operation) is True
    return reader.ask(model, "check_access_rights", operation=operation, raise_exception=False) is True


def _expiry(reader: Reader) -> tuple[str, list[str]]:
    """When the key ends, in words, and a warning where that is soon. Odoo does not say which of a user's keys is ours,
    so it is the first of them that ends.
    """
    if not reader.having(KEYS, "expiration_date"):
        return "keys of this version do not expire", []
    own = [["user_id", "=", reader.user["uid"]], ["scope", "in", [False, "rpc"]]]
    try:
        found = reader.records(KEYS, own, ["expiration_date"])
    except RightMissingError:
        return "the key's expiry is not shown to its user", []
    ends = sorted(each["expiration_date"] for each in found if each["expiration_date"])
    if not ends:
        return "the key does not expire", []
    first = datetime.fromisoformat(ends[0]).replace(tzinfo=UTC)
    told = f"{'the key ends' if len(found) == 1 else 'the first of its keys ends'} on {first:%Y-%m-%d}"
    if first > datetime.now(UTC) + timedelta(days=WARN_DAYS):
        return told, []
    return told, [
        f"The API key ends on {first:%Y-%m-%d}: make a new one in Odoo before, and put it into the environment."
    ]
