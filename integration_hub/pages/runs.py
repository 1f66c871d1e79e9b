"""Runs: the list, one run, what it rejected, and the button that starts one."""

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from integration_hub.config import hub
from integration_hub.models import PushPlan, RejectedRow, Run, RunKind
from integration_hub.pages import plan_rows, run_rows, schedule_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.paging import page_of
from integration_hub.pages.requested import confirm
from integration_hub.pages.run_state import next_run, progress_of
from integration_hub.pages.run_streams import rejected_words
from integration_hub.pages.rung_rows import rungs_of
from integration_hub.pages.tabs import run_tabs
from integration_hub.runs import request_run


@require_GET
@administrators_only
def runs(request: HttpRequest) -> HttpResponse:
    """All runs, newest first, with what they read and changed."""
    chosen = request.GET.get("show", "")
    page = page_of(run_rows.chosen_runs(chosen), request)
    context = {
        "page": page,
        "lines": run_rows.run_lines(page.object_list),
        "filters": [(name, label) for name, (label, _) in run_rows.FILTERS.items()],
        "chosen": chosen,
        "sources": run_rows.source_lines(),
        "last_success": run_rows.last_success(),
        "tabs": run_tabs("runs"),
        "pauses": schedule_rows.pause_lines(timezone.now()),
    }
    return render(request, "hub/runs.html", context)


@require_GET
@administrators_only
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: how it ended, what it did per stream, and what to do."""
    found = get_object_or_404(Run, pk=pk)
    context = {
        "line": run_rows.run_lines([found])[0],
        "run": found,
        "streams": run_rows.stream_lines(found),
        "received": run_rows.received(found),
        "progress": progress_of(found),
        "next_run": next_run(found),
        "tried": RejectedRow.objects.filter(replayed_by=pk).count() if found.kind == RunKind.REPLAY else 0,
        "plans": plan_rows.plan_lines(PushPlan.objects.filter(run_ref=found).select_related("run_ref")),
        "chain": run_rows.chain(found),
        "rungs": rungs_of(found) if found.kind == RunKind.SYNC else None,
        "reconciliations": found.reconciliations.order_by("stream"),
        "pauses": schedule_rows.pause_lines(timezone.now()),
    }
    return render(request, "hub/run.html", context)


@require_GET
@administrators_only
def rejected(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of a run that could not be understood, whole and with their reason."""
    found = get_object_or_404(Run, pk=pk)
    own = Q(replayed_by=pk) if found.kind == RunKind.REPLAY else Q(run_ref=found)
    rows = RejectedRow.objects.filter(own)
    streams = sorted(set(rows.order_by().values_list("stream", flat=True)))
    chosen = request.GET.get("stream", "")
    if chosen:
        rows = rows.filter(stream=chosen)
    context = {
        "run": found,
        "title": run_rows.title(found),
        "page": page_of(rows, request),
        "streams": streams,
        "chosen": chosen,
        "open": rows.filter(resolved_at=None).count(),
        "missing": "" if found.kind == RunKind.REPLAY else rejected_words(found),
    }
    return render(request, "hub/run_rejected.html", context)


@require_POST
@administrators_only
def sync_now(request: HttpRequest) -> HttpResponse:
    """Request a sync of one source, or of all; a sync that waits already is not requested twice."""
    configuration = hub()
    known = [source.name for source in configuration.sources] + (["salesforce"] if configuration.salesforce else [])
    wanted = request.POST.get("source", "")
    names = [name for name in known if wanted in {"", name}]
    if not names:
        raise Http404
    requested = [request_run(RunKind.SYNC, name, by=request.user.get_username()) for name in names]
    confirm(request, requested, f"Requested: sync of {', '.join(names)}. It starts as soon as the worker is free.")
    return redirect("runs")
