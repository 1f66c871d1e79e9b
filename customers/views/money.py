"""Pages about what a customer owes and paid: open items and settlements."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from customers.hidden import OWED
from customers.pages.open_items import build_open_items
from customers.pages.settlements import build_settlements
from customers.views.customer import customer_head


@require_safe
def open_items(request: HttpRequest, pk: int) -> HttpResponse:
    """Open items by currency, age or habit; which ones stands in the URL."""
    head = customer_head(request, pk, "invoices")
    if head.scope.rollup is None or head.scope.hidden & OWED:
        raise Http404
    context = {
        "head": head,
        "found": build_open_items(head.scope, request.GET),
        "as_of": head.scope.as_of,
        "currency": head.scope.currency,
    }
    return render(request, "customers/open_items.html", context)


@require_safe
def settlements(request: HttpRequest, pk: int) -> HttpResponse:
    """Which payment or credit note settled which invoice."""
    head = customer_head(request, pk, "payments")
    listed = build_settlements(head.scope, request.GET)
    context = {
        "head": head,
        "found": listed.found,
        "rows": listed.rows,
        "as_of": head.scope.as_of,
        "currency": head.scope.currency,
    }
    return render(request, "customers/settled.html", context)
