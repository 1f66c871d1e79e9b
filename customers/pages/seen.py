"""Which of some documents a user may see, and one document by its key."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from customers.access import User, prepared_visible


def seen_keys(model: Any, keys: Iterable[str | None], user: User) -> set[str]:
    """The keys of those that the user may see; None among them is nobody's."""
    wanted = tuple(sorted({key for key in keys if key is not None}))
    return set(_keys(user, wanted, model)) if wanted else set()


def seen_document(model: Any, key: str, user: User) -> Any:
    """The document with its company; None where there is none or the user may not see it."""
    return next(iter(_with_company(user, (key,), model)), None)


@prepared_visible
def _keys(keys: tuple[str, ...], model: Any) -> "QuerySet[Any, Any]":
    found: QuerySet[Any, Any] = model.objects.filter(key__in=keys).values_list("key", flat=True)
    return found


@prepared_visible
def _with_company(keys: tuple[str, ...], model: Any) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(key__in=keys).select_related("company")
    return found
