"""An object that not every org has, such as account teams or quotes: an absent one reads as one without records."""

from collections.abc import Sequence
from datetime import UTC, datetime

from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import COMPOUND_TYPES, Describe
from integration_hub.salesforce.errors import RequestRefused
from integration_hub.salesforce.objects import DELETED, ID, STAMP, MirroredObject
from integration_hub.sources import Extract, Portion

UNKNOWN = frozenset({"NOT_FOUND", "INVALID_TYPE"})
"""Codes with which Salesforce says that an object does not exist; it never says whether it only hides it."""


def absence(org: Org, mirrored: MirroredObject) -> str:
    """Why nothing is read of an object that the org need not have, in words with what to do; empty where it is there.

    Raises RequestRefused for every other object that is not there.
    """
    if not mirrored.absent_means:
        return ""
    try:
        described = org.describe(mirrored.sobject)
    except RequestRefused as refused:
        if refused.code in UNKNOWN:
            return f"{mirrored.sobject} is not there. {mirrored.absent_means}"
        raise
    hidden = hidden_fields(described, mirrored) if mirrored.spared else []
    return in_part(mirrored, hidden) if hidden else ""


def hidden_fields(described: Describe, mirrored: MirroredObject) -> list[str]:
    """The essential fields that the integration user does not see."""
    found = {name: described.find(name) for name in (*mirrored.essential, ID, STAMP, DELETED)}
    return sorted(name for name, info in found.items() if info is None or info.type in COMPOUND_TYPES)


def in_part(mirrored: MirroredObject, hidden: Sequence[str]) -> str:
    """Why an object is not read of which the user sees only a part, and what to do."""
    names = ", ".join(hidden)
    return (
        f"{mirrored.sobject} is there, but {names} {'is' if len(hidden) == 1 else 'are'} hidden from the integration "
        "user. Without that its rows would be wrong, so none is read. Give the user read access to all its fields."
    )


def no_records(words: str, columns: Sequence[str], *, whole: bool) -> Extract:
    """What is read of an absent object: nothing, completely, with a note of these words."""
    names = tuple(columns)
    return Extract(
        columns=names,
        format="text",
        chunks=iter(()),
        portions=iter([Portion(names, "text", iter(()), {}, fresh=True)]),
        complete=lambda: whole,
        as_of=datetime.now(UTC),
        expected_rows=lambda: 0,
        notes=(words,),
    )
