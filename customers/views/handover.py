"""Pages from won to cash, and what people decide and note there."""

from datetime import date
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from customers.access import current_day, hidden_columns
from customers.behind import require_figures
from customers.handover.deal_page import build_deal, seen_deal
from customers.handover.deciding import NotDecided, decide, pair_of, row_of, write_note
from customers.handover.order_page import build_order_page
from customers.handover.overview import build_overview
from customers.hidden import HANDED_OVER
from customers.pages.seen import seen_keys
from customers.view_log import note_page
from integration_hub.config import hub
from integration_hub.models import ErpOrder
from integration_hub.schedule import local_day

ROWS = 25
SAID = {
    "confirm": "The order was confirmed as the opportunity's.",
    "refuse": "The order will not be proposed for this opportunity again.",
    "withdrawn": "The decision was taken back.",
}

WAITS = " Data are just being read; the figures follow with the next sync."


@require_safe
def handover(request: HttpRequest) -> HttpResponse:
    """The worklists with their amounts, the steps of what was won, and what waits for a decision."""
    as_of = _day(request)
    currency = hub().company.reporting_currency
    context: dict[str, object] = {"as_of": as_of, "currency": currency}
    if as_of is not None:
        page = build_overview(request.user, as_of, currency)
        waiting = Paginator(page.proposals, ROWS).get_page(request.GET.get("page"))
        context |= {"overview": page, "waiting": waiting, "rows": list(waiting)}
    return render(request, "handover/index.html", context)


@require_safe
def deal(request: HttpRequest, deal: str) -> HttpResponse:
    """One opportunity and what became of it."""
    as_of = _day(request)
    row = seen_deal(deal, request.user)
    if row is None:
        raise Http404
    currency = hub().company.reporting_currency
    page = build_deal(row, request.user, as_of or local_day(timezone.now()), currency)
    if page.customer is not None:
        note_page(request.user, "handover", page.customer.pk)
    return render(request, "handover/deal.html", {"page": page, "currency": currency, "as_of": as_of})


@require_safe
def order(request: HttpRequest, order: str) -> HttpResponse:
    """An order without an opportunity; one that has one meanwhile leads to its own page."""
    as_of = _day(request)
    if not seen_keys(ErpOrder, [order], request.user):
        raise Http404
    page = build_order_page(order, request.user, as_of or local_day(timezone.now()))
    if page is None:
        return redirect("customers:order", key=order)
    note_page(request.user, "handover", page.customer.pk)
    return render(
        request, "handover/order.html", {"page": page, "currency": hub().company.reporting_currency, "as_of": as_of}
    )


@require_POST
def decision(request: HttpRequest) -> HttpResponse:
    """Confirm or refuse that an order is what an opportunity became, or take that back."""
    user = cast("User", request.user)
    pair = pair_of(user, request.POST.get("opportunity", ""), request.POST.get("order", ""))
    if pair is None:
        raise Http404
    try:
        verdict = request.POST.get("verdict", "")
        at_once = decide(user, pair, verdict, request.POST.get("reason", ""))
    except NotDecided as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, SAID[verdict] + ("" if at_once else WAITS))
    return _back(request, pair.opportunity.key)


@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Comment on a row of a worklist, give it to somebody, or put it aside until a day."""
    user = cast("User", request.user)
    row = row_of(user, request.POST.get("key", ""))
    if row is None:
        raise Http404
    until: date | None = None
    if text := request.POST.get("until", ""):
        try:
            until = date.fromisoformat(text)
        except ValueError:
            messages.warning(request, "The note was not kept: choose the day until which the row is put aside.")
            return _back(request, row.pk)
    try:
        write_note(user, row, request.POST.get("comment", ""), until, request.POST.get("to", ""))
    except NotDecided as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, "The note was kept.")
    return _back(request, row.pk)


def _day(request: HttpRequest) -> date | None:
    if HANDED_OVER & hidden_columns(request.user):
        raise Http404
    day = current_day()
    if day is None:
        require_figures()
    return day


def _back(request: HttpRequest, key: str) -> HttpResponse:
    """To the page that the form stood on, if it says so, else to the opportunity's."""
    there = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(there, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(there)
    return redirect("customers:handover_deal", deal=key)
