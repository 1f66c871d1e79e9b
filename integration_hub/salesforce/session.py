"""HTTP to Salesforce: a timeout on every call, growing pauses before another try, no redirects, no plain http."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

from integration_hub.salesforce.errors import (
    TRANSIENT_STATUSES,
    AuthenticationFailed,
    NotWantedAnyMore,
    passes_by_itself,
)
from integration_hub.salesforce.limits import HEADER, METER, ApiUsage, read_usage
from integration_hub.whole_answer import WholeAnswer, bound, is_too_slow

PAUSES = (1.0, 3.0, 9.0, 27.0)
"""Seconds before the second, third... try of a call that may be repeated."""
CONNECT_SECONDS = 10.0
DATA = "/services/data/"
PATIENCE = 3
"""All tries of one call together take at most this many timeouts."""
WHOLE_SECONDS = 900.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class OrgSession(requests.Session):
    """A session for one org. `calls` counts requests sent; `usage` is what the org said last about its budget.

    `timeout` is the longest silence in seconds, `whole` the most that one answer may take.
    `organization` is the org's id once signed in. A meter that runs when the session is made is told of each request.
    """

    def __init__(self, *, timeout: float, pauses: Sequence[float] | None = None, whole: float = WHOLE_SECONDS) -> None:
        super().__init__()
        self.timeout, self.pauses = timeout, PAUSES if pauses is None else pauses
        self.whole = whole
        bound(self, whole)
        self.calls = 0
        self.usage = ApiUsage()
        self.organization = ""
        self.meter = METER.get()
        # Keeps requests from putting a .netrc entry in place of the token.
        self.auth = _keep

    def request(  # type: ignore[override]  # the base lists two dozen parameters that pass through
        self,
        method: str,
        url: str,
        *,
        repeatable: bool | None = None,
        going: Callable[[], bool] | None = None,
        **options: Any,
    ) -> requests.Response:
        """Send a request; a repeatable one (GET is, others when told) is tried again after a disturbance.

        `going` is asked before every further try. Raises NotWantedAnyMore where it says no, and what requests raises
        once patience or tries are used up; returns any answer otherwise.
        """
        again = method.upper() == "GET" if repeatable is None else repeatable
        deadline = time.monotonic() + PATIENCE * self.timeout
        for pause in self.pauses:
            if not again or time.monotonic() + pause >= deadline:
                break
            try:
                response = self._once(method, url, deadline, options)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                if is_too_slow(error):
                    raise
                _wait(pause, going)
                continue
            except requests.exceptions.ContentDecodingError:
                _wait(pause, going)
                continue
            if not _passing(response) and (options.get("stream") or not _cut_short(response)):
                return response
            response.close()
            _wait(pause, going)
        return self._once(method, url, deadline, options)

    def _once(self, method: str, url: str, deadline: float, options: dict[str, Any]) -> requests.Response:
        left = max(1.0, deadline - time.monotonic())
        timeout = (min(CONNECT_SECONDS, left), min(self.timeout, left))
        self.calls += 1
        try:
            response = super().request(method, url, **{"timeout": timeout, "allow_redirects": False, **options})
            self.usage = read_usage(response.headers.get(HEADER)) or self.usage
        finally:
            # Tokens are no API requests: Salesforce does not count them either.
            if self.meter is not None and DATA in url:
                self.meter.note(self.usage, self.organization)
        return response

    def trust(self, base_url: str) -> None:
        """Prepare for an org's address: https anywhere, plain http only on this machine. AuthenticationFailed else."""
        parts = urlsplit(base_url)
        if parts.scheme == "https" and parts.hostname:
            return
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise AuthenticationFailed(
                f'"{base_url}" is no address a token may be sent to.',
                "Tokens and customer data would cross the network in the clear.",
                "Use the org's https address as login_url in hub.toml.",
            )
        self.trust_env = False  # a proxy cannot reach this machine's own addresses
        self.mount(f"https://{parts.netloc}/", _PlainAdapter(self.whole))


class _PlainAdapter(WholeAnswer):
    """simple-salesforce always writes https; a practice org on this machine speaks http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        request.url = urlunsplit(urlsplit(request.url or "")._replace(scheme="http"))
        return super().send(request, *args, **options)


def _wait(pause: float, going: Callable[[], bool] | None) -> None:
    time.sleep(pause)
    if going is not None and not going():
        raise NotWantedAnyMore


def _keep(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _cut_short(response: requests.Response) -> bool:
    """Whether JSON ends before its end. Nothing else notices a compressed body that came in part."""
    if not response.content or not response.headers.get("Content-Type", "").startswith("application/json"):
        return False
    try:
        response.json()
    except requests.JSONDecodeError:
        return True
    return False


def _passing(response: requests.Response) -> bool:
    """Whether the answer says to come back later: overload, maintenance, or too many long requests at once."""
    if response.status_code not in TRANSIENT_STATUSES | {403}:
        return False
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = ""
    return passes_by_itself(response.status_code, body)
