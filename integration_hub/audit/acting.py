"""Who acts: the login and the address of the request that is being answered, known to whatever it calls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_request: ContextVar[HttpRequest | None] = ContextVar("request_that_acts", default=None)
LONGEST_ADDRESS = 45


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
    return address_of(request) if request is not None else ""


def address_of(request: HttpRequest) -> str:
    """The client's address. Behind TRUSTED_PROXIES proxies it is the entry that the outermost of them added to
    X-Forwarded-For; whatever stands left of it was written by the client and counts for nothing.
    """
    proxies = settings.TRUSTED_PROXIES
    passed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(passed) >= proxies:
        return str(passed[-proxies])[:LONGEST_ADDRESS]
    return str(request.META.get("REMOTE_ADDR") or "")[:LONGEST_ADDRESS]
