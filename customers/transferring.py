"""What customers keep that moves between installations: shared segments, shared views of the list, RFM scales."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from customers.calendar import current_day
from customers.models import RfmCalibration, SavedView, Segment
from customers.rfm_calibration import NotCalibrated, calibrate
from customers.rfm_in_force import calibration_in_force
from customers.rfm_scales import from_stored
from customers.rules.binding import RuleProblems, bind
from customers.rules.fields import all_fields
from customers.rules.keeping import Draft, NotKept, save_change, save_new, set_sent
from customers.rules.shape import UnreadableRules, read_group
from integration_hub import audit
from integration_hub.transfer.parts import NotMoved, Part, Rows

SCALES_ROW = "scales"


def _named(found: Iterable[Any]) -> dict[str, Any]:
    """Rows by their name, which everybody sees; a second one of the same name has its number beside it."""
    named: dict[str, Any] = {}
    for each in found:
        name, number = each.name, 2
        while name in named:
            name, number = f"{each.name} ({number})", number + 1
        named[name] = each
    return named


def _shared_segments() -> dict[str, Segment]:
    return _named(Segment.objects.filter(shared=True).order_by("name", "id"))


def _read_segments() -> Rows:
    return {
        name: {"name": each.name, "description": each.description, "sent": each.sent, "rules": each.rules}
        for name, each in _shared_segments().items()
    }


def _write_segments(rows: Rows, user: User) -> None:
    here, at = _shared_segments(), timezone.now()
    for name, row in rows.items():
        try:
            draft = Draft(str(row["name"]), str(row["description"]), shared=True, rules=read_group(row["rules"]))
            known = here.get(name)
            segment = save_change(known, user, draft, at, known.version) if known else save_new(user, draft, at)
            set_sent(segment, user, at, sent=bool(row["sent"]))
        except (NotKept, UnreadableRules, KeyError) as problem:
            raise NotMoved(f"The segment “{name}” cannot be taken over: {problem}") from problem


def _segment_doubts(rows: Rows) -> list[str]:
    """Rules that nobody would be listed by: of fields, for example, that only the new hub.toml and a sync bring."""
    fields, day, found = all_fields(), current_day() or timezone.localdate(), []
    for name, row in rows.items():
        try:
            bind(read_group(row["rules"]), fields, day)
        except RuleProblems as problems:
            found.append(f"“{name}” would list nobody yet. {problems}")
    return found


def _shared_views() -> dict[str, SavedView]:
    return _named(SavedView.objects.filter(shared=True).order_by("name", "id"))


def _read_views() -> Rows:
    return {name: {"name": each.name, "query": each.query} for name, each in _shared_views().items()}


def _write_views(rows: Rows, user: User) -> None:
    here = _shared_views()
    for name, row in rows.items():
        known = here.get(name)
        if known is not None:
            before = {"query": known.query}
            SavedView.objects.filter(pk=known.pk).update(query=row["query"])
        else:
            known, _ = SavedView.objects.update_or_create(
                user=user, name=row["name"], defaults={"query": row["query"], "shared": True}
            )
            before = None
        after = {"name": name, "query": row["query"]}
        audit.record("view.imported", "view", known.pk, before=before, after=after, who=user.get_username())


def _read_scales() -> Rows:
    newest = calibration_in_force()
    return {SCALES_ROW: newest.scales} if newest else {}


def _write_scales(rows: Rows, user: User) -> None:
    day, stored = current_day(), rows[SCALES_ROW]
    if day is None:
        raise NotMoved("RFM scales need figures, and there are none yet: load the sources, then import again.")
    try:
        scales = from_stored(stored)
        calibrate(user, day, scales, method=RfmCalibration.Method.ABSOLUTE, ties="", reason="Taken over from a file")
    except (NotCalibrated, KeyError, TypeError, ValueError) as problem:
        raise NotMoved(f"The RFM scales cannot be taken over: {problem}") from problem


SEGMENTS = Part(
    "segments",
    "Shared segments",
    _read_segments,
    _write_segments,
    ("name", "description", "sent", "rules"),
    _segment_doubts,
)
VIEWS = Part("views", "Shared views of the customer list", _read_views, _write_views, ("name", "query"))
SCALES = Part("rfm_scales", "RFM scales", _read_scales, _write_scales)
