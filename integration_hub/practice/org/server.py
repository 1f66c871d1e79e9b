"""The HTTP server: reading requests off the wire, writing answers, damaging them when a fault says so."""

from __future__ import annotations

import contextlib
import gzip
import socket
import sys
import time
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .administration import ADMIN, administer
from .json_text import dumps
from .keeping import commit
from .message import Request, Response
from .org import Call, Org
from .routes import answer

LOOPBACK = "127.0.0.1"
COMPRESS_FROM = 1000
"""Bytes below which an answer is not worth compressing."""
NO_BODY = frozenset({204, 304})


class BadBody(Exception):
    """A request whose body could not be read."""


class PracticeServer(ThreadingHTTPServer):
    """One thread per connection; all of them share one org."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, open_org: Callable[[], Org]) -> None:
        # The port first: where another server has it, the state file must stay untouched.
        super().__init__((LOOPBACK, port), Handler)
        self.org = open_org()

    @property
    def url(self) -> str:
        """The address clients use."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc()


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 with keep-alive, chunked request bodies and gzip both ways."""

    protocol_version = "HTTP/1.1"
    server_version = "PracticeOrg"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: PracticeServer
    _skew = 0.0

    def _serve(self) -> None:
        request, at = self._read(), time.time()
        if request is None:
            return
        org = self.server.org
        if request.path.startswith(ADMIN):
            response = self._locked(request, administer)
        else:
            with org.lock:
                hang = org.faults.strike("hang", request)
            if hang is not None and not self._hang(float(hang.option("seconds", 600))):
                self.close_connection = True
                return
            response = self._locked(request, answer)
            with org.lock:
                response.transport = response.transport or org.faults.transport(request)
            org.calls.append(Call(request.method, request.target, response.status, at))
        self._write(request, response)

    def _hang(self, seconds: float) -> bool:
        """Wait; False when the org was reset meanwhile, so that an old call does not reach into a new org."""
        epoch, end = self.server.org.epoch, time.monotonic() + seconds
        while time.monotonic() < end and self.server.org.epoch == epoch:
            time.sleep(min(0.05, seconds))
        return self.server.org.epoch == epoch

    # The names that the base class looks for.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815

    def _locked(self, request: Request, handle: Any) -> Response:
        org = self.server.org
        with org.lock:
            try:
                response: Response = handle(org, request)
            except Exception:  # noqa: BLE001 - a bug here must reach the client as a 500, as in a real org
                traceback.print_exc()
                org.store.roll_back(0)
                response = Response(
                    500, [{"message": traceback.format_exc(limit=-1), "errorCode": "UNKNOWN_EXCEPTION"}]
                )
            commit(org)
        return response

    def _read(self) -> Request | None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body = self._body(headers)
        except (BadBody, ValueError, OSError, EOFError) as error:
            self.close_connection = True
            self.send_error(400, str(error))
            return None
        host = headers.get("host") or f"{LOOPBACK}:{self.server.server_address[1]}"
        return Request(self.command, self.path, headers, body, host)

    def _body(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body = b"".join(iter(self._chunk, b""))
        else:
            length = int(headers.get("content-length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                raise BadBody("the connection ended in mid body")
        return gzip.decompress(body) if headers.get("content-encoding", "").lower() == "gzip" else body

    def _chunk(self) -> bytes:
        """The next chunk of a chunked body; empty at its end, after the trailers."""
        size = int(self.rfile.readline(1024).split(b";")[0], 16)
        data = self.rfile.read(size)
        if len(data) < size:
            raise BadBody("the connection ended in mid chunk")
        if size == 0:
            while self.rfile.readline(65536).strip():
                pass
        else:
            self.rfile.readline(16)
        return data

    def _write(self, request: Request, response: Response) -> None:
        if response.transport == "drop":
            self._hang_up()
            return
        body = _encode(request, response)
        asked = "gzip" in request.headers.get("accept-encoding", "").lower()
        worth = response.compress or response.transport == "bad_gzip" or len(body) >= COMPRESS_FROM
        compressed = asked and worth and response.status not in NO_BODY
        if compressed:
            body = gzip.compress(body, compresslevel=1)
        if response.transport == "bad_gzip" and compressed:
            body = body[: max(11, len(body) // 2)]
        self._skew = response.clock_skew
        self.send_response(response.status)
        if response.status not in NO_BODY:
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(body)))
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if response.status in NO_BODY or self.command == "HEAD":
            return
        if response.transport == "cut":
            self.wfile.write(body[: len(body) // 2])
            self._hang_up()
            return
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # the caller hung up first
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header follows the org's clock, so that a client can learn of a difference."""
        now = self.server.org.clock.now().timestamp() + self._skew
        return super().date_time_string(now if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet: GET /practice/calls tells what was called."""


def _encode(request: Request, response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    if isinstance(response.body, str):
        return response.body.encode("utf-8")
    if response.body is None:
        return b""
    return dumps(response.body, pretty=request.headers.get("x-prettyprint") in {"1", "true"}).encode("utf-8")
