"""When users were here last: noted with each page view, read by what tells them the news."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from customers.models import Visit
from customers.statements import run_alone

log = logging.getLogger(__name__)
# A lunch or a meeting does not end a visit, a night does; so morning and afternoon are two visits only for those who
# stay away for half a working day.
VISIT_GAP = timedelta(hours=4)
# A page view within so long of the last one writes nothing: one write per page would be one too many.
NOTED_EVERY = timedelta(minutes=5)


class VisitMiddleware:
    """Notes that a signed-in user looked at a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._note(request)
        return self.get_response(request)

    def _note(self, request: HttpRequest) -> None:
        try:
            note_visit(request.user, timezone.now())
        except DatabaseError as error:
            # A database that takes no writes, such as a standby, still shows pages.
            log.warning("A visit was not noted, because the database refused it: %s", error)


def note_visit(user: Any, now: datetime) -> None:
    """A page view at an instant (UTC): it goes on with the running visit, or begins one after VISIT_GAP without any."""
    run_alone("note_visit", user=user.pk, now=now, ended=now - VISIT_GAP, noted=now - NOTED_EVERY)


def previous_visit(user: Any) -> datetime | None:
    """When the visit before the running one began; None in the first one.

    Its beginning, not its end: what a load brought while it ran may not have been looked at, and news told twice is
    better than news missed.
    """
    return Visit.objects.filter(user=user).values_list("previous_at", flat=True).first()
