"""The pages on which analysts and administrators decide which ERP customer is which account; 404 for everybody else."""

from decimal import Decimal
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.access import current_day, hidden_columns, visible
from customers.deciding import bulk
from customers.deciding.acts import NotDecided, Wanted, decide, undo
from customers.keyset import finite
from customers.matching.quality import band_choices
from customers.models import AccountLink, LinkDecision, LinkStatus, LinkVerdict
from customers.pages.links.case import build_case
from customers.pages.links.log import STATES, build_log
from customers.pages.links.quality import build_quality
from customers.pages.links.queue import SCORES, build_queue
from integration_hub.config import hub
from integration_hub.pages.access import analysts_only

USUAL_SCORE = Decimal("0.9")
PAIRS = 100


@analysts_only
@require_safe
def links(request: HttpRequest) -> HttpResponse:
    """The queue, the most money at stake first."""
    as_of = current_day()
    context = {
        "queue": build_queue(request.user, as_of, request.GET.dict()) if as_of else None,
        "as_of": as_of,
        "currency": hub().company.reporting_currency,
        "scores": [(score, finite(score)) for score in SCORES],
        "bands": band_choices(),
    }
    return render(request, "customers/links/queue.html", context)


@analysts_only
@require_http_methods(["GET", "HEAD", "POST"])
def link_case(request: HttpRequest, erp_customer: str) -> HttpResponse:
    """One ERP customer beside the accounts it may be, and the forms that decide."""
    rows = visible(AccountLink.objects.select_related("customer"), request.user)
    # Of several accounts that share it the first.
    link = rows.filter(erp_customer=erp_customer).order_by("place").first()
    if link is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            made = decide(cast("User", request.user), _wanted(request, erp_customer))
        except NotDecided as refused:
            problem = str(refused)
            link = rows.filter(erp_customer=erp_customer).order_by("place")[0]
        else:
            messages.success(request, _words(made))
            return redirect("customers:link_case", erp_customer=erp_customer)
    as_of = current_day()
    context = {
        "case": build_case(link, request.user, as_of, request.GET.dict()) if as_of else None,
        "as_of": as_of,
        "currency": hub().company.reporting_currency,
        "problem": problem,
        "entered": request.POST,
    }
    return render(request, "customers/links/case.html", context, status=400 if problem else 200)


def _wanted(request: HttpRequest, erp_customer: str) -> Wanted:
    """What a form asks for. Raises NotDecided for an incomplete one."""
    verdict = request.POST.get("verdict", "")
    if verdict not in LinkVerdict.values or verdict == LinkVerdict.SHARE:
        raise NotDecided("Choose what you decide: accept, reject, ignore or later.")
    account = request.POST.get("account", "")
    if verdict in {LinkVerdict.ACCEPT, LinkVerdict.REJECT} and not account:
        raise NotDecided("Choose the account that you decide about.")
    return Wanted(
        LinkVerdict(verdict),
        erp_customer,
        account if verdict in {LinkVerdict.ACCEPT, LinkVerdict.REJECT} else "",
        request.POST.get("reason", ""),
        request.POST.get("seen", ""),
        "overrule" in request.POST,
    )


def _words(made: LinkDecision) -> str:
    links = AccountLink.objects.select_related("customer").filter(erp_customer=made.erp_customer)
    link = links.order_by("place")[0]
    if link.status == LinkStatus.CONFLICT:
        return f"Kept. {link.detail}"
    if made.verdict == LinkVerdict.ACCEPT and link.account:
        return f"Linked to {link.customer.name}. Its figures are recomputed and go with the next push."
    if made.verdict == LinkVerdict.REJECT:
        return "Rejected. It is not proposed for automatic linking again, whatever the next sync brings."
    if made.verdict == LinkVerdict.LATER:
        return "Kept: its account is still to be created in Salesforce. A stored key will link it then."
    return "Kept: this ERP customer needs no account."


@analysts_only
@require_safe
def link_decisions(request: HttpRequest) -> HttpResponse:
    """Every decision, the latest first."""
    context = {
        "log": build_log(request.user, request.GET.dict()),
        "verdicts": LinkVerdict.choices,
        "states": STATES,
        "bands": band_choices(),
    }
    return render(request, "customers/links/log.html", context)


@require_POST
@analysts_only
def undo_link_decision(request: HttpRequest, decision: int) -> HttpResponse:
    """Take a decision back; with `whole`, all that were taken with it."""
    row = get_object_or_404(visible(LinkDecision.objects.all(), request.user), pk=decision)
    together = LinkDecision.objects.filter(batch=row.batch, undone_at=None) if row.batch else None
    if together is not None and "whole" not in request.POST:
        together = together.filter(erp_customer=row.erp_customer)
    keys = [row.pk] if together is None or row.undone_at else list(together.values_list("pk", flat=True))
    try:
        undone = undo(cast("User", request.user), keys, request.POST.get("reason", ""))
    except NotDecided as refused:
        messages.warning(request, str(refused))
    else:
        count = len({each.erp_customer for each in undone})
        messages.success(request, "Taken back." if count == 1 else f"Taken back for {count:,} ERP customers.")
    if request.POST.get("to") == "log":
        return redirect("customers:link_decisions")
    if not AccountLink.objects.filter(erp_customer=row.erp_customer).exists():
        return redirect("customers:links")
    return redirect("customers:link_case", erp_customer=row.erp_customer)


@analysts_only
@require_safe
def link_quality(request: HttpRequest) -> HttpResponse:
    """How a threshold trades wrong links for missing ones: decisions so far, and what was measured."""
    return render(request, "customers/links/quality.html", {"quality": build_quality(USUAL_SCORE)})


@analysts_only
@require_http_methods(["GET", "HEAD", "POST"])
def link_bulk(request: HttpRequest) -> HttpResponse:
    """What accepting all proposals from a score on would do, and the button that does exactly that."""
    given = request.POST if request.method == "POST" else request.GET
    least, problem = _least(given.get("score", ""))
    user = cast("User", request.user)
    if request.method == "POST" and not problem:
        try:
            done = bulk.accept_all(user, least, request.POST.get("shown", ""), request.POST.get("reason", ""))
        except NotDecided as refused:
            problem = str(refused)
        else:
            messages.success(request, _told(done))
            return redirect("customers:link_decisions")
    plan = bulk.plan(user, least)
    context = {
        "plan": plan,
        "page": Paginator(plan.pairs, PAIRS).get_page(request.GET.get("page")),
        "query": f"score={plan.least}",
        "hidden": hidden_columns(user),
        "currency": hub().company.reporting_currency,
        "as_of": current_day(),
        "scores": [(score, finite(score)) for score in SCORES],
        "problem": problem,
    }
    return render(request, "customers/links/bulk.html", context, status=400 if problem else 200)


def _least(text: str) -> tuple[Decimal, str]:
    if not text:
        return USUAL_SCORE, ""
    try:
        least = finite(text)
    except ValueError:
        return USUAL_SCORE, "The score is no number. Choose one of the list."
    if not bulk.LEAST <= least <= 1:
        return USUAL_SCORE, f"A score from {bulk.LEAST:.0%} to 100% can be accepted at once, and no other."
    return least, ""


def _told(done: bulk.Done) -> str:
    words = f"{done.decided:,} accepted." if done.decided != 1 else "One accepted."
    if done.later:
        return f"{words} They are linked within minutes, as soon as a worker has recomputed the figures."
    if done.conflicts:
        return f"{words} {done.conflicts:,} of them are in conflict with a stored key now and wait in the queue."
    return f"{words} Both accounts' figures are recomputed and go with the next push."
