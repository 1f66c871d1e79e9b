"""The budget of API requests as a page. It shows what runs have measured: no page waits for Salesforce."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from integration_hub.api_budget import budget
from integration_hub.config import hub
from integration_hub.pages import quota_rows
from integration_hub.pages.access import administrators_only


@require_GET
@administrators_only
def quota(request: HttpRequest) -> HttpResponse:
    """Used by us and by all, the forecast to midnight, what waits, what stops first, and the last runs."""
    known = budget(timezone.now())
    context = {
        "budget": known,
        "bars": quota_rows.bars(known),
        "bar_width": quota_rows.BAR_WIDTH,
        "waiting": quota_rows.waiting(),
        "delayed": quota_rows.delayed_first(known),
        "runs": quota_rows.last_runs(known.limit),
        "salesforce": hub().salesforce,
    }
    return render(request, "hub/quota.html", context)
