"""The button that begins or stops sending a segment to Salesforce, and what follows a change of a sent one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from customers.access import current_day
from customers.models import Segment
from customers.rules.binding import RuleProblems, bind
from customers.rules.fields import all_fields
from customers.rules.keeping import NotKept, may_send, set_sent
from customers.rules.shape import read_group
from customers.sent_segments import keep_now
from reports.segments.views import get_segment, user_of

NO_RIGHT = "Analysts and administrators decide which segments go to Salesforce."


@require_POST
def send(request: HttpRequest, segment: int) -> HttpResponse:
    """Begin ("do" is "on") or stop sending a shared segment."""
    found = get_segment(request, segment)
    if not may_send(request.user):
        raise PermissionDenied(NO_RIGHT)
    wanted = request.POST.get("do") == "on"
    try:
        if wanted:
            _check_usable(found)
        set_sent(found, user_of(request), timezone.now(), sent=wanted)
    except NotKept as problem:
        messages.warning(request, str(problem))
    else:
        told = "is sent to Salesforce from now on" if wanted else "is not sent to Salesforce any more"
        messages.success(request, f"“{found.name}” {told}. {taken_along()}")
    return redirect("segments:members", segment)


def taken_along() -> str:
    """Sort customers into the sent segments as they are now; a sentence on when Salesforce gets it."""
    when = "with the next push" if keep_now() else "with the push after the figures that are being computed"
    return f"Its accounts change {when}."


def _check_usable(segment: Segment) -> None:
    as_of = current_day()
    if as_of is None:
        raise NotKept("There are no figures yet, so nobody is in the segment. Send it after the first sync.")
    try:
        bind(read_group(segment.rules), all_fields(), as_of)
    except RuleProblems as problems:
        raise NotKept(f"{problems} A segment that holds nobody is not sent.") from problems
