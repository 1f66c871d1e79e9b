"""Who changed a field by hand, and when: from the field's history where the org keeps one, else the account's stamp."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integration_hub.models import SfUser
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.errors import RequestRefused

NO_HISTORY = frozenset({"INVALID_TYPE", "INVALID_FIELD"})
"""Salesforce's answer where an object keeps no history, or shows the integration user none."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The last change of a field. `by` is a user's name; `exact` says that it is known of this very field.

    Else the account's last change is meant, which may have been another field. `ours`: the integration user made it.
    """

    by: str
    at: datetime | None
    exact: bool
    ours: bool


def who_edited(org: Org, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Edit]:
    """The last edit of each (account, field); an account that is gone or hidden is left out."""
    accounts = {account for account, _ in keys}
    records = {
        str(record["Id"]): record
        for record in org.query_in(["Id", "LastModifiedById", "LastModifiedDate"], "Account", "Id", accounts)
    }
    history = _histories(org, accounts)
    users = {str(record["LastModifiedById"]) for record in records.values()}
    names = user_names(org, users | {str(row["CreatedById"]) for row in history.values()})
    edits = {}
    for account, name in keys:
        row = history.get((account, name.lower()))
        if row is not None:
            edits[account, name] = _edit(org, names, row["CreatedById"], row["CreatedDate"], exact=True)
        elif account in records:
            record = records[account]
            edits[account, name] = _edit(org, names, record["LastModifiedById"], record["LastModifiedDate"])
    return edits


def _edit(org: Org, names: Mapping[str, str], user: Any, at: Any, *, exact: bool = False) -> Edit:
    ours = str(user) == org.user_id
    # Where only the account's stamp is known, our own later write hides who made the edit.
    by = "" if ours and not exact else names.get(str(user), str(user))
    moment = None if ours and not exact else datetime.fromisoformat(str(at))
    return Edit(by, moment, exact, ours)


def _histories(org: Org, accounts: Iterable[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The newest history row of each (account, lower-case field); none where the org keeps no history."""
    columns = ["Id", "AccountId", "Field", "CreatedById", "CreatedDate"]
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    try:
        for row in org.query_in(columns, "AccountHistory", "AccountId", accounts):
            key = (str(row["AccountId"]), str(row["Field"]).lower())
            if key not in newest or str(row["CreatedDate"]) >= str(newest[key]["CreatedDate"]):
                newest[key] = row
    except RequestRefused as refused:
        if refused.code not in NO_HISTORY:
            raise
    return newest


def user_names(org: Org, users: Collection[str]) -> dict[str, str]:
    """Names of Salesforce users by id: from the mirror, else asked from Salesforce."""
    names = dict(SfUser.objects.filter(key__in=users).values_list("key", "name"))
    missing = [each for each in users if each not in names]
    for record in org.query_in(["Id", "Name"], "User", "Id", missing):
        names[str(record["Id"])] = str(record["Name"])
    return names
