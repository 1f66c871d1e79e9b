"""How many wrong passwords lock signing in for a while: django-axes counts them, with a limit for each way to guess.

Many for one name from one address, one for each of many names from one address, and many for one name from everywhere.
The last two could be used to keep others out, so they do not hold for who signed in from that address lately. What is
tried while it is locked does not count, so that each lock ends.
"""

import ipaddress
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username, get_failure_limit
from axes.models import AccessLog
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from integration_hub.client_address import client_address

IPV6_OF_ONE = 64
"""Leading bits of an IPv6 address that belong to one customer of a provider, who can use all addresses below."""


class LoginThrottle(AxesDatabaseHandler):  # type: ignore[misc]  # axes is not typed
    """Axes' own handler, which knows one limit only: here each of AXES_LOCKOUT_PARAMETERS has one of LOGIN_LIMITS."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The wrong passwords of the way to guess that is nearest to its limit, as a share of AXES_FAILURE_LIMIT."""
        limit = get_failure_limit(request, credentials)
        counted = zip(settings.LOGIN_LIMITS, self.get_user_attempts(request, credentials), strict=True)
        name = get_client_username(request, credentials)
        here, at_address, everywhere = (
            (attempts.aggregate(all=Sum("failures_since_start"))["all"] or 0) * limit // own
            for own, attempts in counted
        )
        others = max(at_address, everywhere)
        known = others >= limit and _signed_in_lately(name, request.axes_ip_address)  # type: ignore[attr-defined]
        return int(max(here, 0 if known else others))


def _signed_in_lately(name: str | None, address: str | None) -> bool:
    since = timezone.now() - timedelta(days=settings.LOGIN_KNOWN_DAYS)
    return bool(AccessLog.objects.filter(username=name, ip_address=address, attempt_time__gt=since).exists())


def locked_page(request: HttpRequest, *_: object) -> HttpResponse:
    """What a locked name or address is answered, and for how many seconds it is at most."""
    answer = render(request, "429.html", status=429)
    answer["Retry-After"] = str(round(settings.AXES_COOLOFF_TIME * 3600))
    return answer


def counted_address(request: HttpRequest) -> str | None:
    """The address that a login is counted for; None where it is unknown, which counts like one address."""
    told = client_address(request)
    if not told:
        return None
    address = ipaddress.ip_address(told)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), IPV6_OF_ONE), strict=False).network_address)
