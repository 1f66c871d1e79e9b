"""UserRecordAccess: which records a user may see and change, computed when asked."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import ApiError
from .fields import Record
from .identifiers import to_18
from .org import Org
from .soql.syntax import Among, Both, Compare, Condition, Literal

MOST_RECORDS = 200
LEVELS = ("None", "Read", "Edit", "Delete", "Transfer", "All")
DEFAULTS = {"None": 0, "Read": 1, "Edit": 2, "ReadEdit": 2, "ReadEditTransfer": 4}
SHARED = {"Read": 1, "Edit": 2, "All": 5}
OWNED = 5


def access_rows(org: Org, where: Condition | None) -> list[Record]:
    """One row per record asked about; ApiError 400 unless one user and at most 200 records are named."""
    users, records = _named(where, "userid"), _named(where, "recordid")
    if len(users) != 1 or not 1 <= len(records) <= MOST_RECORDS:
        raise ApiError(
            400,
            "MALFORMED_QUERY",
            f"UserRecordAccess needs one UserId and 1 to {MOST_RECORDS} values of RecordId in its WHERE clause",
        )
    return [_row(org, users[0], each) for each in records]


def _named(where: Condition | None, name: str) -> list[str]:
    """The ids that every row must have in this column."""
    for part in where.parts if isinstance(where, Both) else (where,):
        literals: Iterable[Literal] = ()
        if isinstance(part, Compare) and part.operator == "=" and part.name.text.lower() == name:
            literals = (part.value,)
        if isinstance(part, Among) and not part.negated and part.name.text.lower() == name:
            literals = part.values
        found = [to_18(each.text) or each.text for each in literals]
        if found:
            return list(dict.fromkeys(found))
    return []


def _row(org: Org, user_id: str, record_id: str) -> Record:
    level = access_level(org, user_id, record_id)
    rights = {f"Has{right}Access": level >= need for need, right in enumerate(LEVELS) if need}
    return {"Id": record_id, "UserId": user_id, "RecordId": record_id, "MaxAccessLevel": LEVELS[level], **rights}


def access_level(org: Org, user_id: str, record_id: str) -> int:
    """The place in LEVELS: by ownership, by a role above the owner's, by team, by share, by the org's default."""
    sobject = org.schema.by_prefix(record_id)
    record = org.store.get(sobject.name, record_id) if sobject else None
    user = org.store.get("User", user_id)
    if sobject is None or record is None or record.get("IsDeleted") or not (user and user.get("IsActive")):
        return 0
    if user_id == org.default_caller().user_id:
        return OWNED
    account_id = str(record["Id"] if sobject.name == "Account" else record.get("AccountId"))
    organization = org.store.get("Organization", org.organization_id) or {}
    default = str(organization.get(f"Default{sobject.name}Access"))
    if default == "ControlledByParent":
        return access_level(org, user_id, account_id)
    owner = str(record.get("OwnerId"))
    if user_id == owner or _is_above(org, user, owner):
        return OWNED
    return max(DEFAULTS.get(default, 0), _shared(org, sobject.name, user_id, account_id))


def _is_above(org: Org, user: Record, owner_id: str) -> bool:
    """Whether the user's role stands somewhere above the owner's."""
    owner = org.store.get("User", owner_id) or {}
    role, seen = owner.get("UserRoleId"), set[str]()
    while role is not None and str(role) not in seen:
        seen.add(str(role))
        role = (org.store.get("UserRole", str(role)) or {}).get("ParentRoleId")
        if role is not None and role == user.get("UserRoleId"):
            return True
    return False


def _shared(org: Org, sobject: str, user_id: str, account_id: str) -> int:
    column = f"{sobject}AccessLevel"
    levels = [
        SHARED.get(str(row.get(column)), 0)
        for name, who in (("AccountTeamMember", "UserId"), ("AccountShare", "UserOrGroupId"))
        for row in org.store.rows[name].values()
        if row.get("AccountId") == account_id and row.get(who) == user_id and not row.get("IsDeleted")
    ]
    return max(levels, default=0)
