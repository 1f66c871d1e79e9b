"""A relay between the client and the practice org that may change what comes back: answers that no switch gives."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.practice_org import PracticeOrg

BOM = b"\xef\xbb\xbf"
Change = Callable[[str, bytes], bytes]
"""Address and CSV body of an answer -> the body that arrives."""
OWN_HEADERS = frozenset({"content-length", "connection", "transfer-encoding", "date", "server"})


@dataclass
class Relay:
    """A running relay: its address, and the files that were uploaded through it."""

    target: str
    change: Change
    url: str = ""
    uploads: list[bytes] = field(default_factory=list)


def _handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.command == "PUT":
                relay.uploads.append(body)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
            request = urllib.request.Request(f"{relay.target}{self.path}", body or None, headers, method=self.command)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    self._answer(answer.status, answer.headers, answer.read())
            except urllib.error.HTTPError as error:
                self._answer(error.code, error.headers, error.read())

        def _answer(self, status: int, headers: Any, body: bytes) -> None:
            if headers.get("Content-Type", "").startswith("text/csv"):
                body = relay.change(self.path, body)
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in OWN_HEADERS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        # The names that the base class looks for.
        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def relaying(practice_org: PracticeOrg, change: Change) -> Iterator[Relay]:
    """A relay for the length of the block."""
    relay = Relay(practice_org.url, change)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(relay))
    relay.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
