"""What a figure is made of."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from customers.access import hidden_columns, visible
from customers.measures import MEASURES, get_measure
from customers.models import Customer
from customers.pages.proof import build_proof
from customers.pages.scope import Scope, read_scope
from customers.pages.trust import build_trust
from customers.pages.unconverted import build_unconverted


@require_safe
def figure(request: HttpRequest, pk: int, measure: str) -> HttpResponse:
    """Definition, formula, period, rates and the rows that add up to the figure; a ratio shows its two parts.

    A day without figures is said to have none: another day's figure is no evidence.
    """
    scope = _scope(request, pk)
    if measure not in MEASURES or measure in hidden_columns(request.user):
        raise Http404
    declared = get_measure(measure)
    context = {"scope": scope, "customer": scope.customer, "measure": declared, "currency": scope.currency}
    if scope.unknown_day or scope.rollup is None:
        return render(request, "customers/figure_missing.html", context, status=HTTPStatus.NOT_FOUND)
    context |= {
        "proof": build_proof(declared, scope, request),
        "evidence_query": urlencode(scope.parameters),
        "trust": build_trust(scope, request.user),
    }
    return render(request, "customers/figure.html", context)


@require_safe
def unconverted(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer's documents that are in no total, and why."""
    scope = _scope(request, pk)
    context = {
        "scope": scope,
        "customer": scope.customer,
        "groups": build_unconverted(scope.customers, scope.as_of) if scope.as_of else (),
        "currency": scope.currency,
        "trust": build_trust(scope, request.user),
    }
    return render(request, "customers/unconverted.html", context)


def _scope(request: HttpRequest, pk: int) -> Scope:
    customers = visible(Customer.objects.select_related("parent"), request.user)
    return read_scope(get_object_or_404(customers, pk=pk), request.user, request.GET)
