"""Pages of single documents; one that the user may not see looks like a missing one.

`?all=invoices` lists every document of that kind in the chain, `?page=` turns the pages of lines, and `?line=` shows
one order line alone.
"""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.access import current_day
from customers.behind import require_figures
from customers.pages.chain_columns import BY_NAME
from customers.pages.chain_list import build_chain_list
from customers.pages.delivery_document import build_delivery
from customers.pages.invoice_document import build_invoice
from customers.pages.order_document import build_order
from customers.pages.payment_document import build_payment
from customers.pages.seen import seen_document
from integration_hub.config import hub
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment
from integration_hub.schedule import local_day


@require_safe
def order(request: HttpRequest, key: str) -> HttpResponse:
    """An order."""
    row = _document(request, ErpOrder, key)
    if request.GET.get("all") in BY_NAME:
        return _list(request, "order", row)
    page, line = request.GET.get("page", ""), request.GET.get("line", "")
    return _page(request, "order", build_order(row, request.user, _today(), _currency(), page=page, line=line))


@require_safe
def delivery(request: HttpRequest, key: str) -> HttpResponse:
    """A delivery or return."""
    row = _document(request, ErpDelivery, key)
    if request.GET.get("all") in BY_NAME:
        return _list(request, "delivery", row)
    return _page(request, "delivery", build_delivery(row, request.user, _today(), page=request.GET.get("page", "")))


@require_safe
def invoice(request: HttpRequest, key: str) -> HttpResponse:
    """A billing document of any kind, its instalments at the current day."""
    row = _document(request, ErpInvoice, key)
    if request.GET.get("all") in BY_NAME:
        return _list(request, "invoice", row)
    page = request.GET.get("page", "")
    return _page(request, "invoice", build_invoice(row, request.user, _today(), _currency(), page=page))


@require_safe
def payment(request: HttpRequest, key: str) -> HttpResponse:
    """A payment and what it settles."""
    row = _document(request, ErpPayment, key)
    if request.GET.get("all") in BY_NAME:
        return _list(request, "payment", row)
    return _page(request, "payment", build_payment(row, request.user, _today(), page=request.GET.get("page", "")))


def _document(request: HttpRequest, model: Any, key: str) -> Any:
    """The document; Http404 for one that the user may not see."""
    row = seen_document(model, key, request.user)
    if row is None:
        raise Http404
    return row


def _today() -> date:
    day = current_day()
    if day is None:
        require_figures()
    return day or local_day(timezone.now())


def _currency() -> str:
    return hub().company.reporting_currency


def _page(request: HttpRequest, kind: str, document: Any) -> HttpResponse:
    context = {"document": document, "head": document.head, "row": document.head.row, "currency": _currency()}
    return render(request, f"customers/{kind}.html", context)


def _list(request: HttpRequest, kind: str, row: Any) -> HttpResponse:
    """Every document of one kind around this one."""
    found = build_chain_list(kind, row, request.user, _today(), request.GET)
    return render(request, "customers/chain_list.html", {"found": found, "row": row})
