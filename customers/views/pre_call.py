"""The card to read before a call."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from customers.access import visible
from customers.models import Customer
from customers.pages.pre_call import build_pre_call
from customers.pages.scope import read_scope


@require_safe
def pre_call(request: HttpRequest, pk: int) -> HttpResponse:
    """One phone screen, or one sheet of paper."""
    customers = visible(Customer.objects.select_related("parent"), request.user)
    scope = read_scope(get_object_or_404(customers, pk=pk), request.user, request.GET)
    card = build_pre_call(scope) if scope.rollup else None
    return render(request, "customers/pre_call.html", {"scope": scope, "card": card, "currency": scope.currency})
