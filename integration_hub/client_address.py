"""Who asks: the address of the browser, which behind a proxy is not that of the connection."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The browser's address, empty where it is unknown.

    Behind TRUSTED_PROXIES proxies it is the entry that the outermost of them added to X-Forwarded-For; whatever stands
    left of it was written by whoever asks, and so is all of it where there is no proxy.
    """
    proxies = settings.TRUSTED_PROXIES
    passed = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    named = passed[-proxies] if 0 < proxies <= len(passed) else ""
    for address in (named, str(request.META.get("REMOTE_ADDR") or "")):
        if _is_address(address):
            return address
    return ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
