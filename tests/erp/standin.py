"""An ERP's web server as a stand-in over real HTTP: a subclass answers, switches make it misbehave, all is noted."""

import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SIGN_IN_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


@dataclass(frozen=True)
class Asked:
    """A request as it arrived at the socket; `body` is parsed JSON, or text where it is none. `params` hold the last
    value of each name, `query` all of them as they came.
    """

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    query: str = ""


@dataclass(frozen=True)
class Reply:
    """An answer; a body that is no bytes goes out as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """Misbehave on requests whose path (or body, as text) matches, `times` times after `after` good ones.

    Kinds: "html" (a sign-in page with status 200), "cut" (half the body, whole Content-Length), "cut_json" (half the
    body, consistent length), "status" (of that number), "slow" (seconds), "drop" (no answer at all), "repeat" (the
    answer to the request before), "empty" (status 200, no bytes).
    """

    kind: str
    path: str = ".*"
    times: int = 1
    after: int = 0
    status: int = 503
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Standin:
    """A server on a free port of this machine. Subclasses override `answer`; `asked` holds every request."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self._last: Reply | None = None
        self._lock = threading.RLock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # the body follows the headers at once, not 40 ms later

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

            def _any(self) -> None:
                owner._handle(self)

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            setattr(Handler, f"do_{method}", Handler._any)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, asked: Asked) -> Reply:
        """What the ERP would say."""
        raise NotImplementedError

    def misbehave(self, kind: str, **options: Any) -> None:
        """Add a fault."""
        self.faults.append(Fault(kind, **options))

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "Standin":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        params = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        text = raw.decode("utf-8", errors="replace")
        try:
            body = json.loads(text) if text else None
        except json.JSONDecodeError:
            body = text
        asked = Asked(handler.command, parts.path, params, dict(handler.headers), body, parts.query)
        with self._lock:
            self.asked.append(asked)
            fault = self._fault(f"{handler.path} {text}")
            reply = self._last if fault and fault.kind == "repeat" and self._last else self.answer(asked)
            self._last = reply
        self._send(handler, reply, fault)

    def _fault(self, text: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.path, text):
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply, fault: Fault | None) -> None:
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        status, headers = reply.status, {"Content-Type": "application/json", **reply.headers}
        length = len(content)
        kind = fault.kind if fault else ""
        if fault and kind == "slow":
            time.sleep(fault.seconds)
        if kind == "drop":
            handler.close_connection = True
            return
        if kind == "html":
            content, headers = SIGN_IN_PAGE, {"Content-Type": "text/html; charset=utf-8"}
            length = len(content)
        if fault and kind == "status":
            content = json.dumps(fault.body).encode()
            status, length, headers = fault.status, len(content), {**headers, **fault.headers}
        if kind == "empty":
            content, length = b"", 0
        if kind in {"cut", "cut_json"}:
            content = content[: len(content) // 2]
            length = length if kind == "cut" else len(content)
            # Nobody may send another request on a connection that is about to be closed without a word.
            handler.close_connection = kind == "cut" or handler.close_connection
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(content)
