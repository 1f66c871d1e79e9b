"""Which differences a user sees, which of them are the user's to correct, and in which state they are."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import User as AuthUser
from django.db.models import Count, Q, QuerySet, Value

from customers.access import User, hidden_columns, own_salesforce_user, prepared_visible, visible
from customers.books import company_date
from customers.models import Difference
from integration_hub.config import hub
from integration_hub.models import SfUser

STATES: Mapping[str, str] = MappingProxyType(
    {"open": "Open", "snoozed": "Snoozed", "closed": "Closed", "all": "Open, snoozed or closed"}
)
CLOSED_WHY: Mapping[str, str] = MappingProxyType(
    {
        "equal": "the two no longer differ",
        "unlinked": "the ERP customer is not linked to this account any more",
        "following": "the account is compared with another of its ERP customers now",
        "unknown": "one of the two values is no longer read, so whether they differ is not known",
        "shared": "the ERP customer is shared over several accounts now, and this field is not compared then",
        "undeclared": "hub.toml does not compare this field any more",
    }
)


def differences_for(user: User) -> QuerySet[Difference]:
    """The differences of customers that the user may see, in fields that the user may see."""
    return without_hidden(visible(Difference.objects.all(), user), hidden_columns(user))


def without_hidden(differences: QuerySet[Difference], hidden: frozenset[str]) -> QuerySet[Difference]:
    """Only those in fields that are not among the hidden columns."""
    return differences.exclude(field__in=hidden) if hidden else differences


def in_state(name: str, today: date) -> Q:
    """The condition of a state at a day; of "all", and of any other name, none."""
    snoozed = Q(snoozed_until__gt=today)
    return {
        "open": Q(closed_at=None) & (Q(snoozed_until=None) | Q(snoozed_until__lte=today)),
        "snoozed": Q(closed_at=None) & snoozed,
        "closed": Q(closed_at__isnull=False),
    }.get(name, Q())


def state_of(difference: Difference, today: date) -> str:
    """The name of the state that one is in at a day."""
    if difference.closed_at is not None:
        return "closed"
    return "snoozed" if difference.snoozed_until is not None and difference.snoozed_until > today else "open"


def falling_to(user: User) -> Q:
    """Those that are the user's to correct: assigned in person, else those of an account that the user owns, or of the
    ERP, whose contact the user is.
    """
    condition = Q(assignee=user.pk)
    if own := own_salesforce_user(user):
        condition |= Q(assignee=None, falls_to=own)
    if user.get_username() == hub().masters.erp_contact:
        condition |= Q(assignee=None, master="salesforce")
    return condition


def count_mine(user: User) -> int:
    """How many are open for the user today."""
    own = own_salesforce_user(user)
    is_contact = user.get_username() == hub().masters.erp_contact
    counts = _mine(
        user,
        (user.pk or 0,),
        (own,) if own else (),
        is_contact=is_contact,
        hidden=hidden_columns(user),
        today=company_date(),
    )
    return sum(counts)


@prepared_visible
def _mine(
    users: tuple[int, ...], owners: tuple[str, ...], *, is_contact: bool, hidden: frozenset[str], today: date
) -> "QuerySet[Any, Any]":
    """The condition of `falling_to` once more, in the form whose SQL is kept: every page asks."""
    condition = Q(assignee__in=users) | Q(assignee=None, falls_to__in=owners)
    if is_contact:
        condition |= Q(assignee=None, master="salesforce")
    found = without_hidden(Difference.objects.filter(in_state("open", today)).filter(condition), hidden)
    together: QuerySet[Any, Any] = found.order_by().annotate(together=Value(1)).values("together")
    counted: QuerySet[Any, Any] = together.annotate(rows=Count("pk")).values_list("rows", flat=True)
    return counted


def name_of(user: AuthUser) -> str:
    """What pages call a login."""
    return user.get_full_name() or user.get_username()


def responsible(differences: Sequence[Difference]) -> Mapping[int, str]:
    """By difference who corrects it, in words; empty where it falls to nobody. `assignee` is read already."""
    owners = {each.falls_to for each in differences if each.assignee is None and each.falls_to}
    names = dict(SfUser.objects.filter(key__in=owners).values_list("key", "name")) if owners else {}
    contact = erp_contact()
    found: dict[int, str] = {}
    for each in differences:
        by_default = names.get(each.falls_to, "") if each.master == "erp" else contact
        found[each.pk] = name_of(each.assignee) if each.assignee is not None else by_default
    return found


def erp_contact() -> str:
    """The name of the login that corrects the ERP; empty where hub.toml names none that exists."""
    login: Any = AuthUser.objects.filter(username=hub().masters.erp_contact, is_active=True).first()
    return name_of(login) if login else ""
