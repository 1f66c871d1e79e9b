"""Keeping an org over a restart: what goes into the journal and how it comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from .fields import ANY_TYPE, NUMBER_TYPES, Field, ObjectType, Record
from .founding import found
from .history import NUMBERS
from .journal import Journal, Line
from .org import Org, Settings
from .usage import load_usage


def open_org(path: Path | None) -> Org:
    """The org of a state file; a new one when the file does not exist, in memory when there is no path."""
    org = Org(Journal(path))
    for line in org.journal.read():
        _replay(org, line)
    if not org.organization_id:
        found(org)
    compact(org)
    return org


def reset(org: Org) -> None:
    """Forget everything but the client app given by the environment."""
    org.begin()
    found(org)
    compact(org)


def commit(org: Org) -> None:
    """Journal everything changed since the last commit."""
    if not org.journal.keeps:
        _forget_changes(org)
        return
    changes, jobs = org.store.take_changes(), org.jobs.take_changes()
    if changes or jobs:
        org.dirty.add("mint")
    if org.faults.touched:
        org.faults.touched = False
        org.dirty.add("faults")
    if not org.dirty:
        return
    org.journal.append(
        {
            "rows": [[name, record] for name, _, record in changes if record is not None],
            "dropped": [[name, record_id] for name, record_id, record in changes if record is None],
            "jobs": jobs,
            "state": {section: SECTIONS[section](org) for section in sorted(org.dirty)},
        }
    )
    org.dirty.clear()


def _forget_changes(org: Org) -> None:
    """Without a file nothing is prepared for it: half a million rows would be copied for nobody."""
    org.store.forget_changes()
    org.jobs.forget_changes()
    org.fresh_refs.clear()
    org.dirty.clear()


def compact(org: Org) -> None:
    """Rewrite the journal as one line that holds the whole org."""
    if not org.journal.keeps:
        _forget_changes(org)
        return
    org.store.take_changes()
    org.dirty.clear()
    org.fresh_refs = dict(org.refs)
    org.journal.rewrite(
        {
            "rows": [[name, record] for name, rows in org.store.rows.items() for record in rows.values()],
            "dropped": [],
            "jobs": org.jobs.dump(),
            "state": {section: take(org) for section, take in SECTIONS.items()},
        }
    )


def _fresh_refs(org: Org) -> dict[str, str]:
    taken, org.fresh_refs = org.fresh_refs, {}
    return taken


def _schema(org: Org) -> dict[str, Any]:
    return {
        "custom": [[name, asdict(each)] for name, each in org.custom],
        "currencies": org.currencies,
        "features": sorted(org.features),
    }


def _clock(org: Org) -> dict[str, Any]:
    fixed = org.clock.fixed.isoformat() if org.clock.fixed else None
    return {"now": fixed, "offset_seconds": org.clock.offset.total_seconds()}


SECTIONS: dict[str, Callable[[Org], Any]] = {
    "mint": lambda org: org.mint.counters,
    "sessions": lambda org: org.sessions.dump(),
    "schema": _schema,
    "access": lambda org: [[*key, *rights] for key, rights in org.access.rights.items()],
    "clock": _clock,
    "settings": lambda org: asdict(org.settings),
    "refs": _fresh_refs,
    "faults": lambda org: org.faults.dump(),
    "rules": lambda org: org.rules.dump(),
    "usage": lambda org: org.usage.dump(),
    "tracked": lambda org: org.tracked,
    "deletions": lambda org: org.deletions_from,
}


def _replay(org: Org, line: Line) -> None:
    _load_state(org, line["state"])
    for name, record in line["rows"]:
        org.store.put(name, _revive(org.schema.objects[name.lower()], record))
    for name, record_id in line["dropped"]:
        # A record made and removed within one request was never journalled.
        if org.store.get(name, record_id):
            org.store.drop(name, record_id)
    org.jobs.load(line["jobs"])


def _load_state(org: Org, state: dict[str, Any]) -> None:
    org.mint.counters.update(state.get("mint", {}))
    if "sessions" in state:
        org.sessions.load(state["sessions"])
    if "schema" in state:
        _load_schema(org, state["schema"])
    for user_id, sobject, name, readable, editable in state.get("access", []):
        org.access.set(user_id, sobject, name, (readable, editable))
    if "clock" in state:
        org.clock.set(now=state["clock"]["now"], offset_seconds=state["clock"]["offset_seconds"])
    if "settings" in state:
        org.settings = Settings(**state["settings"])
    org.refs.update(state.get("refs", {}))
    if "rules" in state:
        org.rules.load(state["rules"], org.schema.objects)
    if "faults" in state:
        org.faults.load(state["faults"])
    if "usage" in state:
        org.usage = load_usage(state["usage"])
    org.tracked.update(state.get("tracked", {}))
    org.deletions_from = state.get("deletions", org.deletions_from)


def _load_schema(org: Org, state: dict[str, Any]) -> None:
    org.currencies = state["currencies"]
    for feature in state.get("features", []):
        org.switch_feature(feature, on=True)
    if org.currencies:
        org.schema.enable_multicurrency(org.currencies)
    org.custom = []
    for name, spec in state["custom"]:
        lists = {key: tuple(spec[key]) for key in ("reference_to", "picklist")}
        new = Field(**{**spec, **lists})
        org.custom.append((name, new))
        org.schema.objects[name.lower()].add(new)
    for name in {name for name, _ in org.custom}:
        org.store.reindex(name)


def _revive(sobject: ObjectType, record: dict[str, Any]) -> Record:
    """A journalled record with its numbers as Decimals again."""
    for each in sobject:
        value = record.get(each.name)
        numeric = each.type in NUMBER_TYPES or (each.type == ANY_TYPE and record.get("DataType") in NUMBERS)
        if value is not None and numeric:
            record[each.name] = Decimal(str(value))
    return record
