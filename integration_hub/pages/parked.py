"""Accounts that Salesforce refuses for a reason that stays: by cause, by account, and the buttons that help them on."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integration_hub import audit
from integration_hub.models import ParkedRow, Run, RunKind, RunStatus
from integration_hub.pages import parked_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.paging import page_of
from integration_hub.pages.requested import request_push
from integration_hub.pages.switch_state import switch_state
from integration_hub.pages.tabs import push_tabs
from integration_hub.push.parked_rows import assign
from integration_hub.push.parked_rows import retry as ask_again
from integration_hub.sources import SALESFORCE


@require_GET
@administrators_only
def parked(request: HttpRequest) -> HttpResponse:
    """Why accounts are refused, most accounts first."""
    show = _show(request)
    page = page_of(parked_rows.causes(parked_rows.parked(show)), request)
    context = {
        "page": page,
        "lines": parked_rows.cause_lines(page.object_list, timezone.now()),
        "accounts": parked_rows.parked(show).count(),
        "filters": _filters(),
        "show": show,
        "tabs": push_tabs("parked"),
    }
    return render(request, "hub/parked.html", context)


@require_GET
@administrators_only
def cause(request: HttpRequest, cause: str) -> HttpResponse:
    """The accounts refused for one reason, the one that waits longest first."""
    show, now = _show(request), timezone.now()
    every = ParkedRow.objects.filter(cause=cause)
    if not every.exists():
        raise Http404
    rows = parked_rows.parked(show).filter(cause=cause).order_by("first_at", "id")
    page = page_of(rows, request)
    context = {
        "line": parked_rows.cause_lines(parked_rows.causes(rows if rows.exists() else every), now)[0],
        "page": page,
        "rows": parked_rows.page_lines(list(page.object_list), now),
        "filters": [
            (name, label, parked_rows.parked(name).filter(cause=cause).count())
            for name, label in parked_rows.FILTERS.items()
        ],
        "show": show,
        "me": request.user.get_username(),
    }
    return render(request, "hub/parked_cause.html", context)


@require_POST
@administrators_only
def act(request: HttpRequest) -> HttpResponse:
    """What is to happen with the ticked rows: try again (asked once more), or who takes care of them."""
    if "retry" in request.POST:
        ticked = [("row", row) for row in request.POST.getlist("row") if row.isdecimal()]
        if ticked:
            return redirect(f"{reverse('parked_retry')}?{urlencode(ticked)}")
    elif "assign" in request.POST:
        rows = _chosen(request.POST)
        mine = request.POST["assign"] == "me"
        changed = _assigned(rows, request.user.get_username() if mine else "")
        if changed:
            messages.success(request, f"{_accounts(changed)} assigned to {'you' if mine else 'nobody'}.")
            return redirect(_back(request))
    messages.warning(request, "Nothing was ticked.")
    return redirect(_back(request))


@require_http_methods(["GET", "POST"])
@administrators_only
def retry(request: HttpRequest) -> HttpResponse:
    """Say how many accounts would be tried again - some, those of a cause, or all - and on POST ask for it."""
    asked = request.POST if request.method == "POST" else request.GET
    rows = _chosen(asked) if {"row", "cause"} & asked.keys() else parked_rows.parked("")
    if request.method == "POST":
        return _retried(request, rows)
    context = {
        "accounts": rows.count(),
        "lines": parked_rows.cause_lines(parked_rows.causes(rows), timezone.now()),
        "given": [(name, value) for name, values in asked.lists() if name in {"row", "cause"} for value in values],
        "switch": switch_state(),
    }
    return render(request, "hub/parked_retry.html", context)


@transaction.atomic
def _assigned(rows: "QuerySet[ParkedRow]", to: str) -> int:
    before = dict(rows.order_by("pk").values_list("account", "assigned_to"))
    changed = assign(list(rows.values_list("pk", flat=True)), to)
    if changed:
        audit.record("parked.assigned", "account", "parked accounts", before=before, after={"to": to, "rows": changed})
    return changed


def _retried(request: HttpRequest, rows: "QuerySet[ParkedRow]") -> HttpResponse:
    with transaction.atomic():
        asked = ask_again(list(rows.values_list("pk", flat=True)))
        if asked:
            audit.record("parked.retried", "account", "parked accounts", after={"accounts": asked})
    if not asked:
        messages.warning(request, "None of these accounts waits any more.")
        return redirect("parked")
    said = f"{_accounts(asked)} will be tried again"
    open_states = (RunStatus.QUEUED, RunStatus.RUNNING)
    if not switch_state().running:
        messages.warning(request, f"{said} as soon as the push is resumed.")
    elif Run.objects.filter(kind=RunKind.PUSH, subject=SALESFORCE, status__in=open_states).exists():
        messages.success(request, f"{said} with the next push.")
    else:
        request_push(request, {}, f"{said}. A push was requested for it.")
    return redirect("parked")


def _chosen(asked: QueryDict) -> "QuerySet[ParkedRow]":
    """The waiting rows that a form names, one by one or by their cause."""
    numbers = [int(row) for row in asked.getlist("row") if row.isdecimal() and len(row) < 19]
    rows = parked_rows.parked("")
    if numbers:
        return rows.filter(pk__in=numbers)
    return rows.filter(cause__in=asked.getlist("cause"))


def _back(request: HttpRequest) -> str:
    cause = request.POST.get("back", "")
    known = ParkedRow.objects.filter(cause=cause).exists()
    return reverse("parked_cause", args=[cause]) if known else reverse("parked")


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count:,} accounts"


def _show(request: HttpRequest) -> str:
    show = request.GET.get("show", "")
    return show if show in parked_rows.FILTERS else ""


def _filters() -> list[tuple[str, str, int]]:
    return [
        (name, label, parked_rows.causes(parked_rows.parked(name)).count())
        for name, label in parked_rows.FILTERS.items()
    ]
