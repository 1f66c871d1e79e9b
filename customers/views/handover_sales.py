"""Pages of Salesforce orders, and what people decide there."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from customers.access import current_day, hidden_columns
from customers.handover.deciding import NotDecided
from customers.handover.sale_deciding import decide_sale, sale_pair_of
from customers.handover.sale_page import build_sale_page
from customers.hidden import HANDED_OVER
from customers.view_log import note_page
from integration_hub.config import hub
from integration_hub.schedule import local_day

SAID = {
    "confirm": "The ERP order was confirmed as the Salesforce order’s.",
    "refuse": "The ERP order will not be proposed for this Salesforce order again.",
    "withdrawn": "The decision was taken back.",
}
WAITS = " Data are just being read; the figures follow with the next sync."


@require_safe
def sale(request: HttpRequest, sale: str) -> HttpResponse:
    """One Salesforce order and what became of it."""
    if HANDED_OVER & hidden_columns(request.user):
        raise Http404
    as_of = current_day()
    page = build_sale_page(sale, request.user, as_of or local_day(timezone.now()))
    if page is None:
        raise Http404
    note_page(request.user, "handover", page.customer.pk)
    context = {"page": page, "currency": hub().company.reporting_currency, "as_of": as_of}
    return render(request, "handover/sale.html", context)


@require_POST
def sale_decision(request: HttpRequest) -> HttpResponse:
    """Confirm or refuse that an ERP order is what a Salesforce order became, or take that back."""
    user = cast("User", request.user)
    pair = sale_pair_of(user, request.POST.get("sale", ""), request.POST.get("order", ""))
    if pair is None:
        raise Http404
    verdict = request.POST.get("verdict", "")
    try:
        at_once = decide_sale(user, pair, verdict, request.POST.get("reason", ""))
    except NotDecided as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, SAID[verdict] + ("" if at_once else WAITS))
    return redirect("customers:handover_sale", sale=pair.sale.key)
