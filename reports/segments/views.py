"""Pages of segments that are looked at: the list, members, one customer's reasons, versions."""

from typing import Any

from django.contrib.auth.models import User as AuthUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from customers.access import current_day, hidden_columns, untied_reason
from customers.measures_text import SEGMENT
from customers.models import Segment
from customers.rules.binding import RuleProblems
from customers.rules.keeping import may_change, segments_for, shown_to
from customers.rules.shape import stored_group
from integration_hub.config import hub
from reports.exporting import may_export
from reports.segments.listing import build_list, build_versions, standing_of
from reports.segments.members import build_members, build_why, question_of
from reports.segments.sent import sending_of
from reports.segments.state import as_query


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The segments one may use."""
    listing = build_list(request.user, as_of := current_day(), request.GET.get("show", ""), request.GET.get("page"))
    context = {
        "listing": listing,
        "as_of": as_of,
        "currency": hub().company.reporting_currency,
        "untied_reason": untied_reason(request.user),
        # The classes of the segmentation name figures, so they are nothing for whoever does not see these.
        "by_class": SEGMENT.name not in hidden_columns(request.user),
    }
    return render(request, "segments/list.html", context)


@require_safe
def members(request: HttpRequest, segment: int) -> HttpResponse:
    """The members of a segment at the current day, and why each is in it."""
    found, as_of = get_segment(request, segment), current_day()
    context: dict[str, Any] = _about(request, found) | {"untied_reason": untied_reason(request.user)}
    if as_of is not None:
        question = question_of(found, request.user, as_of, request.GET)
        context["members"] = build_members(found, question, request.GET.get("page", "1"))
        context["may_export"] = may_export(request.user)
    context["sending"] = sending_of(found, request.user)
    return render(request, "segments/members.html", context)


@require_safe
def why(request: HttpRequest, segment: int, customer: int) -> HttpResponse:
    """Every rule of a segment for one customer, also one that is not in it."""
    found, as_of = get_segment(request, segment), current_day()
    if as_of is None:
        raise Http404
    try:
        told = build_why(found, question_of(found, request.user, as_of, {}), customer)
    except RuleProblems as problems:
        raise Http404 from problems
    if told is None:
        raise Http404
    return render(request, "segments/why.html", _about(request, found) | {"why": told})


@require_safe
def versions(request: HttpRequest, segment: int) -> HttpResponse:
    """Every version of a segment."""
    found, as_of = get_segment(request, segment), current_day()
    context = _about(request, found)
    if as_of is not None:
        currency = hub().company.reporting_currency
        context["versions"] = build_versions(found, request.user, as_of, currency, request.GET.get("page"))
    return render(request, "segments/versions.html", context)


def get_segment(request: HttpRequest, segment: int) -> Segment:
    """A segment that the reader may see; Http404 for a foreign one, one that rests on hidden figures, and none."""
    found = segments_for(request.user).filter(pk=segment).first()
    if found is None or not shown_to(request.user, found):
        raise Http404
    return found


def user_of(request: HttpRequest) -> AuthUser:
    """Signed in for certain: LoginRequiredMiddleware lets nobody else through."""
    return AuthUser.objects.get(username=request.user.get_username())


def _about(request: HttpRequest, segment: Segment) -> dict[str, Any]:
    standing, css = standing_of(segment)
    return {
        "segment": segment,
        "standing": standing,
        "css": css,
        "mine": segment.owner_id == request.user.pk,
        "may_change": may_change(request.user, segment),
        "state": as_query(stored_group(segment.rules)),
    }
