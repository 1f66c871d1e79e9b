"""Who acts: the login and the address of the request that is being answered, known to whatever it calls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from integration_hub.client_address import client_address

_request: ContextVar[HttpRequest | None] = ContextVar("request_that_acts", default=None)


class ActingMiddleware:
    """Stands after authentication, so that the request knows its login."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting(request):
            return self.get_response(request)


@contextmanager
def acting(request: HttpRequest) -> Iterator[None]:
    """Within it, what is recorded is this request's doing."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def in_request() -> bool:
    """Whether a request is being answered."""
    return _request.get() is not None


def who_acts() -> str:
    """The name of the login that acts; "command line" outside of requests, empty for a visitor."""
    request = _request.get()
    if request is None:
        return "command line"
    user = getattr(request, "user", None)
    return user.get_username() if user is not None and user.is_authenticated else ""


def acts_from() -> str:
    """The address that the request came from; empty outside of requests."""
    request = _request.get()
    return client_address(request) if request is not None else ""
