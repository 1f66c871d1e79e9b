"""Pushes to Salesforce: the list, one plan with every change, and the buttons that plan and send, stop and resume."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from integration_hub.models import PushPlan
from integration_hub.pages import plan_rows, push_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.csv_file import csv_answer, with_foot
from integration_hub.pages.paging import page_of
from integration_hub.pages.requested import request_push
from integration_hub.pages.switch_state import switch_state
from integration_hub.pages.tabs import push_tabs
from integration_hub.push.approval import APPROVABLE

# The values of every plan on a page are counted, and a plan may hold many thousands.
PLANS = 20


@require_GET
@administrators_only
def plans(request: HttpRequest) -> HttpResponse:
    """All plans, newest first, and whether anything is sent at all."""
    page = page_of(PushPlan.objects.select_related("run_ref"), request, size=PLANS)
    context = {
        "page": page,
        "lines": plan_rows.plan_lines(page.object_list),
        "switch": switch_state(),
        "tabs": push_tabs("plans"),
    }
    return render(request, "hub/plans.html", context)


@require_GET
@administrators_only
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: the preflight's verdict per field, and every change with its answer."""
    found = get_object_or_404(PushPlan.objects.select_related("run_ref"), pk=pk)
    show, text = request.GET.get("show", ""), request.GET.get("q", "").strip()
    field, code = request.GET.get("field", ""), request.GET.get("code", "")
    page = page_of(push_rows.chosen_changes(found, show, field, code=code, text=text), request)
    context = {
        "plan": found,
        "line": plan_rows.plan_lines([found])[0],
        "page": page,
        "changes": push_rows.change_lines(list(page.object_list)),
        "refusals": push_rows.refusals(found),
        "fitting": [finding["field"] for finding in found.findings if finding["state"] == "green"],
        "remarks": [finding for finding in found.findings if finding["state"] != "green"],
        "choices": push_rows.choices(push_rows.asked_changes(found, field=field, code=code, text=text), show),
        "show": show,
        "field": field,
        "code": code,
        "text": text,
        "never_sent": found.status in APPROVABLE,
        "note": plan_rows.note(found),
        "undos": found.undone_by.order_by("id"),
    }
    return render(request, "hub/plan.html", context)


@require_POST
@administrators_only
def push_now(request: HttpRequest) -> HttpResponse:
    """Request a push, or with `dry_run` a plan that is only looked at."""
    dry_run = "dry_run" in request.POST
    what = "a dry run; nothing will be written" if dry_run else "a push"
    request_push(
        request,
        {"dry_run": True} if dry_run else {},
        f"Requested: {what}. Its plan appears here as soon as the worker is free.",
    )
    return redirect("plans")


@require_GET
@administrators_only
def changes_csv(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every change of a plan as CSV, biggest movers first; at its end their day, and how fresh they are."""
    found = get_object_or_404(PushPlan, pk=pk)
    rows = with_foot(push_rows.csv_rows(found), f"Figures as of {found.as_of.isoformat()}")
    return csv_answer(rows, f"push-{found.pk}.csv")
