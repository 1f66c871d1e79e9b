"""The page on which analysts and administrators share an ERP customer over several accounts; 404 for everybody else."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from customers.access import current_day, visible
from customers.deciding.acts import NotDecided
from customers.deciding.sharing import share
from customers.models import AccountLink
from customers.pages.links.share import build_share, read_rows, read_since
from integration_hub.config import hub
from integration_hub.pages.access import analysts_only


@analysts_only
@require_http_methods(["GET", "HEAD", "POST"])
def link_share(request: HttpRequest, erp_customer: str) -> HttpResponse:
    """The rule of one ERP customer: enter it, see what it would make of all figures, and put it in force."""
    if not visible(AccountLink.objects.filter(erp_customer=erp_customer), request.user).exists():
        raise Http404
    user, as_of = cast("User", request.user), current_day()
    given = request.POST if request.method == "POST" else request.GET
    asked, problem = given.dict(), ""
    if request.method == "POST":
        try:
            _kind, rows = read_rows(asked)
            share(
                user,
                erp_customer,
                rows,
                asked.get("reason", ""),
                since=read_since(asked),
                seen=asked.get("seen", ""),
                overrule="overrule" in asked,
            )
        except NotDecided as refused:
            problem = str(refused)
        else:
            messages.success(
                request, "Shared. The figures of all its accounts are recomputed and go with the next push."
            )
            return redirect("customers:link_case", erp_customer=erp_customer)
    context = {
        "page": build_share(erp_customer, user, as_of, asked, problem) if as_of else None,
        "as_of": as_of,
        "currency": hub().company.reporting_currency,
        "reason": asked.get("reason", ""),
    }
    return render(request, "customers/links/share.html", context, status=400 if problem else 200)
