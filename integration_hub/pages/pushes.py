"""Pushes to Salesforce: the list, one plan with every change, and the buttons that plan, send and approve."""

import csv
from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from integration_hub.config import hub
from integration_hub.models import PlanStatus, PushPlan, Run, RunKind, RunStatus
from integration_hub.pages import push_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.paging import page_of
from integration_hub.pages.requested import confirm
from integration_hub.runs import request_run

SUBJECT = "salesforce"
APPROVABLE = (PlanStatus.HALTED, PlanStatus.DRY)


class _Echo:
    """A file that hands back what is written, for the CSV writer."""

    def write(self, value: str) -> str:
        return value


@require_GET
@administrators_only
def plans(request: HttpRequest) -> HttpResponse:
    """All plans, newest first."""
    page = page_of(PushPlan.objects.select_related("run_ref"), request)
    context = {"page": page, "lines": push_rows.plan_lines(page.object_list), "enabled": hub().push.enabled}
    return render(request, "hub/plans.html", context)


@require_GET
@administrators_only
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: the preflight's verdict per field, and every change with its answer."""
    found = get_object_or_404(PushPlan.objects.select_related("run_ref"), pk=pk)
    show, field = request.GET.get("show", ""), request.GET.get("field", "")
    page = page_of(push_rows.chosen_changes(found, show, field), request)
    context = {
        "plan": found,
        "line": push_rows.plan_lines([found])[0],
        "page": page,
        "changes": push_rows.change_lines(list(page.object_list)),
        "refusals": push_rows.refusals(found),
        "fitting": [finding["field"] for finding in found.findings if finding["state"] == "green"],
        "remarks": [finding for finding in found.findings if finding["state"] != "green"],
        "choices": push_rows.choices(found),
        "show": show,
        "field": field,
        "approvable": found.status in APPROVABLE and found.fields_changed > 0,
    }
    return render(request, "hub/plan.html", context)


@require_POST
@administrators_only
def push_now(request: HttpRequest) -> HttpResponse:
    """Request a push, or with `dry_run` a plan that is only looked at."""
    dry_run = "dry_run" in request.POST
    what = "a dry run; nothing will be written" if dry_run else "a push"
    _request(
        request,
        {"dry_run": True} if dry_run else {},
        f"Requested: {what}. Its plan appears here as soon as the worker is free.",
    )
    return redirect("plans")


@require_POST
@administrators_only
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Send exactly the changes of a halted or dry plan; if anything changed since, the new plan is halted again."""
    found = get_object_or_404(PushPlan, pk=pk)
    if found.status not in APPROVABLE or not found.fields_changed:
        raise Http404
    name = request.user.get_username()
    options = {"approve": found.pk, "approved_by": name}
    _request(request, options, f"Approved: push {found.pk} goes out if its changes are still exactly these.")
    return redirect("plans")


def _request(request: HttpRequest, options: dict[str, object], said: str) -> None:
    """Request the run and say so; another push that waits already keeps its own options."""
    waiting = Run.objects.filter(kind=RunKind.PUSH, subject=SUBJECT, status=RunStatus.QUEUED).first()
    if waiting is not None and waiting.options != options:
        messages.warning(request, f"Another push (run {waiting.pk}) is waiting. Try again when it has finished.")
        return
    run = request_run(RunKind.PUSH, SUBJECT, by=request.user.get_username(), options=options)
    confirm(request, [run], said)


@require_GET
@administrators_only
def changes_csv(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every change of a plan as CSV, biggest movers first."""
    found = get_object_or_404(PushPlan, pk=pk)
    writer = csv.writer(_Echo())
    lines: Iterator[str] = (writer.writerow(row) for row in push_rows.csv_rows(found))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="push-{found.pk}.csv"'
    return answer
