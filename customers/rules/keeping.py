"""Saved segments: who sees and changes which, and every version of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User as AuthUser
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from customers.access import User, hidden_columns, role, sees_all
from customers.models import Segment, SegmentVersion
from customers.rules.fields import Fields, all_fields, fields_without
from customers.rules.shape import Group, as_data, rules_of, stored_group
from integration_hub import audit

MOST_KEPT = 200
LONGEST_NAME, LONGEST_DESCRIPTION = 80, 1000
# Between the names of sent segments in Salesforce; customers/sql/sent_segments.sql joins them.
NAMES_APART = "; "


class NotKept(ValueError):
    """A segment could not be saved; the message says why and what to do."""


@dataclass(frozen=True)
class Draft:
    """What a segment is to be."""

    name: str
    description: str
    shared: bool
    rules: Group


def segments_for(user: User) -> QuerySet[Segment]:
    """One's own, those shared with everybody, and for administrators those that a deleted login left behind. One that
    names a figure hidden from the reader would give it away: see `shown_to`.
    """
    seen = Q(owner=user.pk) | Q(shared=True)
    if role(user) == "administrator":
        seen |= Q(owner=None)
    return Segment.objects.filter(seen)


def shown_to(user: User, segment: Segment) -> bool:
    """Whether no rule of the segment rests on what the user's role does not see."""
    return shows(segment, fields_without(hidden)) if (hidden := hidden_columns(user)) else True


def shows(segment: Segment, visible: Fields) -> bool:
    """Whether every field of the segment that there is at all is among these."""
    known = all_fields()
    named = {rule.field for _, rule in rules_of(stored_group(segment.rules))}
    priors = {known[name].prior for name in named if name in known and asks_prior(segment, name)} - {""}
    return all(name in visible for name in named | priors if name in known)


def asks_prior(segment: Segment, name: str) -> bool:
    """Whether a rule compares the field with its own value of the time before."""
    return any(rule.field == name and "prior" in rule.values for _, rule in rules_of(stored_group(segment.rules)))


def may_change(user: User, segment: Segment) -> bool:
    """One's own; what a deleted login left behind is for administrators. What is sent to Salesforce stays as it is for
    whoever may not send.
    """
    if segment.sent and not may_send(user):
        return False
    return segment.owner_id == user.pk or (segment.owner_id is None and role(user) == "administrator")


def may_send(user: User) -> bool:
    """Whether the user decides which segments go to Salesforce: analysts and administrators."""
    return sees_all(user)


def full_name(user: AuthUser) -> str:
    """The name that stays when the login is deleted."""
    return (user.get_full_name() or user.get_username())[:150]


def save_new(user: AuthUser, draft: Draft, at: datetime) -> Segment:
    """A new segment, version 1. Raises NotKept."""
    if Segment.objects.filter(owner=user).count() >= MOST_KEPT:
        raise NotKept(f"You keep {MOST_KEPT} segments already. Delete one before you save another.")
    segment = Segment(owner=user, owner_name=full_name(user), version=1, created_at=at, changed_at=at, **_kept(draft))
    return _stored(segment, user, None)


def save_change(segment: Segment, user: AuthUser, draft: Draft, at: datetime, seen: int) -> Segment:
    """The next version; what is not changed makes none. `seen` is the version that the change was made from: where
    somebody else changed it meanwhile, nothing is overwritten. Raises NotKept.
    """
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        if segment.version != seen:
            last = segment.versions.order_by("-number").first()
            by = f" by {last.changed_by_name}" if last else ""
            raise NotKept(
                f"“{segment.name}” was changed{by} meanwhile: it is at version {segment.version} now, and you began "
                f"from {seen}. Save yours under another name, or open it anew."
            )
        values = _kept(draft)
        if all(getattr(segment, name) == value for name, value in values.items()):
            return segment
        return _next(segment, user, values, at, None)


def restore(segment: Segment, user: AuthUser, number: int, at: datetime) -> Segment:
    """Bring an earlier version back, as a new one; SegmentVersion.DoesNotExist for none of that number."""
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        old = SegmentVersion.objects.get(segment=segment, number=number)
        values = {name: getattr(old, name) for name in ("name", "description", "shared", "rules")}
        return _next(segment, user, values, at, number)


def _next(segment: Segment, user: AuthUser, values: Mapping[str, Any], at: datetime, restored: int | None) -> Segment:
    for name, value in values.items():
        setattr(segment, name, value)
    if segment.owner_id is None:
        # Whoever changes what a deleted login left behind takes it over.
        segment.owner, segment.owner_name = user, full_name(user)
    # What only the owner sees is nothing for everybody in Salesforce.
    segment.sent = segment.sent and segment.shared
    segment.version += 1
    segment.changed_at = at
    return _stored(segment, user, restored)


def set_sent(segment: Segment, user: AuthUser, at: datetime, *, sent: bool) -> Segment:
    """Begin or stop sending a segment, as a version of its own. Raises NotKept."""
    with transaction.atomic():
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        if segment.sent == sent:
            return segment
        if sent and not segment.shared:
            raise NotKept("Only a shared segment can be sent: in Salesforce everybody reads its name.")
        segment.sent = sent
        segment.version += 1
        segment.changed_at = at
        return _stored(segment, user, None, "segment.sent" if sent else "segment.not_sent")


def _check_sent_name(segment: Segment) -> None:
    """Names stand beside each other in one field, so each must say which segment it is. Raises NotKept."""
    if NAMES_APART.strip() in segment.name:
        raise NotKept(f"“{segment.name}” has a semicolon, which stands between the names in Salesforce. Rename it.")
    others = Segment.objects.filter(sent=True, name__iexact=segment.name).exclude(pk=segment.pk)
    if (other := others.first()) is not None:
        raise NotKept(
            f"{other.owner_name} has a segment “{other.name}” that is sent already; in Salesforce nobody could tell "
            "them apart. Rename one of them."
        )


def _kept(draft: Draft) -> dict[str, Any]:
    name = " ".join(draft.name.split())[:LONGEST_NAME]
    if not name:
        raise NotKept("A segment needs a name.")
    description = draft.description.strip()[:LONGEST_DESCRIPTION]
    return {"name": name, "description": description, "shared": draft.shared, "rules": as_data(draft.rules)}


def _stored(segment: Segment, user: AuthUser, restored: int | None, what: str = "segment.saved") -> Segment:
    if segment.sent:
        _check_sent_name(segment)
    try:
        with transaction.atomic():
            last = segment.versions.order_by("-number").first() if segment.pk else None
            segment.save()
            SegmentVersion.objects.create(
                segment=segment,
                number=segment.version,
                name=segment.name,
                description=segment.description,
                shared=segment.shared,
                sent=segment.sent,
                rules=segment.rules,
                changed_by=user,
                changed_by_name=full_name(user),
                changed_at=segment.changed_at,
                restored=restored,
            )
            audit.record(
                what,
                "segment",
                segment.pk,
                before=_told(last) if last else None,
                after=_told(segment),
                who=user.get_username(),
            )
    except IntegrityError as problem:
        raise NotKept(f"You already have a segment called “{segment.name}”. Choose another name.") from problem
    return segment


def _told(kept: Segment | SegmentVersion) -> dict[str, Any]:
    """What the audit is told of a segment as it is, or as a version of it was."""
    version = kept.number if isinstance(kept, SegmentVersion) else kept.version
    return {"name": kept.name, "version": version, "shared": kept.shared, "sent": kept.sent, "rules": kept.rules}
