"""Where an ERP rings: POST /hooks/<source>/. Public, because the ERP has no login; its signature stands in for one."""

import logging
import time
from collections import deque
from threading import Lock

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integration_hub.timing.bell import MOST_BYTES, RingRefused, hear

log = logging.getLogger(__name__)
MOST_REFUSED, WITHIN_SECONDS = 60, 60.0


class Refusals:
    """Counts what one process refused lately, so that guessing is slowed down and fills no log."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MOST_REFUSED)
        self._lock = Lock()

    def note(self, now: float) -> bool:
        """Count one more; False when there were as many as are answered already."""
        with self._lock:
            if len(self._times) == MOST_REFUSED and now - self._times[0] < WITHIN_SECONDS:
                return False
            self._times.append(now)
            return True

    def forget(self) -> None:
        """Begin anew."""
        self._times.clear()


REFUSALS = Refusals()


# The signature takes the place of the CSRF token and of the login: only the ERP can make it, and each is heard once.
@csrf_exempt
@login_not_required
@never_cache
@require_POST
def hook(request: HttpRequest, source: str) -> HttpResponse:
    """202 with the run that reads the documents, how many of them by their key, and the streams that are read for the
    others; else the reason. What is right is never slowed down by what is not.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES:
        return _refused(413, f"The body is larger than {MOST_BYTES // 1024} KB.")
    if request.content_type != "application/json":
        return _refused(415, "The body must be application/json.")
    try:
        rung = hear(source, request.headers, request.body, timezone.now())
    except RingRefused as refusal:
        if refusal.status in {403, 404}:
            if not REFUSALS.note(time.monotonic()):
                return _refused(429, "Too many requests were refused. Try again in a minute.")
            log.warning("A ring for the source %.40r was refused: %s", source, refusal.told)
        return _refused(refusal.status, refusal.told)
    told = {"run": rung.run, "documents": rung.documents, "by_key": rung.by_key, "streams": list(rung.streams)}
    return JsonResponse(told, status=202)


def _refused(status: int, told: str) -> HttpResponse:
    response = JsonResponse({"error": told}, status=status)
    if status == 429:
        response["Retry-After"] = "60"
    return response
