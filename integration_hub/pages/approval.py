"""Sending exactly one plan that was looked at: what it would do, and the button that lets it go."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from integration_hub.models import ChangeStatus, PushPlan
from integration_hub.pages import plan_rows, push_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.requested import request_push
from integration_hub.pages.switch_state import switch_state
from integration_hub.push.approval import APPROVABLE

BIGGEST = 5


@require_http_methods(["GET", "POST"])
@administrators_only
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would be written, and on POST send it.

    The form carries the plan's fingerprint. If the figures changed since, the new plan is halted again.
    """
    found = get_object_or_404(PushPlan.objects.select_related("run_ref"), pk=pk)
    line = plan_rows.plan_lines([found])[0]
    if found.status not in APPROVABLE or not found.fields_changed:
        raise Http404
    if line.newer is not None:
        messages.warning(
            request, f"{line.title} is outdated: push {line.newer} was planned after it. Look at that one."
        )
        return redirect("plan", pk)
    if request.method == "POST":
        return _approved(request, found)
    biggest = push_rows.chosen_changes(found).filter(status=ChangeStatus.PLANNED)[:BIGGEST]
    context = {"plan": found, "line": line, "changes": push_rows.change_lines(list(biggest)), "switch": switch_state()}
    return render(request, "hub/plan_approve.html", context)


def _approved(request: HttpRequest, found: PushPlan) -> HttpResponse:
    if not found.fingerprint or request.POST.get("fingerprint") != found.fingerprint:
        messages.warning(request, "Nothing was approved: the plan is not the one that you looked at. Look at it again.")
        return redirect("plan_approve", found.pk)
    options: dict[str, object] = {"approve": found.pk, "approved_by": request.user.get_username()}
    request_push(request, options, f"Approved: push {found.pk} goes out if its changes are still exactly these.")
    return redirect("plans")
