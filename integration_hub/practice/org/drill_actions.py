"""Administration for fire drills: what people, other systems and Salesforce itself do behind a client's back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .clock import from_text, to_stored
from .errors import ApiError
from .fields import ObjectType
from .founding import add_user
from .generating import generate
from .history import track
from .identifiers import to_18
from .lifecycle import hard_delete
from .org import DEFAULT_USERNAME, Org
from .values import keep
from .writing import existing, update

Spec = dict[str, Any]
Action = Callable[[Org, Spec], Any]


def sobject_of(org: Org, spec: Spec) -> ObjectType:
    """The object a request names; ApiError 400 when the org has none of that name."""
    found = org.schema.get(str(spec.get("sobject", "")))
    if found is None:
        raise ApiError(400, "INVALID_TYPE", f"The practice org has no object {spec.get('sobject')!r}")
    return found


def is_true(value: Any) -> bool:
    """A truth value from JSON or from a form, where everything is text."""
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def _edit(org: Org, spec: Spec) -> Spec:
    """Change a record by hand, as a person of this user name would: rules, stamps and history apply."""
    user = add_user(org, str(spec.get("user") or DEFAULT_USERNAME))
    values = spec["values"] if "values" in spec else {spec["field"]: spec["value"]}
    return {"id": update(org, org.caller(user), sobject_of(org, spec), spec["id"], values)}


def _recalculate(org: Org, spec: Spec) -> Spec:
    """Give fields new values without moving a stamp, as formulas and roll-up summaries do."""
    sobject = sobject_of(org, spec)
    record = existing(org, sobject, spec["id"])
    values = {}
    for name, raw in spec["values"].items():
        field = sobject.get(name)
        if field is None:
            raise ApiError(400, "INVALID_FIELD", f"{sobject.name} has no field {name!r}")
        values[field.name] = keep(field, raw)
    org.store.put(sobject.name, {**record, **values})
    return {"id": record["Id"]}


def _validation_rule(org: Org, spec: Spec) -> Spec:
    rule = org.rules.add(sobject_of(org, spec), spec)
    org.save("rules")
    return {"name": rule.name}


def _drop_rule(org: Org, spec: Spec) -> None:
    org.rules.drop(str(spec.get("name", "")))
    org.save("rules")


def _drop_rules(org: Org, _: Spec) -> None:
    org.rules.by_name.clear()
    org.save("rules")


def _track_history(org: Org, spec: Spec) -> None:
    fields = spec.get("fields", [])
    names = fields.replace(",", " ").split() if isinstance(fields, str) else fields
    track(org, sobject_of(org, spec), [str(each) for each in names])


def _refresh_org(org: Org, _: Spec) -> Spec:
    """Make the org the fresh copy that a sandbox refresh leaves: another organization id, no session survives."""
    old = org.organization_id
    record = org.store.rows["Organization"][old]
    org.store.drop("Organization", old)
    new = org.mint.new("00D")
    org.store.put("Organization", {**record, "Id": new, "IsSandbox": True})
    org.sessions.tokens.clear()
    org.cursors.clear()
    org.save("sessions")
    return {"old": old, "organization_id": new}


def _delete_log(org: Org, spec: Spec) -> Spec:
    """Cut the log of deletions: getDeleted tells nothing older than `earliest`; without it the log is whole again."""
    earliest = spec.get("earliest")
    org.deletions_from = to_stored(from_text(str(earliest))) if earliest else None
    org.save("deletions")
    return {"earliest": org.deletions_from}


def _purge_bin(org: Org, spec: Spec) -> Spec:
    """Empty the recycle bin, of one object or of all: nothing tells of those records any more."""
    chosen = [sobject_of(org, spec)] if spec.get("sobject") else list(org.schema)
    gone = [
        hard_delete(org, sobject, record_id)
        for sobject in chosen
        for record_id, row in list(org.store.rows[sobject.name].items())
        if row.get("IsDeleted")
    ]
    _delete_log(org, {"earliest": (org.clock.now() + timedelta(seconds=1)).isoformat()})
    return {"ids": gone}


def _active_user(org: Org, spec: Spec) -> Spec:
    """Switch a user on or off, by id or user name; records stay with an owner who has left."""
    record = org.store.get("User", to_18(str(spec.get("id", ""))) or "")
    known = [record] if record else org.store.with_key("User", "Username", str(spec.get("username", "")))
    if not known:
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "there is no such user")
    active = is_true(spec.get("active", False))
    update(org, org.default_caller(), org.schema.objects["user"], known[0]["Id"], {"IsActive": active})
    return {"id": known[0]["Id"], "active": active}


def _generate(org: Org, spec: Spec) -> Spec:
    sobject = sobject_of(org, spec)
    return {"made": generate(org, sobject, int(spec.get("count", 0)), int(spec.get("seed") or 0))}


DRILLS: dict[tuple[str, str], Action] = {
    ("POST", "edit"): _edit,
    ("POST", "recalculate"): _recalculate,
    ("GET", "validation_rules"): lambda org, _: org.rules.dump(),
    ("POST", "validation_rules"): _validation_rule,
    ("POST", "drop_validation_rule"): _drop_rule,
    ("DELETE", "validation_rules"): _drop_rules,
    ("POST", "track_history"): _track_history,
    ("POST", "refresh_org"): _refresh_org,
    ("POST", "delete_log"): _delete_log,
    ("POST", "purge_bin"): _purge_bin,
    ("POST", "active_user"): _active_user,
    ("POST", "generate"): _generate,
}
