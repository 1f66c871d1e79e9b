"""Whose customers somebody sees: a book is what a Salesforce user sees in their own right, and may be lent for days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db.models import CharField, QuerySet, Value
from django.utils import timezone

from customers.models import AccountLink, Customer, Deputy, RoleScope, TeamScope
from integration_hub.config import hub
from integration_hub.models import SfUser
from integration_hub.prepared import prepared


@dataclass(frozen=True)
class Lent:
    """A book that a login sees as a deputy: whose (id and name), and the last day."""

    absent: str
    name: str
    until: date


def company_date() -> date:
    """The day it is now where the company is: access changes at its midnight, whatever day the figures are of."""
    return datetime.now(ZoneInfo(hub().company.time_zone)).date()


def in_force(day: date) -> QuerySet[Deputy]:
    """Deputies who see the other's book on a day: begun, not over, not ended early."""
    return Deputy.objects.filter(begins_on__lte=day, ends_on__gte=day, ended_at=None)


def lent_to(user: User) -> tuple[Lent, ...]:
    """Books that the login sees today as a deputy. What the absent person got as a deputy is not among them."""
    until = dict(_lent((user.pk,), company_date()))
    names = dict(SfUser.objects.filter(key__in=until).values_list("key", "name")) if until else {}
    return tuple(Lent(absent, names.get(absent) or absent, day) for absent, day in until.items())


@prepared
def _lent(logins: tuple[int, ...], day: date) -> "QuerySet[Any, Any]":
    return in_force(day).filter(deputy__in=logins).order_by("ends_on", "pk").values_list("absent", "ends_on")


def owners_seen(viewers: Sequence[str]) -> QuerySet[RoleScope, Any]:
    """Salesforce users whose accounts the viewers see: themselves, and users in roles below theirs."""
    return RoleScope.objects.filter(viewer__in=viewers).values("owner")


def sees_by(viewers: Sequence[str]) -> tuple[bool, bool]:
    """Whether any customer is in these books by an account team alone, and whether rules share ERP customers by ship-to
    party, so that not every document of an ERP customer is for everybody who sees it.
    """
    found = set(_by(tuple(viewers)))
    return "team" in found, "place" in found


@prepared
def _by(viewers: tuple[str, ...]) -> "QuerySet[Any, Any]":
    team, place = Value("team", output_field=CharField()), Value("place", output_field=CharField())
    in_team = TeamScope.objects.filter(viewer__in=viewers).order_by().values_list(team, flat=True)[:1]
    by_place = AccountLink.objects.filter(places__isnull=False).order_by().values_list(place, flat=True)[:1]
    return in_team.union(by_place, all=True)


def customers_of(viewers: Sequence[str], *, by_team: bool) -> QuerySet[Any, Any]:
    """Keys of the customers in the books of these Salesforce users, for an IN.

    By owner and by account team as a union, not as one condition with OR: each side is found by its own index, where
    OR would read every customer. Whoever sees nothing by a team (`by_team`), as heads who see all owners, is spared
    the union.
    """
    owned = Customer.objects.filter(owner__in=owners_seen(viewers)).order_by().values("pk")
    if not by_team:
        return owned
    in_team = TeamScope.objects.filter(viewer__in=viewers).order_by().values("customer")
    return owned.union(in_team, all=True)


def is_in_book(customer: Customer, viewer: str) -> bool:
    """Whether one customer is in the book of a Salesforce user."""
    owned = RoleScope.objects.filter(viewer=viewer, owner=customer.owner)
    return owned.exists() or TeamScope.objects.filter(viewer=viewer, customer=customer).exists()


def is_over(deputy: Deputy) -> bool:
    """Whether the time of a deputy has passed, or was ended."""
    return deputy.ended_at is not None or deputy.ends_on < company_date()


def end(deputy: Deputy, by: User) -> None:
    """End a deputy's time now; one that has passed stays as it is."""
    if not is_over(deputy):
        deputy.ended_at, deputy.ended_by = timezone.now(), by
        deputy.save(update_fields=["ended_at", "ended_by"])
