"""The two addresses of the single sign-on: to the provider, and back."""

import logging
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integration_hub.audit.recording import record_refusal
from integration_hub.client_address import client_address
from integration_hub.sign_on.accounts import login_of
from integration_hub.sign_on.provider import from_provider, is_configured, to_provider
from integration_hub.sign_on.refusal import SignOnRefused

log = logging.getLogger(__name__)
NEXT = "sign_on_next"
LONGEST_NEXT = 2000
TO_PROVIDER = timedelta(minutes=30)
"""So long may somebody take at the provider; a session of whoever is not signed in is kept no longer."""
BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider; `next` is where it goes once it is signed in."""
    _require_provider()
    wanted = _local(request, request.GET.get("next", ""))
    request.session[NEXT] = wanted if len(wanted) <= LONGEST_NEXT else ""
    if not request.user.is_authenticated:
        request.session.set_expiry(TO_PROVIDER)
    try:
        return to_provider(request, f"{settings.PUBLIC_URL.rstrip('/')}{reverse('sign_on_back')}")
    except SignOnRefused as refused:
        return _refused(request, refused, status=502)


@login_not_required
@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider sends back. Whoever may not is told so in words, the reason stands in the log."""
    _require_provider()
    wanted = request.session.pop(NEXT, "")
    try:
        user = login_of(from_provider(request))
    except SignOnRefused as refused:
        return _refused(request, refused, status=403)
    login(request, user, backend=BACKEND)
    # A new round to the provider, which may know by then that the person has left.
    # As an instant: a number of seconds would begin anew with each change of the session.
    request.session.set_expiry(timezone.now() + timedelta(hours=settings.OIDC_SESSION_HOURS))
    log.info("%s signed in by the provider from %s", user.get_username(), client_address(request))
    return HttpResponseRedirect(_local(request, wanted) or resolve_url(settings.LOGIN_REDIRECT_URL))


def _require_provider() -> None:
    if not is_configured():
        raise Http404("no provider is configured")


def _local(request: HttpRequest, address: str) -> str:
    allowed = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if allowed else ""


def _refused(request: HttpRequest, refused: SignOnRefused, *, status: int) -> HttpResponse:
    record_refusal("login.failed", "login", settings.OIDC_LABEL, after={"reason": str(refused)[:200]})
    log.warning("sign-on refused from %s: %s", client_address(request), refused)
    return render(request, "registration/sign_on_refused.html", {"label": settings.OIDC_LABEL}, status=status)
