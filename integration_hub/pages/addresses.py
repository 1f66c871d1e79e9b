"""Addresses that can name nothing."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

NUL = "\x00"


class NoNulMiddleware:
    """Answers 404 to a path with a NUL character, and 400 to a query or a form with one: PostgreSQL keeps
    none in a text, so no row has it, and asking for it or storing it would be an error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        values = (value for _, values in request.GET.lists() for value in values)
        if NUL in request.path:
            raise Http404
        if any(NUL in value for value in values):
            raise BadRequest("The address holds a character that no text can hold (NUL).")
        if request.method == "POST" and _holds_nul(request):
            raise BadRequest("The form holds a character that no text can hold (NUL).")
        return self.get_response(request)


def _holds_nul(request: HttpRequest) -> bool:
    return any(NUL in value for _, values in request.POST.lists() for value in values)
