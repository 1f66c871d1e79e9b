"""The schedule: everything that runs again and again, its named state, and the buttons that pause, resume and start."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from integration_hub.pages import schedule_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.requested import confirm
from integration_hub.pages.tabs import run_tabs
from integration_hub.timing import pauses
from integration_hub.timing.asking import NotNow, ask
from integration_hub.timing.items import ALL, EXPORTS, Item, find, item_names, words_of, zone
from integration_hub.timing.known import read_known
from integration_hub.timing.states import standing_of, standings

LONGEST_REASON = 500


@require_GET
@administrators_only
def schedule(request: HttpRequest) -> HttpResponse:
    """Everything scheduled; streams only where they have times of their own, are paused, or need somebody."""
    now = timezone.now()
    found = standings(now)
    context = {
        "lines": schedule_rows.lines(found, now),
        "troubled": sum(each.needs_somebody for each in found if not each.item.stream),
        "tabs": run_tabs("schedule"),
        "pauses": schedule_rows.pause_lines(now),
        "all_paused": ALL in pauses.standing(now),
        "exports_paused": EXPORTS in pauses.standing(now),
        "zone": str(zone()),
    }
    return render(request, "hub/schedule.html", context)


@require_GET
@administrators_only
def item(request: HttpRequest, name: str) -> HttpResponse:
    """One item: its state with cause and remedy, what it may be told, its streams, rings, pauses and last runs."""
    found, now = _item(name), timezone.now()
    known = read_known(now)
    standing = standing_of(found, known)
    context = {
        "line": schedule_rows.line(standing, now),
        "item": found,
        "pause": known.pause(found),
        "paused": words_of(holds.name) if (holds := known.pause(found)) else "",
        "own_names": schedule_rows.names_to_pause(found),
        "streams": schedule_rows.stream_lines(found, known),
        "rings": schedule_rows.ring_lines(found),
        "runs": schedule_rows.last_runs(found),
        "history": schedule_rows.pause_history(found),
        "pauses": schedule_rows.pause_lines(now),
        "zone": str(zone()),
    }
    return render(request, "hub/schedule_item.html", context)


def _item(name: str) -> Item:
    found = find(name)
    if found is None or found.name != name:
        raise Http404
    return found


@require_POST
@administrators_only
def pause(request: HttpRequest) -> HttpResponse:
    """Pause an item, a source, or everything; a reason is asked for, because others will read it."""
    name, reason = _named(request), request.POST.get("reason", "").strip()
    if not reason:
        messages.warning(request, "Nothing was paused: say why, so that others know what must be done first.")
        return _back(request)
    until, wrong = _until(request.POST.get("until", ""))
    if wrong:
        messages.warning(request, f"Nothing was paused: {wrong}")
        return _back(request)
    pauses.pause(name, by=request.user.get_username(), reason=reason[:LONGEST_REASON], now=timezone.now(), until=until)
    ends = f"until {until.astimezone(zone()):%H:%M on %d %B %Y}" if until else "until somebody resumes it"
    messages.success(
        request,
        f"{words_of(name)}: paused {ends}. A run that is at work ends its work; nothing is lost, "
        "what comes due meanwhile runs once afterwards.",
    )
    return _back(request)


def _until(text: str) -> tuple[datetime | None, str]:
    """The instant that a form gives at the company's wall clock; else what is wrong with it."""
    if not text:
        return None, ""
    try:
        return pauses.end_of(text, timezone.now()), ""
    except pauses.WrongEnd as wrong:
        return None, f"the end {wrong}."


@require_POST
@administrators_only
def resume(request: HttpRequest) -> HttpResponse:
    """End a pause."""
    name = _named(request)
    if pauses.resume(name, by=request.user.get_username(), now=timezone.now()):
        words = words_of(name)
        messages.success(request, f"{words}: resumed. What came due during the pause runs once, within a minute.")
    else:
        messages.warning(request, "It was not paused any more.")
    return _back(request)


@require_POST
@administrators_only
def run_now(request: HttpRequest) -> HttpResponse:
    """Start an item at once."""
    found, now = _item(request.POST.get("name", "")), timezone.now()
    try:
        run = ask(found, by=request.user.get_username(), now=now)
    except NotNow as reason:
        messages.warning(request, str(reason))
        return _back(request)
    if pauses.is_held(run):
        messages.warning(request, f"Requested: {found.label}. It is paused, so it waits until somebody resumes it.")
    else:
        confirm(request, [run], f"Requested: {found.label}. It starts as soon as the worker is free.")
    return _back(request)


def _named(request: HttpRequest) -> str:
    name = request.POST.get("name", "")
    if name not in item_names():
        raise Http404
    return name


def _back(request: HttpRequest) -> HttpResponse:
    """To the page of the item that the form stood on, else to the list."""
    shown = request.POST.get("item", "")
    return redirect("schedule_item", name=shown) if find(shown) else redirect("schedule")
