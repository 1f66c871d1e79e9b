"""What a person sees when a page cannot be made; named in urls.py."""

import sys
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import BadRequest, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error
from psycopg.errors import LockNotAvailable, QueryCanceled

RETRY_SECONDS = 10


def unavailable_or_broken(request: HttpRequest) -> HttpResponse:
    """503 while the database cannot be reached, or kept a page waiting too long; 500 for everything else.

    No such page may ask the database, so they are made without a request.
    """
    problem = sys.exc_info()[1]
    cause = problem.__cause__ if isinstance(problem, DatabaseError) else None
    if isinstance(cause, QueryCanceled | LockNotAvailable):
        return too_long(request, is_locked=isinstance(cause, LockNotAvailable))
    if isinstance(problem, OperationalError | InterfaceError):
        return unavailable()
    return server_error(request)


def too_long(request: HttpRequest, *, is_locked: bool) -> HttpResponse:
    """The page for one that wanted too much of the database (PAGE_SECONDS), or what is locked (PAGE_LOCK_SECONDS)."""
    values = {"is_locked": is_locked, "is_form": request.method == "POST", "seconds": settings.PAGE_SECONDS}
    answer = HttpResponse(render_to_string("hub/too_long.html", values), status=HTTPStatus.SERVICE_UNAVAILABLE)
    if is_locked:
        answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 with the sentence that says what is wrong with a request, where there is one."""
    del request
    problem = str(exception) if isinstance(exception, BadRequest) else ""
    if isinstance(exception, TooManyFieldsSent):
        problem = (
            f"The form had more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields. A segment has at most 200 "
            "rules: use “is one of” for a list of values."
        )
    return HttpResponse(render_to_string("400.html", {"problem": problem}), status=HTTPStatus.BAD_REQUEST)


def unavailable() -> HttpResponse:
    """The page for a database that does not answer."""
    page = render_to_string("hub/503.html")
    answer = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
