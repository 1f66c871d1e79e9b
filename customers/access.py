"""Who may see which customers and documents: one place for every page, export and count.

Account managers see the accounts that they, or users in roles below theirs, own in Salesforce or are in the account
team of, and as a deputy for some days the same of an absent person; analysts and administrators see all. A login is
tied to one Salesforce user by stored id; an untied account manager sees nothing of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.contrib.auth.models import User as AuthUser
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from customers.access_rules import BY_ACCOUNT, BY_CUSTOMER, BY_ERP_CUSTOMER, BY_OWNER
from customers.books import Lent, customers_of, lent_to, owners_seen, sees_by
from customers.calendar import current_day
from customers.hidden import hidden_from
from customers.models import AccountLink, Customer, Login
from customers.parts import KINDS, gone_elsewhere
from integration_hub import audit
from integration_hub.models import SfUser
from integration_hub.prepared import prepared

__all__ = [
    "current_day",
    "hidden_columns",
    "lent_books",
    "own_salesforce_user",
    "owns_alone",
    "people",
    "prepared_visible",
    "role",
    "scope",
    "sees_all",
    "tie",
    "untied_reason",
    "visible",
]

Role = Literal["account_manager", "analyst", "administrator"]
User = AbstractBaseUser | AnonymousUser
AnyModel = TypeVar("AnyModel", bound=Model)
Given = ParamSpec("Given")

ADMINISTRATORS, ANALYSTS, ACCOUNT_MANAGERS = "Administrators", "Analysts", "Account managers"
SEE_ALL: frozenset[Role] = frozenset({"analyst", "administrator"})


@dataclass(frozen=True)
class _Standing:
    role: Role
    salesforce_user: str
    untied_reason: str
    lent: tuple[Lent, ...] = ()
    by_team: bool = False
    by_place: bool = False

    @property
    def viewers(self) -> tuple[str, ...]:
        """The Salesforce users whose books are seen: one's own, and those lent."""
        own = (self.salesforce_user,) if self.salesforce_user else ()
        return own + tuple(each.absent for each in self.lent if each.absent not in own)


def role(user: User) -> Role:
    """The strongest role of the user's groups; superusers are administrators, everybody else an account manager."""
    return _standing(user).role


def scope(user: User) -> str:
    """What decides which rows the user may see, as a text for keys of caches."""
    standing = _standing(user)
    books = "" if standing.role in SEE_ALL else ",".join(standing.viewers) or str(user.pk)
    return f"{standing.role}:{books}:{standing.by_team}"


def untied_reason(user: User) -> str:
    """Why an account manager sees nothing, and what to do; empty for everybody who sees something by right."""
    return _standing(user).untied_reason


def sees_all(user: User) -> bool:
    """Whether no rule narrows what the user sees."""
    return _standing(user).role in SEE_ALL


def owns_alone(user: User) -> bool:
    """Whether owners alone decide what the user sees, so that what is stored per owner can be added up."""
    return not _standing(user).by_team


def visible(queryset: QuerySet[AnyModel], user: User) -> QuerySet[AnyModel]:
    """Only the rows that the user may see. Raises TypeError for a model that no rule knows."""
    _check(queryset.model)
    standing = _standing(user)
    if standing.role in SEE_ALL:
        return queryset
    if not standing.viewers:
        return queryset.none()
    return _narrowed(queryset, standing.viewers, by_team=standing.by_team, by_place=standing.by_place)


def prepared_visible(
    build: "Callable[Given, QuerySet[Any, Any]]",
) -> "Callable[Concatenate[User, Given], list[Any]]":
    """Like `prepared` for the rows of a query that a user may see: the function it gives takes the user first. What
    narrows them is the same as in `visible`, which it takes the place of.
    """

    @prepared
    def everything(*args: Given.args, **named: Given.kwargs) -> "QuerySet[Any, Any]":
        queryset = build(*args, **named)
        _check(queryset.model)
        return queryset

    @prepared
    def narrowed(
        viewers: tuple[str, ...], by_team: bool, by_place: bool, *args: Given.args, **named: Given.kwargs
    ) -> "QuerySet[Any, Any]":
        queryset: Any = build(*args, **named)
        _check(queryset.model)
        # The first rows are the first of those that the user may see.
        low, high = queryset.query.low_mark, queryset.query.high_mark
        queryset.query.clear_limits()
        seen: QuerySet[Any, Any] = _narrowed(queryset, viewers, by_team=by_team, by_place=by_place)
        seen.query.set_limits(low, high)
        return seen

    def rows(user: User, /, *args: Given.args, **named: Given.kwargs) -> list[Any]:
        standing = _standing(user)
        if standing.role in SEE_ALL:
            return everything(*args, **named)
        if not standing.viewers:
            return []
        return narrowed(standing.viewers, standing.by_team, standing.by_place, *args, **named)

    return rows


def _check(model: type[Model]) -> None:
    if not any(model in rule for rule in (BY_CUSTOMER, BY_ERP_CUSTOMER, BY_ACCOUNT, BY_OWNER)):
        raise TypeError(f"customers.access has no rule for {model.__name__}: add one before showing it to anybody.")


