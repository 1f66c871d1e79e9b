"""The views of the sidebar: the standard ones, and those that users saved, with their numbers of customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User as AuthUser
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from customers.access import User, scope, visible
from customers.models import CustomerRollup, RollupDay, SavedView, SavedViewCount
from customers.pages.list_columns import columns_for
from customers.pages.list_filters import canonical, read_filters
from integration_hub import audit
from integration_hub.prepared import prepared

# Counted beside every page; a user who saves more finds the rest in the list.
MOST_SHOWN = 8
MOST_KEPT = 40
LONGEST_NAME = 60


class NameTaken(ValueError):
    """The user already has a view of that name, or as many views as one may keep; the message says so."""


@dataclass(frozen=True)
class OwnView:
    """A saved view as one user sees it; `count` is None for one that is not counted, `by` names another user."""

    pk: int
    label: str
    query: str
    count: int | None
    shared: bool
    mine: bool
    by: str


def own_views(user: User, as_of: date) -> tuple[OwnView, ...]:
    """The user's own views in their order, then those that others share; the first eight with counts."""
    views = _shown_to((user.pk or 0,))
    views.sort(key=lambda view: (view.user_id != user.pk, view.position, view.pk))
    counts = _counts(views[:MOST_SHOWN], user, as_of)
    return tuple(
        OwnView(
            pk=view.pk,
            label=view.name,
            query=view.query,
            count=counts.get(view.pk),
            shared=view.shared,
            mine=view.user_id == user.pk,
            by="" if view.user_id == user.pk else view.user.get_full_name() or view.user.get_username(),
        )
        for view in views
    )


@prepared
def _shown_to(users: tuple[int, ...]) -> QuerySet[Any]:
    """The views of a user and those that others share."""
    shown = SavedView.objects.filter(Q(user__in=users) | Q(shared=True, user__is_active=True))
    return shown.select_related("user")


def _counts(views: Sequence[SavedView], user: User, as_of: date) -> dict[int, int]:
    """Kept until the figures change or the user may see other rows; what is missing is counted in one query."""
    if not views:
        return {}
    computed_at = RollupDay.objects.filter(as_of=as_of).values_list("completed_at", flat=True).first()
    if computed_at is None:
        return {}
    kept = SavedViewCount.objects.filter(user=user.pk, view__in=views, computed_at=computed_at, seen=_seen(user))
    counts = dict(kept.values_list("view_id", "customers"))
    missing = [view for view in views if view.pk not in counts]
    if missing:
        counts |= _count(missing, user, as_of, computed_at)
    return counts


def _count(views: Sequence[SavedView], user: User, as_of: date, computed_at: datetime) -> dict[int, int]:
    columns = columns_for(user)
    rollups = visible(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None), user)
    conditions = {
        f"view_{view.pk}": Count(
            "pk", filter=read_filters(QueryDict(view.query), columns).condition(as_of) & Q(pk__isnull=False)
        )
        for view in views
    }
    found = rollups.aggregate(**conditions)
    counts = {view.pk: found[f"view_{view.pk}"] for view in views}
    SavedViewCount.objects.bulk_create(
        [
            SavedViewCount(
                view=view, user_id=user.pk or 0, computed_at=computed_at, seen=_seen(user), customers=counts[view.pk]
            )
            for view in views
        ],
        update_conflicts=True,
        unique_fields=["view", "user"],
        update_fields=["computed_at", "seen", "customers"],
    )
    return counts


def _seen(user: User) -> str:
    return sha256(scope(user).encode()).hexdigest()


def own_url(view: OwnView | SavedView) -> str:
    """The list as the view keeps it; `saved` only marks which view it is."""
    return f"{reverse('customers:list')}?{view.query}{'&' if view.query else ''}saved={view.pk}"


def save_view(user: AuthUser, name: str, query: QueryDict, *, shared: bool) -> SavedView:
    """Keep the list's filters, sort and columns under a name. Raises NameTaken, and ValueError for an empty name."""
    name = _read_name(name)
    mine = SavedView.objects.filter(user=user)
    if mine.count() >= MOST_KEPT:
        raise NameTaken(f"You keep {MOST_KEPT} views already. Delete one before you save another.")
    last = mine.aggregate(last=Max("position"))["last"]
    kept = canonical(query, columns_for(user))
    view = SavedView(user=user, name=name, query=kept, shared=shared, position=0 if last is None else last + 1)
    return _stored(view, "view.saved", None)


def change_view(view: SavedView, name: str, query: QueryDict | None, *, shared: bool) -> SavedView:
    """Rename a view, share it or not, and with a query replace what it holds. Raises as `save_view`."""
    before = _told(view)
    view.name, view.shared = _read_name(name), shared
    if query is not None:
        view.query = canonical(query, columns_for(view.user))
        view.counts.all().delete()
    return _stored(view, "view.changed", before)


@transaction.atomic
def delete_view(view: SavedView) -> None:
    """Delete a view, for everybody with whom it was shared as well."""
    audit.record("view.deleted", "view", view.pk, before=_told(view), who=view.user.get_username())
    view.delete()


def _told(view: SavedView) -> dict[str, object]:
    return {"name": view.name, "shared": view.shared, "query": view.query}


def _read_name(name: str) -> str:
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise ValueError("A view needs a name.")
    return name


def _stored(view: SavedView, what: str, before: dict[str, object] | None) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
            audit.record(what, "view", view.pk, before=before, after=_told(view), who=view.user.get_username())
    except IntegrityError as problem:
        raise NameTaken(f"You already have a view called “{view.name}”. Choose another name.") from problem
    return view
