"""HTTP to an ERP, for reading only: what is not on the adapter's list raises before a byte leaves this machine."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from integration_hub.config import SourceConfig
from integration_hub.erp.http_errors import KEPT, broken, not_json, of_status, unreachable
from integration_hub.sources import AnswerTooSlow, SourceProblem, SourceRefused
from integration_hub.whole_answer import bound

PAUSES = (1.0, 3.0, 9.0)
"""Seconds before the second, third... try of a request; an ERP's own Retry-After counts instead where it is longer."""
LONGEST_PAUSE = 120.0
CONNECT_SECONDS = 10.0
LARGEST_ANSWER = 256 * 1024 * 1024
BLOCK = 1024 * 1024
JSON = "application/json"
"""What is asked for unless a caller's Accept header says otherwise, as for XML."""
BUSY = frozenset({429, 502, 503, 504})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Allowed:
    """One thing that may be asked: HTTP method, path (a whole regular expression), and the remote methods, if any.

    Where an API carries the method's name in its body, `remote` takes it out of there; a name not in `methods` is
    refused, and so is a body in which it cannot be found.
    """

    method: str
    path: str
    methods: frozenset[str] = frozenset()
    remote: Callable[[Any], str] | None = None

    def covers(self, method: str, path: str, body: Any) -> bool:
        """Whether this is that request."""
        if method != self.method or not re.fullmatch(self.path, path):
            return False
        if self.remote is None:
            return True
        try:
            return self.remote(body) in self.methods
        except (KeyError, IndexError, TypeError):
            return False


@dataclass(frozen=True)
class Answer:
    """An ERP's answer: status, headers, and the JSON with numbers as the text they were; else asked for, plain text."""

    status: int
    headers: Mapping[str, str]
    body: Any
    seconds: float = 0.0


@dataclass
class ReadOnlySession:
    """A session for one ERP. `calls` and `received` count requests and bytes; `skew` is its clock less ours, seconds.

    `authorize` is asked for headers before each request, `renew` once after a 401: True where a new token was had.
    """

    source: SourceConfig
    allowed: tuple[Allowed, ...]
    authorize: Callable[[], Mapping[str, str]] = dict
    renew: Callable[[], bool] = lambda: False
    pauses: tuple[float, ...] = field(default_factory=lambda: PAUSES)
    sleep: Callable[[float], None] = time.sleep
    calls: int = 0
    received: int = 0
    skew: float | None = None
    _session: requests.Session = field(default_factory=requests.Session)
    _next: float = 0.0

    def __post_init__(self) -> None:
        self._session.auth = lambda request: request  # no entry of a .netrc in place of the key
        bound(self._session, self.source.answer_seconds)
        if urlsplit(self.source.url).hostname in LOOPBACK:
            self._session.trust_env = False  # a proxy cannot reach this machine's own addresses

    def get(self, path: str, *, params: Mapping[str, str] | None = None, **options: Any) -> Answer:
        """GET a path below the source's address, or a whole address of the same host (as next links are)."""
        return self.ask("GET", path, params=params, **options)

    def post(self, path: str, body: Any, **options: Any) -> Answer:
        """POST JSON that asks for something."""
        return self.ask("POST", path, body=body, **options)

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send a request and read its answer whole; disturbances are tried again. `accept` are statuses the caller
        reads itself. Raises SourceRefused for what is not allowed, and SourceProblem for every other answer than 2xx.
        """
        url = self._whole_address(path)
        if not any(each.covers(method, urlsplit(url).path, body) for each in self.allowed):
            raise SourceRefused(
                f"{method} {urlsplit(url).path} of {self.source.label} was not sent: it is not on the list of what "
                "may be asked.",
                "Customer 360 only reads, and nothing that might write leaves it.",
                "This is an error of Customer 360: please report it.",
            )
        renewed = False
        for number in range(len(self.pauses) + 1):
            last = number == len(self.pauses)
            try:
                answer = self._once(method, url, params, body, headers or {})
            except SourceProblem as problem:
                if last or not problem.transient or isinstance(problem, AnswerTooSlow):
                    raise
                self.sleep(self.pauses[number])
                continue
            if answer.status == 401 and not renewed and self.renew():
                renewed = True
                answer = self._once(method, url, params, body, headers or {})
            if answer.status in BUSY and not last and answer.status not in accept:
                self.sleep(min(LONGEST_PAUSE, max(self.pauses[number], _retry_after(answer))))
                continue
            if not 200 <= answer.status < 300 and answer.status not in accept:
                raise of_status(self.source, answer.status, answer.body, _retry_after(answer))
            return answer
        raise AssertionError("the last try returns or raises")

    def _whole_address(self, path: str) -> str:
        base = urlsplit(self.source.url)
        if not path.startswith(("http://", "https://")):
            return self.source.url.rstrip("/") + "/" + path.lstrip("/")
        if urlsplit(path)[:2] != base[:2]:
            raise SourceRefused(
                f"{self.source.label} named an address on another host ({urlsplit(path).netloc}).",
                f"Its key is sent to {base.netloc} only. {KEPT}",
                "Use the ERP's public address as url in hub.toml, or correct its setting of that address.",
            )
        return path

    def _once(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        body: Any,
        headers: Mapping[str, str],
    ) -> Answer:
        self._wait_for_turn()
        self.calls += 1
        began = time.monotonic()
        try:
            with self._session.request(
                method,
                url,
                params=params,
                json=body,
                headers={"Accept": JSON, **headers, **self.authorize()},
                timeout=(CONNECT_SECONDS, self.source.timeout_seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._content(response)
        except requests.RequestException as error:
            raise unreachable(self.source, error) from error
        return self._read(response, content, time.monotonic() - began)

    def _content(self, response: requests.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(BLOCK):
            size += len(part)
            if size > LARGEST_ANSWER:
                raise SourceProblem(
                    f"An answer of {self.source.label} is larger than {LARGEST_ANSWER // 1024**2} MB.",
                    KEPT,
                    "Set page_rows in hub.toml to fewer rows per request.",
                )
            parts.append(part)
        self.received += size
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and "Content-Encoding" not in response.headers and int(expected) != size:
            raise broken(self.source, f"{size:,} of {expected} bytes arrived")
        return b"".join(parts)

    def _read(self, response: requests.Response, content: bytes, seconds: float) -> Answer:
        status = response.status_code
        if 300 <= status < 400:
            raise SourceProblem(
                f"{self.source.label} sends us elsewhere ({response.headers.get('Location', 'no address')[:120]}).",
                f"A key is not sent along to another address. {KEPT}",
                "Use the address that the ERP itself answers at as url in hub.toml.",
            )
        if 200 <= status < 300 and response.request.headers.get("Accept") != JSON:
            return Answer(status, response.headers, content.decode("utf-8-sig", errors="replace"), seconds)
        try:
            body = json.loads(content, parse_float=str, parse_int=str, parse_constant=str) if content else None
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            if 200 <= status < 300:
                raise not_json(self.source, response.headers.get("Content-Type", ""), content) from error
            body = content[:500].decode("utf-8", errors="replace")
        return Answer(status, response.headers, body, seconds)

    def _wait_for_turn(self) -> None:
        """Keep to requests_per_minute."""
        if self.source.requests_per_minute <= 0:
            return
        now = time.monotonic()
        if self._next > now:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 60 / self.source.requests_per_minute

    def close(self) -> None:
        """End the session."""
        self._session.close()


def _retry_after(answer: Answer) -> float:
    """Seconds that the ERP asks to wait; 0 where it does not say."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0
