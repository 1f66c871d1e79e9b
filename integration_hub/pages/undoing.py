"""Taking a push back: how much of it can be, what happens then, and the button that does it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from integration_hub.models import PushPlan
from integration_hub.pages import plan_rows
from integration_hub.pages.access import administrators_only
from integration_hub.pages.requested import request_push
from integration_hub.pages.switch_state import switch_state
from integration_hub.push.undo import preview


@require_http_methods(["GET", "POST"])
@administrators_only
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would be put back, and on POST ask for it."""
    found = get_object_or_404(PushPlan.objects.select_related("run_ref"), pk=pk)
    line = plan_rows.plan_lines([found])[0]
    if not line.undoable:
        raise Http404
    if request.method == "POST":
        options: dict[str, object] = {"undo": found.pk, "by": request.user.get_username()}
        said = f"Requested: undo of push {found.pk}. Its plan appears here as soon as the worker is free."
        request_push(request, options, said)
        return redirect("plans")
    context = {"plan": found, "line": line, "preview": preview(found), "switch": switch_state()}
    return render(request, "hub/plan_undo.html", context)
