"""The checks as a page. It asks only our own machines: no page waits for an outside system."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from integration_hub.diagnosis import local_checks
from integration_hub.pages.access import administrators_only


@require_GET
@administrators_only
def checks(request: HttpRequest) -> HttpResponse:
    """Red first, then amber, then green."""
    found = sorted(local_checks(), key=lambda check: -check.light)
    return render(request, "hub/checks.html", {"checks": found})
