"""Addresses that can name nothing."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

NUL = "\x00"


class NoNulMiddleware:
    """Answers 404 to a path with a NUL character, and 400 to a query or a form with one: PostgreSQL keeps
    none in a text, so no row has it, and asking for it or storing it would be an error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path:
            raise Http404
        if _holds_nul(request.GET):
            raise BadRequest("The address holds a character that no text can hold (NUL).")
        if request.method == "POST" and _holds_nul(request.POST):
            raise BadRequest("The form holds a character that no text can hold (NUL).")
        return self.get_response(request)


def _holds_nul(given: QueryDict) -> bool:
    """In a value or a name: forms make names of keys."""
    return any(NUL in text for name, values in given.lists() for text in (name, *values))
