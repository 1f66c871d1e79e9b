"""Tells browsers that other sites may use nothing of ours as a part of theirs: no picture, no script, no figure."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class OwnOriginMiddleware:
    """Stands before whatever answers, so that static files have the header as well. Frames are the policy's matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
