"""Appointing deputies: who may lend which book to whom, and for which days."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from customers import books
from customers.access import ACCOUNT_MANAGERS, own_salesforce_user, people, role
from customers.models import Deputy, Login
from integration_hub import audit
from integration_hub.models import SfUser

log = logging.getLogger(__name__)
LONGEST = timedelta(days=366)


class NotAppointed(ValueError):
    """Why nobody was appointed, and what to enter instead."""


@dataclass(frozen=True)
class Appointment:
    """What a form asks for: whose book, the deputy, the first and the last day."""

    absent: SfUser
    deputy: User
    begins_on: date
    ends_on: date


def lenders(user: User) -> QuerySet[SfUser]:
    """Whose books the user may lend: their own; any for an administrator; none for everybody else."""
    if role(user) == "administrator":
        return people(user)
    return SfUser.objects.filter(key=own_salesforce_user(user) or None)


def colleagues(user: User) -> QuerySet[User]:
    """Who can be a deputy: account managers, since analysts and administrators see every customer anyway."""
    found = User.objects.filter(is_active=True, groups__name=ACCOUNT_MANAGERS).exclude(is_superuser=True)
    if role(user) != "administrator":
        found = found.exclude(pk=user.pk)
    return found.order_by("first_name", "last_name", "username")


def known_to(user: User) -> QuerySet[Deputy]:
    """Appointments that concern the user: of their own book and as a deputy; for an administrator all."""
    rows = Deputy.objects.select_related("deputy", "created_by", "ended_by").order_by("-begins_on", "-pk")
    if role(user) == "administrator":
        return rows
    own = own_salesforce_user(user)
    return rows.filter(Q(deputy=user) | Q(absent=own) if own else Q(deputy=user))


def may_end(user: User, deputy: Deputy) -> bool:
    """Whoever may lend a book may take it back."""
    return role(user) == "administrator" or bool(deputy.absent and deputy.absent == own_salesforce_user(user))


def read(user: User, asked: Mapping[str, str]) -> Appointment:
    """What a form asks for: `absent` (a Salesforce id; left out for one's own book), `deputy`, `begins_on`,
    `ends_on` (YYYY-MM-DD). Raises NotAppointed.
    """
    absent = lenders(user).filter(key=asked.get("absent") or own_salesforce_user(user)).first()
    if absent is None:
        raise NotAppointed("Choose whose book is lent.")
    deputy = colleagues(user).filter(username=asked.get("deputy", "")).first()
    if deputy is None:
        raise NotAppointed("Choose a colleague as deputy.")
    if Login.objects.filter(user=deputy, salesforce_user=absent.key).exists():
        raise NotAppointed("Nobody is their own deputy. Choose a colleague.")
    begins_on, ends_on = _day(asked.get("begins_on", ""), "first"), _day(asked.get("ends_on", ""), "last")
    if ends_on < begins_on:
        raise NotAppointed("The last day is before the first. Turn them around.")
    if ends_on < books.company_date():
        raise NotAppointed("These days have passed. Choose a last day from today on.")
    if ends_on - begins_on > LONGEST:
        raise NotAppointed("A deputy is for a year at most. For longer, change the owner in Salesforce.")
    return Appointment(absent, deputy, begins_on, ends_on)


def appoint(user: User, wanted: Appointment) -> Deputy:
    """Lend the book. Raises NotAppointed where the same deputy has it on some of these days already."""
    same = Deputy.objects.filter(absent=wanted.absent.key, deputy=wanted.deputy, ended_at=None)
    if same.filter(begins_on__lte=wanted.ends_on, ends_on__gte=wanted.begins_on).exists():
        raise NotAppointed("This colleague is deputy on some of these days already. End that first, or choose others.")
    with transaction.atomic():
        deputy = Deputy.objects.create(
            absent=wanted.absent.key,
            deputy=wanted.deputy,
            begins_on=wanted.begins_on,
            ends_on=wanted.ends_on,
            created_by=user,
        )
        told = {"book_of": deputy.absent, "from": wanted.begins_on, "to": wanted.ends_on}
        audit.record("deputy.appointed", "login", wanted.deputy.get_username(), after=told, who=user.get_username())
    log.info("Login %s lent the book of %s to login %s", user.pk, deputy.absent, wanted.deputy.pk)
    return deputy


def take_back(user: User, deputy: Deputy) -> None:
    """End a deputy's time now; the caller has asked may_end."""
    with transaction.atomic():
        books.end(deputy, user)
        told = {"book_of": deputy.absent, "to": deputy.ends_on}
        name = deputy.deputy.get_username()
        audit.record("deputy.ended", "login", name, before=told, who=user.get_username())
    log.info("Login %s ended the time of login %s as deputy of %s", user.pk, deputy.deputy_id, deputy.absent)


def _day(text: str, which: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAppointed(f"Enter the {which} day.") from None
