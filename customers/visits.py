"""When users were here last: noted with each page view, read by what tells them the news."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from customers.models import Visit

# A lunch or a meeting does not end a visit, a night does; so morning and afternoon are two visits only for those who
# stay away for half a working day.
VISIT_GAP = timedelta(hours=4)
# A page view within so long of the last one writes nothing: one write per page would be one too many.
NOTED_EVERY = timedelta(minutes=5)
SESSION_KEY = "visit_noted"


class VisitMiddleware:
    """Notes that a signed-in user looked at a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            noted = request.session.get(SESSION_KEY)
            if noted is None or not 0 <= now.timestamp() - float(noted) < NOTED_EVERY.total_seconds():
                note_visit(request.user, now)
                request.session[SESSION_KEY] = now.timestamp()
        return self.get_response(request)


def note_visit(user: Any, now: datetime) -> None:
    """A page view at an instant (UTC): it goes on with the running visit, or begins one after VISIT_GAP without any.

    Two views at once may both see the gap; only the first of them begins the visit, as the other finds it begun.
    """
    visits = Visit.objects.filter(user=user)
    if visits.filter(seen_at__gt=now - VISIT_GAP).update(seen_at=now):
        return
    if visits.filter(seen_at__lte=now - VISIT_GAP).update(previous_at=F("began_at"), began_at=now, seen_at=now):
        return
    try:
        with transaction.atomic():
            Visit.objects.create(user=user, began_at=now, seen_at=now)
    except IntegrityError:
        visits.update(seen_at=now)


def previous_visit(user: Any) -> datetime | None:
    """When the visit before the running one began; None in the first one.

    Its beginning, not its end: what a load brought while it ran may not have been looked at, and news told twice is
    better than news missed.
    """
    return Visit.objects.filter(user=user).values_list("previous_at", flat=True).first()
