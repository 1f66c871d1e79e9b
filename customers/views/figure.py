"""What a figure is made of."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from customers.access import current_day, hidden_columns, visible
from customers.measures import MEASURES, get_measure
from customers.models import Customer, CustomerRollup
from customers.pages.evidence import build_evidence
from customers.pages.ratio import build_ratio
from customers.pages.unconverted import build_unconverted
from integration_hub.config import hub


@require_safe
def figure(request: HttpRequest, pk: int, measure: str) -> HttpResponse:
    """Definition, period and the rows that add up to the figure; a ratio shows its two parts."""
    customers = visible(Customer.objects.filter(pk=pk), request.user)
    customer = get_object_or_404(customers)
    if measure not in MEASURES or measure in hidden_columns(request.user):
        raise Http404
    declared, as_of = get_measure(measure), current_day()
    rollup = get_object_or_404(CustomerRollup, customer=customer, as_of=as_of)
    context = {
        "customer": customer,
        "measure": declared,
        "rollup": rollup,
        "currency": hub().company.reporting_currency,
    }
    if declared.kind == "ratio":
        return render(request, "customers/ratio.html", context | {"ratio": build_ratio(declared, rollup)})
    stored = declared.value(rollup)
    evidence = build_evidence(declared, customers, rollup.as_of, stored=stored, page_number=request.GET.get("page"))
    return render(request, "customers/figure.html", context | {"evidence": evidence})


@require_safe
def unconverted(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer's documents that are in no total, and why."""
    customers = visible(Customer.objects.filter(pk=pk), request.user)
    customer, as_of = get_object_or_404(customers), current_day()
    context = {
        "customer": customer,
        "groups": build_unconverted(customers, as_of) if as_of else (),
        "currency": hub().company.reporting_currency,
    }
    return render(request, "customers/unconverted.html", context)
