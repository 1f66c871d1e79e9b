"""What a figure is made of."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from customers.access import visible
from customers.measures import MEASURES, get_measure
from customers.models import Customer
from customers.pages.evidence import build_evidence
from customers.pages.ratio import build_ratio
from customers.pages.scope import Scope, read_scope
from customers.pages.unconverted import build_unconverted


@require_safe
def figure(request: HttpRequest, pk: int, measure: str) -> HttpResponse:
    """Definition, period and the rows that add up to the figure; a ratio shows its two parts."""
    scope = _scope(request, pk)
    if measure not in MEASURES or scope.rollup is None:
        raise Http404
    declared = get_measure(measure)
    context = {
        "scope": scope,
        "customer": scope.customer,
        "measure": declared,
        "rollup": scope.rollup,
        "currency": scope.currency,
    }
    if declared.kind == "ratio":
        return render(request, "customers/ratio.html", context | {"ratio": build_ratio(declared, scope)})
    stored, page = declared.value(scope.rollup), request.GET.get("page")
    evidence = build_evidence(declared, scope.customers, scope.figures.as_of, stored=stored, page_number=page)
    return render(request, "customers/figure.html", context | {"evidence": evidence})


@require_safe
def unconverted(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer's documents that are in no total, and why."""
    scope = _scope(request, pk)
    context = {
        "scope": scope,
        "customer": scope.customer,
        "groups": build_unconverted(scope.customers, scope.as_of) if scope.as_of else (),
        "currency": scope.currency,
    }
    return render(request, "customers/unconverted.html", context)


def _scope(request: HttpRequest, pk: int) -> Scope:
    customers = visible(Customer.objects.select_related("parent"), request.user)
    return read_scope(get_object_or_404(customers, pk=pk), request.user, request.GET)
