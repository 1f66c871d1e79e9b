"""While figures rest on another currency, calendar or choice of companies than hub.toml has, no page shows them."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from customers.calendar import current_day, is_behind

TRY_AGAIN_SECONDS = 60


class FiguresBehindError(Exception):
    """hub.toml changed what figures rest on, and they are not recomputed yet."""


def require_figures() -> None:
    """Raise FiguresBehindError until the figures rest on what hub.toml says now."""
    if current_day() is None and is_behind():
        raise FiguresBehindError


class FiguresBehindMiddleware:
    """Answers with a page that says so, and when to try again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for FiguresBehindError; every other error goes its way."""
        if not isinstance(error, FiguresBehindError):
            return None
        page = render(request, "customers/behind.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
        page.headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
        return page
