"""Who may see the administrator's pages, and those for analysts as well."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

ADMINISTRATORS, ANALYSTS = "Administrators", "Analysts"
P = ParamSpec("P")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def is_administrator(user: Any) -> bool:
    """Whether the user is in the group of administrators, or a superuser; nobody who is signed out or inactive."""
    if not user.is_authenticated or not user.is_active:
        return False
    return bool(user.is_superuser or user.groups.filter(name=ADMINISTRATORS).exists())


def is_analyst(user: Any) -> bool:
    """Whether the user may see the figures of all customers: analysts and administrators."""
    if is_administrator(user):
        return True
    return bool(user.is_authenticated and user.is_active and user.groups.filter(name=ANALYSTS).exists())


def administrators_only(
    view: Callable[Concatenate[HttpRequest, P], Answer],
) -> Callable[Concatenate[HttpRequest, P], Answer]:
    """Answer 404 to everybody else, as for a page that does not exist."""
    return _guarded(view, is_administrator)


def analysts_only(
    view: Callable[Concatenate[HttpRequest, P], Answer],
) -> Callable[Concatenate[HttpRequest, P], Answer]:
    """Answer 404 to everybody but analysts and administrators."""
    return _guarded(view, is_analyst)


def _guarded(
    view: Callable[Concatenate[HttpRequest, P], Answer], may_see: Callable[[Any], bool]
) -> Callable[Concatenate[HttpRequest, P], Answer]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        if not may_see(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
