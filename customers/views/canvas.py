"""The customer's page inside Salesforce: the answer to a signed request of its Canvas, and nothing beside it.

The page is the answer to the POST itself. There is no session, cookie or token that could be stolen, sent along or kept
too long, so it also shows where browsers block cookies of third parties; one signed request shows one customer once.
Its links open the full product in a tab of its own, where the usual login and the usual policy hold.
"""

import logging

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from customers.canvas_user import NoLoginError, login_of
from customers.models import Customer
from customers.pages.overview import build_overview
from customers.pages.prospect import build_prospect
from customers.pages.record import customer_of_record, page_of_record
from customers.pages.scope import read_scope
from customers.pages.tabs import build_tabs
from customers.pages.trust import build_trust
from customers.view_log import note_page
from customers.views.customer import Head
from integration_hub import audit
from integration_hub.canvas import admitted
from integration_hub.config import CanvasConfig, hub
from integration_hub.salesforce.signed_request import RefusedError

log = logging.getLogger(__name__)


# The signature takes the place of the CSRF token: only Salesforce can make it, and each is accepted once.
@csrf_exempt
@login_not_required
@xframe_options_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def canvas(request: HttpRequest) -> HttpResponseBase:
    """Field `signed_request` in, the customer of the record out; 403 with a calm page for whatever is not right."""
    salesforce = hub().salesforce
    if salesforce is None or not salesforce.canvas.is_on:
        raise Http404
    try:
        response = _answer(request, salesforce.canvas)
    except RefusedError as refusal:
        log.warning("A page inside Salesforce was refused: %s", refusal)
        audit.record_refusal("canvas.refused", "page", "customers:canvas", after={"reason": str(refusal)})
        response = render(request, "customers/canvas/refused.html", status=403)
    except NoLoginError as refusal:
        log.warning("A page inside Salesforce was refused: there is %s", refusal)
        audit.record_refusal("canvas.refused", "page", "customers:canvas", after={"reason": f"there is {refusal}"})
        response = render(request, "customers/canvas/no_login.html", status=403)
    return _framed(request, response, salesforce.canvas)


def _answer(request: HttpRequest, config: CanvasConfig) -> HttpResponse:
    if request.method != "POST" or "signed_request" not in request.POST:
        raise RefusedError("it holds no signed_request")
    envelope = admitted(request.POST["signed_request"], config, timezone.now())
    user = login_of(envelope)
    if not envelope.record:
        return render(request, "customers/canvas/no_record.html", {"placed": False}, status=404)
    customer = customer_of_record(envelope.record, user)
    if customer is None:
        return render(request, "customers/canvas/no_record.html", {"placed": True}, status=404)
    response = _page(request, customer, user, page_of_record(envelope.record))
    note_page(user, "canvas", customer.pk)
    return response


def _page(request: HttpRequest, customer: Customer, user: User, page: str) -> HttpResponse:
    """The overview of today; `request.user` stays a visitor, so that nothing else takes the request for signed in."""
    scope = read_scope(customer, user, QueryDict())
    head = Head(scope, build_tabs(scope, "overview"))
    is_prospect = head.identity.is_prospect and not scope.keys
    context = {
        "head": head,
        "overview": build_overview(scope, user) if scope.rollup else None,
        "currency": scope.currency,
        "trust": build_trust(scope, user),
        "prospect": build_prospect(head.identity.account, user) if is_prospect else None,
        "base": reverse("customers:detail", args=(customer.pk,)),
        "full_page": reverse(f"customers:{page}", args=(customer.pk,)),
    }
    return render(request, "customers/canvas/page.html", context)


def _framed(request: HttpRequest, response: HttpResponse, config: CanvasConfig) -> HttpResponseBase:
    """With a policy of its own: framed by the org alone, without any script; the base lets links find their page."""
    policy = {"frame-ancestors": list(config.origins), "script-src": [NONE], "connect-src": [NONE], "base-uri": [SELF]}
    return csp_replace(policy)(lambda _request: response)(request)
