"""What a person is shown of hand edits: the record with the names behind its ids."""

from dataclasses import dataclass

from integration_hub.models import DriftRecord, DriftState, SfAccount
from integration_hub.push.drift import open_edits


@dataclass(frozen=True, slots=True)
class HandEdit:
    """One hand edit that stands. `undecided`: it waits for a person to restore or accept it."""

    record: DriftRecord
    account_name: str
    label: str
    state: str
    undecided: bool


def hand_edits(organization: str = "", *, labels: dict[str, str] | None = None) -> list[HandEdit]:
    """The hand edits that stand, newest first. `labels` names the fields, else their API names are shown."""
    records = list(open_edits(organization))
    names = dict(SfAccount.objects.filter(key__in={record.account for record in records}).values_list("key", "name"))
    return [
        HandEdit(
            record,
            names.get(record.account) or record.account,
            (labels or {}).get(record.field, record.field),
            _state(record),
            record.state == DriftState.OPEN and record.decided_at is None,
        )
        for record in records
    ]


def _state(record: DriftRecord) -> str:
    if record.state == DriftState.OPEN and record.decided_at is not None:
        return f"to be restored ({record.decided_by})"
    if record.state == DriftState.ACCEPTED:
        return f"accepted ({record.decided_by})"
    return "open"
