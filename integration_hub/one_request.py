"""What is read once per request: the configuration in force, the day that pages show."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Value = TypeVar("Value")
_known: ContextVar[dict[str, Any] | None] = ContextVar("known_in_this_request", default=None)


class OneRequestMiddleware:
    """Keeps what `once` reads for as long as a request takes; a stream that goes on after it reads anew."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with one_request():
            return self.get_response(request)


@contextmanager
def one_request() -> Iterator[None]:
    """Within it, `once` reads each name only once."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def once(name: str, read: Callable[[], Value]) -> Value:
    """What `read` gives; within a request what it gave the first time. For what a request itself never changes."""
    known = _known.get()
    if known is None:
        return read()
    if name not in known:
        known[name] = read()
    value: Value = known[name]
    return value
