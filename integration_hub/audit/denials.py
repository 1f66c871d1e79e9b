"""Records what somebody who is signed in was refused: pages of others look as if they did not exist, so 404 counts."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from integration_hub.audit.recording import record_refusal

REFUSED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class DenialMiddleware:
    """Stands after authentication. What leads to no page at all, such as a mistyped address, is left out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, unchanged."""
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code in REFUSED and match is not None and request.user.is_authenticated:
            after = {"method": request.method or "", "path": request.path, "status": response.status_code}
            record_refusal("access.refused", "page", match.view_name, after=after)
        return response
