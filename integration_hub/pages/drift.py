"""Values that somebody edited in Salesforce by hand: the list, and the buttons that put them back or accept them."""

import contextlib

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from integration_hub.models import DriftRecord, RunKind
from integration_hub.pages import drift_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.csv_file import csv_answer, with_foot
from integration_hub.pages.paging import page_of
from integration_hub.pages.requested import confirm
from integration_hub.pages.tabs import push_tabs
from integration_hub.push import drift as drift_records
from integration_hub.push.drift import Decision
from integration_hub.runs import request_run
from integration_hub.sources import SALESFORCE

DECISIONS = {"restore": "put back with the next push", "accept": "accepted and left until the figure changes"}


@require_GET
@administrators_only
def drift(request: HttpRequest) -> HttpResponse:
    """Open hand edits, or those that were decided."""
    show = request.GET.get("show", "")
    page = page_of(drift_rows.records(show), request)
    lines = drift_rows.drift_lines(list(page.object_list))
    context = {
        "page": page,
        "lines": lines,
        "some_open": any(line.can_restore or line.can_accept for line in lines),
        "checks": drift_rows.drift_checks(timezone.now()),
        "filters": [(name, label, drift_rows.records(name).count()) for name, (label, _) in drift_rows.FILTERS.items()],
        "show": show,
        "tabs": push_tabs("drift"),
    }
    return render(request, "hub/drift.html", context)


@require_GET
@administrators_only
def drift_csv(request: HttpRequest) -> HttpResponseBase:
    """Every hand edit of the filter as CSV."""
    last = drift_rows.drift_checks(timezone.now()).last
    told = f"Looked for at {last.finished_at:%Y-%m-%d %H:%M} UTC" if last and last.finished_at else "Not looked for yet"
    return csv_answer(with_foot(drift_rows.csv_rows(request.GET.get("show", "")), told), "edited-by-hand.csv")


@require_POST
@administrators_only
def decide(request: HttpRequest) -> HttpResponse:
    """Put back or accept one value, or all that are ticked."""
    one = request.POST.get("restore_one") or request.POST.get("accept_one")
    decision: Decision = "restore" if {"restore", "restore_one"} & request.POST.keys() else "accept"
    named = [one] if one else request.POST.getlist("record")
    numbers = [int(number) for number in named if number.isdecimal() and len(number) < 19]
    rows = DriftRecord.objects.filter(pk__in=numbers)
    if one and not rows:
        raise Http404
    decided = _decide(rows, decision, request.user.get_username())
    if decided:
        values = "1 value" if decided == 1 else f"{decided:,} values"
        messages.success(request, f"{values} will be {DECISIONS[decision]}.")
    else:
        messages.warning(request, "Nothing was ticked that still stands.")
    return redirect("drift")


def _decide(rows: "QuerySet[DriftRecord]", decision: Decision, by: str) -> int:
    """Decide the records that stand still; returns how many."""
    decided = 0
    for row in rows:
        # One that stands no more was decided, or edited again, since the page was opened.
        with contextlib.suppress(ValueError):
            drift_records.decide(row, decision, by)
            decided += 1
    return decided


@require_POST
@administrators_only
def check_now(request: HttpRequest) -> HttpResponse:
    """Look for hand edits now instead of tonight."""
    run = request_run(RunKind.DRIFT, SALESFORCE, by=request.user.get_username())
    confirm(request, [run], "Requested: a check for values edited by hand. Its findings appear here.")
    return redirect("drift")
