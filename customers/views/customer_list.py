"""The list of customers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from customers.access import current_day, untied_reason
from customers.pages.customer_list import build_customer_list
from integration_hub.config import hub


@require_safe
def customer_list(request: HttpRequest) -> HttpResponse:
    """Search, filters, sort and page come from the URL."""
    as_of = current_day()
    context = {
        "listing": build_customer_list(request.user, as_of, request.GET) if as_of else None,
        "currency": hub().company.reporting_currency,
        "untied_reason": untied_reason(request.user),
    }
    return render(request, "customers/list.html", context)
