"""Orders, deliveries, invoices and payments, each with its lines and its chain."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.access import current_day, visible
from customers.pages.documents import Document, build_delivery, build_invoice, build_order, build_payment
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment


@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """An order."""
    row = get_object_or_404(visible(ErpOrder.objects.select_related("company"), request.user), key=key)
    return _page(request, build_order(row, request.user))


@require_safe
def delivery(request: HttpRequest, key: str) -> HttpResponse:
    """A delivery or return."""
    row = get_object_or_404(visible(ErpDelivery.objects.select_related("company"), request.user), key=key)
    return _page(request, build_delivery(row, request.user))


@require_safe
def invoice(request: HttpRequest, key: str) -> HttpResponse:
    """A billing document of any kind, its instalments at the current day."""
    rows = ErpInvoice.objects.select_related("company", "reverses")
    row = get_object_or_404(visible(rows, request.user), key=key)
    return _page(request, build_invoice(row, request.user, current_day() or timezone.now().date()))


@require_safe
def payment(request: HttpRequest, key: str) -> HttpResponse:
    """A payment and what it settles."""
    row = get_object_or_404(visible(ErpPayment.objects.select_related("company"), request.user), key=key)
    return _page(request, build_payment(row, request.user))


def _page(request: HttpRequest, document: Document) -> HttpResponse:
    return render(request, f"customers/{document.kind}.html", {"document": document, "row": document.row})
