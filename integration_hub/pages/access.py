"""Who may see the administrator's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

ADMINISTRATORS = "Administrators"
P = ParamSpec("P")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def is_administrator(user: Any) -> bool:
    """Whether the user is in the group of administrators, or a superuser; nobody who is signed out or inactive."""
    if not user.is_authenticated or not user.is_active:
        return False
    return bool(user.is_superuser or user.groups.filter(name=ADMINISTRATORS).exists())


def administrators_only(
    view: Callable[Concatenate[HttpRequest, P], Answer],
) -> Callable[Concatenate[HttpRequest, P], Answer]:
    """Answer 404 to everybody else, as for a page that does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        if not is_administrator(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
