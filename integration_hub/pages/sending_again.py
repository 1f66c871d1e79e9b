"""The button that writes again what Salesforce altered, once its automation or field has been corrected."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from integration_hub import audit
from integration_hub.models import PushPlan
from integration_hub.pages.access import administrators_only
from integration_hub.pages.requested import request_push
from integration_hub.push import read_back


@require_POST
@administrators_only
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Request a push that writes the altered values of the plan's org again; 404 for a plan of which none differs."""
    found = get_object_or_404(PushPlan, pk=pk)
    if not found.read_back_differs:
        raise Http404
    with transaction.atomic():
        altered = read_back.send_again(found.organization)
        audit.record("push.sent_again", "push plan", pk, after={"organization": found.organization, "values": altered})
    request_push(request, {}, "Requested: a push that writes the altered values again.")
    return redirect("plan", pk)
