"""The builder and what is sent from it. Every button of its form sends the whole form; the answer leads to an address
that holds the rules, so that back, copy and reload work. Scripts ask for the form alone, or for what it finds.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from customers.access import current_day, untied_reason
from customers.models import Segment, SegmentVersion
from customers.rules.binding import RuleProblems, bind
from customers.rules.fields import Fields
from customers.rules.keeping import Draft, NotKept, may_change, restore, save_change, save_new
from customers.rules.shape import Group, Rule, UnreadableRules, stored_group
from integration_hub import audit
from integration_hub.config import hub
from reports.segments.builder import build
from reports.segments.figures import fields_of
from reports.segments.sending import taken_along
from reports.segments.state import acted, as_query, fits_url, read_part, read_state, settled
from reports.segments.views import get_segment, user_of

FRAGMENTS = {"form": "segments/parts.html", "found": "segments/found.html"}


@dataclass(frozen=True)
class Meant:
    """What the form says beside its rules; `seen` is the version that the change began from."""

    name: str
    description: str
    shared: bool
    seen: int


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A segment that is not saved yet."""
    return _builder(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, segment: int) -> HttpResponse:
    """Change a saved one; 404 for one that is not the reader's to change."""
    return _builder(request, _own(request, segment))


@require_POST
def delete(request: HttpRequest, segment: int) -> HttpResponse:
    """Delete a segment with all its versions."""
    found = _own(request, segment)
    with transaction.atomic():
        audit.record("segment.deleted", "segment", found.pk, before={"name": found.name, "version": found.version})
        found.delete()
    messages.success(request, f"“{found.name}” is deleted.{_told(sent=found.sent)}")
    return redirect("segments:index")


@require_POST
def bring_back(request: HttpRequest, segment: int, number: int) -> HttpResponse:
    """Make an earlier version the newest."""
    found = _own(request, segment)
    try:
        kept = restore(found, user_of(request), number, timezone.now())
    except SegmentVersion.DoesNotExist as missing:
        raise Http404 from missing
    except NotKept as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, f"Version {number} is back.{_told(sent=found.sent, still=kept.sent)}")
    return redirect("segments:members", segment)


def _builder(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    fields, problem = fields_of(request.user), ""
    meant, group = _meant(given, segment), _saved(segment)
    try:
        if "g" in given:
            group, problem = _sent_group(given, fields)
        if problem:
            return _answer(request, segment, (meant, group, fields), problem)
        if request.method == "POST":
            group = settled_group(acted(group, given.get("do", "")), fields)
            if given.get("do") == "save":
                return _saved_answer(request, segment, (meant, group, fields))
            if "X-Part" not in request.headers and fits_url(_query(group, meant)):
                return redirect(f"{request.path}?{_query(group, meant)}")
    except (UnreadableRules, NotKept) as wrong:
        problem = str(wrong)
    return _answer(request, segment, (meant, group, fields), problem)


def _sent_group(given: QueryDict, fields: Fields) -> tuple[Group, str]:
    """The rules that were sent; of what no segment may be, the part that can be shown, and what is wrong."""
    try:
        return settled_group(read_state(given), fields), ""
    except UnreadableRules as wrong:
        part = settled_group(read_part(given), fields)
        return part, f"{wrong} The form below has what could be kept: the first rules, in one group."


def _answer(
    request: HttpRequest, segment: Segment | None, state: tuple[Meant, Group, Fields], problem: str
) -> HttpResponse:
    meant, group, fields = state
    as_of = current_day()
    context: dict[str, Any] = {
        "segment": segment,
        "meant": meant,
        "problem": problem,
        "builder": build(group, request.user, as_of, fields) if as_of else None,
        "currency": hub().company.reporting_currency,
        "untied_reason": untied_reason(request.user),
    }
    template = FRAGMENTS.get(request.headers.get("X-Part", ""), "segments/edit.html")
    status = HTTPStatus.BAD_REQUEST if problem and template == "segments/edit.html" else HTTPStatus.OK
    response = render(request, template, context, status=status)
    query = _query(group, meant)
    if template != "segments/edit.html" and fits_url(query):
        response["X-State"] = f"{request.path}?{query}"
    return response


def settled_group(group: Group, fields: Fields) -> Group:
    """Rules as the form can show them."""
    found = settled(group, fields)
    return found if isinstance(found, Group) else group


def _saved(segment: Segment | None) -> Group:
    return stored_group(segment.rules) if segment else Group("all", (Rule("", ""),))


def _meant(given: QueryDict, segment: Segment | None) -> Meant:
    """What the form says; a page that is opened anew says what is saved."""
    if segment is not None and "g" not in given:
        return Meant(segment.name, segment.description, segment.shared, segment.version)
    seen = given.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
    return Meant(given.get("name", "")[:80], given.get("description", "")[:1000], "shared" in given, number)


def _query(group: Group, meant: Meant) -> str:
    """The address of the form: the rules, and what else was entered."""
    query = QueryDict(as_query(group), mutable=True)
    told = {"name": meant.name, "description": meant.description, "shared": "on" if meant.shared else ""}
    for name, value in (told | {"seen": str(meant.seen or "")}).items():
        if value:
            query[name] = value
    return query.urlencode()


def _check(group: Group, fields: Fields) -> None:
    """Only rules that can be used are saved; those that could be once, and were saved then, stay as they are."""
    as_of = current_day()
    if as_of is None:
        raise NotKept("There are no figures yet, so rules cannot be checked.")
    try:
        bind(group, fields, as_of)
    except RuleProblems as wrong:
        raise NotKept(wrong.problems[0].sentence) from wrong


def _saved_answer(request: HttpRequest, segment: Segment | None, state: tuple[Meant, Group, Fields]) -> HttpResponse:
    meant, group, fields = state
    if segment is None or group != stored_group(segment.rules):
        _check(group, fields)
    draft = Draft(meant.name, meant.description, meant.shared, group)
    user, now = user_of(request), timezone.now()
    if segment is None:
        kept = save_new(user, draft, now)
        messages.success(request, f"“{kept.name}” is saved.")
    else:
        kept = save_change(segment, user, draft, now, meant.seen or segment.version)
        changed = kept.version != segment.version
        said = f"is saved as version {kept.version}" if changed else "is as it was"
        told = _told(sent=segment.sent and changed, still=kept.sent)
        messages.success(request, f"“{kept.name}” {said}.{told}")
    return redirect(reverse("segments:members", args=[kept.pk]))


def _told(*, sent: bool, still: bool = True) -> str:
    """What follows from a change for Salesforce, where the segment was sent."""
    if not sent:
        return ""
    private = "" if still else " It is private now, so it is not sent to Salesforce any more."
    return f"{private} {taken_along()}"


def _own(request: HttpRequest, segment: int) -> Segment:
    found = get_segment(request, segment)
    if not may_change(request.user, found):
        raise Http404
    return found
