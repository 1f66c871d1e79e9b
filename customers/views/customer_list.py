"""The list of customers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from customers.access import current_day, untied_reason
from customers.pages.customer_list import build_customer_list
from customers.pages.list_columns import columns_for, grouped
from customers.pages.saved_views import own_views
from integration_hub.config import hub


@require_safe
def customer_list(request: HttpRequest) -> HttpResponse:
    """Filters, sort, columns and place come from the URL; fields left empty in a form are taken out of it."""
    if any(not value for values in request.GET.lists() for value in values[1]) and "HX-Request" not in request.headers:
        query = request.GET.copy()
        for name, values in request.GET.lists():
            query.setlist(name, [value for value in values if value])
        return redirect(f"{request.path}?{query.urlencode()}" if query.urlencode() else request.path)
    as_of = current_day()
    listing = build_customer_list(request.user, as_of, request.GET) if as_of else None
    views = own_views(request.user, as_of) if as_of else ()
    shown = {heading.column.name for heading in listing.headings} if listing else set()
    context = {
        "listing": listing,
        "currency": hub().company.reporting_currency,
        "untied_reason": untied_reason(request.user),
        "own_views": views,
        "own_view": next((view for view in views if str(view.pk) == request.GET.get("saved")), None),
        "offered": [
            (label, [(column, column.name in shown) for column in columns])
            for label, columns in grouped(columns_for(request.user).values())
        ],
    }
    return render(request, "customers/list.html", context)
