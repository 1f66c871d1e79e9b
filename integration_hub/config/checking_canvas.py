"""Checks of [salesforce.canvas]: a secret that can sign, and origins that are the org's own."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from integration_hub.config.problems import ConfigurationError
from integration_hub.config.shape import CanvasConfig

Where = Callable[[tuple[str | int, ...]], str]
PLACE = ("salesforce", "canvas")
# Salesforce makes none that is shorter; a shorter one is a slip of the hand, and could be guessed.
SHORTEST_SECRET = 16
# Pages of every org, and of nobody's, are served from there.
SHARED_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com", "salesforce.com", "force.com"})
THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
EXAMPLE = 'Use the org\'s own, as "https://acme.lightning.force.com".'


def check_canvas(canvas: CanvasConfig, where: Where) -> None:
    """Raise ConfigurationError where the page inside Salesforce is switched on and could not be shown safely."""
    if not canvas.is_on:
        return
    if len(canvas.consumer_secret) < SHORTEST_SECRET:
        raise ConfigurationError(
            where((*PLACE, "consumer_secret")),
            f"It is shorter than {SHORTEST_SECRET} characters, so it is no consumer secret.",
            "Copy the consumer secret of the Canvas app into the variable.",
        )
    if not canvas.origins:
        raise ConfigurationError(
            where((*PLACE, "origins")), "No origin may show the page, so nobody would ever see it.", EXAMPLE
        )
    for origin in canvas.origins:
        if problem := _problem(origin):
            raise ConfigurationError(where((*PLACE, "origins")), f'"{origin}" {problem}.', EXAMPLE)


def _problem(origin: str) -> str:
    """What keeps a text from being one origin of the org; empty when nothing does. It goes into a header as it is."""
    try:
        parts = urlsplit(origin)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "is not an origin"
    host = parts.hostname or ""
    if "*" in origin:
        return "stands for other orgs too"
    if not HOST.fullmatch(host) or origin != f"{parts.scheme}://{host}{port}":
        return "is not an origin: https://, a host in small letters, perhaps a port, and nothing after it"
    if host in SHARED_HOSTS:
        return "belongs to every org"
    if parts.scheme != "https" and not (parts.scheme == "http" and host in THIS_MACHINE):
        return "is not protected by https"
    return ""
