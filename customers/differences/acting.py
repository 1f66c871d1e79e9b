"""What people do about differences: assign, snooze, wake and comment. Only the inbox is written, never a value."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from customers.access import ACCOUNT_MANAGERS, ADMINISTRATORS, ANALYSTS
from customers.books import company_date
from customers.differences.shown import differences_for, name_of
from customers.formats import day, plural
from customers.models import Difference, DifferenceNote
from integration_hub import audit
from integration_hub.audit.chain import MOST_ITEMS

LONGEST_SNOOZE = timedelta(days=366)
LONGEST_TEXT = 2000
MOST_AT_ONCE = 500


class NotDone(ValueError):
    """Why nothing was changed, and what to enter instead."""


def colleagues() -> QuerySet[User]:
    """Who can be given a difference: everybody who can sign in and has a role."""
    groups = Group.objects.filter(name__in=(ACCOUNT_MANAGERS, ANALYSTS, ADMINISTRATORS))
    found = User.objects.filter(Q(groups__in=groups) | Q(is_superuser=True), is_active=True).distinct()
    return found.order_by("first_name", "last_name", "username")


def chosen(user: User, ids: Sequence[str]) -> list[Difference]:
    """The differences of a form that the user sees and that are not closed. Raises NotDone where there are none."""
    numbers = [int(each) for each in ids[:MOST_AT_ONCE] if each.isascii() and each.isdigit() and len(each) < 18]
    found = list(differences_for(user).filter(pk__in=numbers, closed_at=None).select_related("assignee"))
    if not found:
        raise NotDone("Nothing was changed: tick the differences first. Closed ones stay as they are.")
    return found


@transaction.atomic
def assign(user: User, differences: Sequence[Difference], username: str) -> str:
    """Give the differences to a login, or back to whom they fall by default where none is named; what was done, in
    words. Raises NotDone for an unknown login, and for one that may not see all of them.
    """
    to = colleagues().filter(username=username).first() if username else None
    if username and to is None:
        raise NotDone("Nobody was assigned: choose a colleague from the list.")
    keys = [each.pk for each in differences]
    if to is not None:
        unseen = len(keys) - differences_for(to).filter(pk__in=keys).count()
        if unseen:
            raise NotDone(f"{name_of(to)} does not see {plural(unseen, 'of these customer')}. Choose somebody else.")
    changed = [each for each in differences if each.assignee_id != (to.pk if to else None)]
    Difference.objects.filter(pk__in=[each.pk for each in changed]).update(assignee=to)
    whom = name_of(to) if to else "whom it falls to by default"
    _note(user, changed, "assigned", f"to {whom}")
    had = {each.pk: each.assignee.get_username() if each.assignee else None for each in changed}
    _audit(user, "difference.assigned", had, {"to": to.get_username() if to else None})
    return f"{plural(len(keys), 'difference')} assigned to {whom}."


@transaction.atomic
def snooze(user: User, differences: Sequence[Difference], until: str, reason: str) -> str:
    """Put the differences away until a day (YYYY-MM-DD), for a reason; what was done, in words. Raises NotDone."""
    last, reason, today = _day(until), " ".join(reason.split()), company_date()
    if last <= today:
        raise NotDone("Nothing was snoozed: choose a day after today.")
    if last - today > LONGEST_SNOOZE:
        raise NotDone("Nothing was snoozed: a year is the longest.")
    if not reason or len(reason) > LONGEST_TEXT:
        raise NotDone(f"Nothing was snoozed: give a reason of at most {LONGEST_TEXT} characters.")
    keys = [each.pk for each in differences]
    Difference.objects.filter(pk__in=keys).update(snoozed_until=last, snooze_reason=reason)
    _note(user, differences, "snoozed", f"until {day(last)}: {reason}")
    _audit(user, "difference.snoozed", _put_away(differences), {"until": last, "reason": reason})
    return f"{plural(len(keys), 'difference')} snoozed until {day(last)}."


@transaction.atomic
def wake(user: User, differences: Sequence[Difference]) -> str:
    """Open snoozed differences again; what was done, in words."""
    asleep = [each for each in differences if each.snoozed_until is not None]
    Difference.objects.filter(pk__in=[each.pk for each in asleep]).update(snoozed_until=None, snooze_reason="")
    _note(user, asleep, "woken", "")
    _audit(user, "difference.woken", _put_away(asleep), {"until": None})
    return f"{plural(len(asleep), 'difference')} open again."


@transaction.atomic
def comment(user: User, difference: Difference, text: str) -> None:
    """Add a comment. Raises NotDone for an empty or an overlong one."""
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise NotDone(f"No comment was added: write at most {LONGEST_TEXT} characters.")
    _note(user, [difference], "comment", text)
    _audit(user, "difference.commented", {difference.pk: None}, {"comment": text})


def _note(user: User, differences: Sequence[Difference], kind: str, text: str) -> None:
    now, name = timezone.now(), name_of(user)
    DifferenceNote.objects.bulk_create(
        DifferenceNote(difference=each, at=now, by=user, by_name=name[:150], kind=kind, text=text)
        for each in differences
    )


def _put_away(differences: Sequence[Difference]) -> dict[int, Any]:
    """Until when each was put away, and why; None for one that was not."""
    return {
        each.pk: {"until": each.snoozed_until, "reason": each.snooze_reason} if each.snoozed_until else None
        for each in differences
    }


def _audit(user: User, what: str, before: Mapping[int, Any], after: Mapping[str, Any]) -> None:
    """One row of the audit for as many differences as a row can hold; `before` is by the difference's number."""
    numbers = list(before)
    for start in range(0, len(numbers), MOST_ITEMS):
        told = {str(number): before[number] for number in numbers[start : start + MOST_ITEMS]}
        about = next(iter(told)) if len(told) == 1 else f"{len(told)} differences"
        audit.record(what, "difference", about, before=told, after=after, who=user.get_username())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotDone("Nothing was snoozed: enter the day until when.") from None
