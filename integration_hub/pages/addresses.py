"""Addresses that can name nothing."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

NUL = "\x00"


class NoNulMiddleware:
    """Answers 404 to an address with a NUL character in path or query: PostgreSQL keeps none in a text, so no row
    has it, and asking for it would be an error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        values = (value for _, values in request.GET.lists() for value in values)
        if NUL in request.path or any(NUL in value for value in values):
            raise Http404
        return self.get_response(request)
