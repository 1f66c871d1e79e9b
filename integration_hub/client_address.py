"""Who asks: the address of the browser, which behind a proxy is not that of the connection."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The browser's address, empty where it is unknown.

    With SECURE_SSL there is a proxy in front, and the last address it names is the one it saw itself; those before it
    can be invented by whoever asks. Without a proxy the header is somebody's own word and is not looked at.
    """
    named = str(request.META.get("HTTP_X_FORWARDED_FOR", "")) if settings.SECURE_SSL else ""
    for address in (named.rpartition(",")[2].strip(), str(request.META.get("REMOTE_ADDR", ""))):
        if _is_address(address):
            return address
    return ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