def _narrowed(
    queryset: QuerySet[AnyModel], viewers: tuple[str, ...], *, by_team: bool, by_place: bool
) -> QuerySet[AnyModel]:
    """Only the rows in the books of some Salesforce users; `by_place` where rules share documents by ship-to party."""
    model: type[Model] = queryset.model
    if model in BY_OWNER:
        return queryset.filter(**{f"{BY_OWNER[model]}__in": owners_seen(viewers)})
    customers = customers_of(viewers, by_team=by_team)
    if model in BY_CUSTOMER:
        return queryset.filter(**{f"{BY_CUSTOMER[model]}__in": customers})
    if model in BY_ACCOUNT:
        accounts = Customer.objects.filter(pk__in=customers).order_by().values("account")
        return queryset.filter(**{f"{BY_ACCOUNT[model]}__in": accounts})
    keys = AccountLink.objects.filter(customer__in=customers).values("erp_customer")
    found = queryset.filter(**{f"{BY_ERP_CUSTOMER[model]}__in": keys})
    return found.exclude(gone_elsewhere(model, customers)) if by_place and model in KINDS else found


def lent_books(user: User) -> tuple[Lent, ...]:
    """Books that an account manager sees today as a deputy of somebody absent, the first to end first."""
    return _standing(user).lent


def own_salesforce_user(user: User) -> str:
    """The id of the Salesforce user that an account manager's login is tied to; empty for everybody else."""
    return _standing(user).salesforce_user


def hidden_columns(user: User) -> frozenset[str]:
    """Names of measures, and of attributes such as "credit_limit", that the user's role does not see anywhere.

    Pages, lists, exports and search leave them out; a figure page of one answers 404.
    """
    return hidden_from(role(user))


def people(user: User) -> QuerySet[SfUser]:
    """The Salesforce users whose books the user may see, by name: for a choice of person.

    Those who own at least one customer, and the user's own Salesforce user in any case. Account managers get
    themselves and users in roles below theirs, and as deputies the same of the absent person; analysts and
    administrators everybody.
    """
    standing = _standing(user)
    owning = Q(Exists(Customer.objects.filter(owner=OuterRef("key"), gone_at=None))) | Q(key=standing.salesforce_user)
    users = SfUser.objects.filter(owning).order_by("name", "key")
    if standing.role in SEE_ALL:
        return users
    return users.filter(key__in=owners_seen(standing.viewers))


def tie(user: AuthUser) -> Login | None:
    """The login's tie to a Salesforce user; made now when exactly one active Salesforce user has the same e-mail."""
    login = next(iter(_logins((user.pk,))), None)
    if (login and login.salesforce_user) or not user.email:
        return login
    found = _same_email(user)
    if len(found) != 1:
        return login
    values = {"salesforce_user": found[0], "tied_by": "e-mail"}
    with transaction.atomic():
        made = Login.objects.update_or_create(user=user, defaults=values)[0]
        audit.record("login.tied", "login", user.get_username(), after=values)
    return made


@prepared
def _groups(users: tuple[int, ...]) -> "QuerySet[Any, Any]":
    return Group.objects.filter(user__in=users).values_list("name", flat=True)


@prepared
def _logins(users: tuple[int, ...]) -> QuerySet[Login]:
    return Login.objects.filter(user__in=users)


def _same_email(user: AuthUser) -> list[str]:
    users = SfUser.objects.live().filter(email__iexact=user.email, is_active=True)
    return list(users.values_list("key", flat=True)[:2])


def _standing(user: User) -> _Standing:
    """Read once per user object, which lives as long as a request."""
    known: Any = user.__dict__
    if "_standing" not in known:
        known["_standing"] = _read_standing(user)
    standing: _Standing = known["_standing"]
    return standing


def _read_standing(user: User) -> _Standing:
    if not isinstance(user, AuthUser) or not user.is_active:
        return _Standing("account_manager", "", "You are not signed in.")
    groups = set(_groups((user.pk,)))
    if user.is_superuser or ADMINISTRATORS in groups:
        return _Standing("administrator", "", "")
    if ANALYSTS in groups:
        return _Standing("analyst", "", "")
    if ACCOUNT_MANAGERS not in groups:
        return _Standing(
            "account_manager", "", "Your login has no role yet. Ask an administrator to add it to a group."
        )
    login, lent = tie(user), lent_to(user)
    own = login.salesforce_user if login else ""
    standing = _Standing("account_manager", own, "" if own else _why_untied(user), lent)
    by_team, by_place = sees_by(standing.viewers)
    return replace(standing, by_team=by_team, by_place=by_place)


def _why_untied(user: AuthUser) -> str:
    remedy = "Ask an administrator to tie your login to your Salesforce user."
    if not user.email:
        return f"Your login has no e-mail address, so it could not be matched to a Salesforce user. {remedy}"
    if _same_email(user):
        return f"Several Salesforce users have the e-mail address {user.email}, so none was chosen. {remedy}"
    return f"No active Salesforce user has the e-mail address {user.email}. {remedy}"
