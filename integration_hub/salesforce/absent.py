"""An object that not every org has, such as account teams: where it is absent, it reads as one without records."""

from collections.abc import Sequence
from datetime import UTC, datetime

from integration_hub.salesforce.client import Org
from integration_hub.salesforce.errors import RequestRefused
from integration_hub.salesforce.objects import MirroredObject
from integration_hub.sources import Extract, Portion

UNKNOWN = frozenset({"NOT_FOUND", "INVALID_TYPE"})
"""Codes with which Salesforce says that an object does not exist; it never says whether it only hides it."""


def is_absent(org: Org, mirrored: MirroredObject) -> bool:
    """Whether the org does not have this object, which it need not have. Raises RequestRefused for every other one."""
    if not mirrored.absent_means:
        return False
    try:
        org.describe(mirrored.sobject)
    except RequestRefused as refused:
        if refused.code in UNKNOWN:
            return True
        raise
    return False


def no_records(mirrored: MirroredObject, columns: Sequence[str], *, whole: bool) -> Extract:
    """What is read of an absent object: nothing, completely, with a note that says what it means."""
    names = tuple(columns)
    return Extract(
        columns=names,
        format="text",
        chunks=iter(()),
        portions=iter([Portion(names, "text", iter(()), {}, fresh=True)]),
        complete=lambda: whole,
        as_of=datetime.now(UTC),
        expected_rows=lambda: 0,
        notes=(f"{mirrored.sobject} is not there. {mirrored.absent_means}",),
    )
