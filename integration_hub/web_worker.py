"""gunicorn's threaded worker, which gives a thread only to a request that has arrived whole.

Its own worker reads a request in a thread: as many slow clients as there are threads keep everybody else waiting,
however slowly each of them sends. Here the main loop collects what arrives, for any number of connections at once, and
cuts off what is not whole in time. The proxy in front does the same; this is for whatever reaches the server past it.
"""

import re
import time
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

ARRIVE_SECONDS = 10.0
"""In which a request, head and body, must have arrived."""
SEND_SECONDS = 30.0
"""In which a client must take each part of an answer, a few dozen kilobytes."""
LARGEST_HEAD = 64 * 1024
LARGEST_BODY = 2 * 1024 * 1024
"""As much as the proxy lets through (client_max_body_size)."""
END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*(?=\r\n)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class Refused(Exception):
    """A request that is not waited for; the argument is the HTTP status that says why."""


def is_whole(arrived: bytearray) -> bool:
    """Whether a request is here, head and body. Raises Refused for one that would be too large, or does not say how
    large it is; what is wrong with it otherwise, gunicorn says.
    """
    end = arrived.find(END)
    if end < 0:
        if len(arrived) > LARGEST_HEAD:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        return False
    head = bytes(arrived[: end + 2])
    if CHUNKED.search(head):
        raise Refused(HTTPStatus.LENGTH_REQUIRED)
    said = LENGTH.search(head)
    length = int(said[1]) if said and len(said[1]) < 20 else 0
    if length > LARGEST_BODY:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return len(arrived) >= end + len(END) + length


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """For --worker-class. TLS ends in front of it: what is encrypted it reads as gunicorn's own worker does."""

    def accept(self, listener: socket) -> None:
        """Take a connection, and wait for its first request."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            line, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._collect(TConn(self.cfg, line, client, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: socket) -> None:
        """The next request on a connection that was kept begins."""
        if self.cfg.is_ssl:
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._collect(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """In a thread: answer. The whole request is here, so that only the answer can be slow."""
        conn.sock.settimeout(SEND_SECONDS)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            self.log.info("A client took its answer too slowly and was cut off.")
            return False

    def _collect(self, conn: Any) -> None:
        # murder_pending of the base class ends those whose time is over, the first of them first.
        conn.timeout = time.monotonic() + ARRIVE_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._arrived, conn, bytearray()))

    def _arrived(self, conn: Any, arrived: bytearray, client: socket) -> None:
        try:
            more = client.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        arrived += more
        try:
            if more and not is_whole(arrived):
                return
        except Refused as refused:
            self._refuse(client, refused.args[0])
            more = b""
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if not more:
            self.nr_conns -= 1
            conn.close()
            return
        conn.init()
        conn.parser.unreader.unread(bytes(arrived))
        conn.data_ready = True
        self.enqueue_req(conn)

    @staticmethod
    def _refuse(client: socket, status: HTTPStatus) -> None:
        """Say why, as far as that goes without waiting."""
        answer = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        try:
            client.send(answer.encode("ascii"))
            client.shutdown(SHUT_WR)
        except OSError:
            return
