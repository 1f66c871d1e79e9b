"""gunicorn's threaded worker, which gives a thread only to a request that has arrived whole.

Its own worker reads a request in a thread: as many slow clients as there are threads keep everybody else waiting,
however slowly each of them sends. Here the main loop collects what arrives, for any number of connections at once, and
cuts off what is not whole in time. The proxy in front does the same; this is for whatever reaches the server past it.
"""

import io
import re
import time
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from typing import Any

from django.conf import settings
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

ARRIVE_SECONDS = 10.0
"""In which a request, head and body, must have arrived."""
SEND_SECONDS = 30.0
"""In which a client must take each part of an answer, a few dozen kilobytes."""
LARGEST_HEAD = 64 * 1024
MEGABYTE = 1024 * 1024
LARGEST_BODY = 2 * MEGABYTE
"""As much as the proxy lets through (client_max_body_size); settings.LARGE_BODIES names addresses that take more."""
LARGE_AT_ONCE = 2
"""How many requests that are larger are collected at a time: they are held in memory."""
PIECE = 64 * 1024
END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*(?=\r\n)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class Refused(Exception):
    """A request that is not waited for; the arguments are the HTTP status that says why, and a sentence."""


def largest_body(head: bytes) -> int:
    """How many bytes may follow a head: some addresses take files."""
    path = head.split(b" ", 2)[1].partition(b"?")[0].decode("latin-1") if head.count(b" ") > 1 else ""
    return max(LARGEST_BODY, settings.LARGE_BODIES.get(path, 0)) if settings.configured else LARGEST_BODY


def is_whole(arrived: bytearray) -> bool:
    """Whether a request is here, head and body. Raises Refused for one that would be too large, or does not say how
    large it is; what is wrong with it otherwise, gunicorn says.
    """
    end = arrived.find(END)
    if end < 0:
        if len(arrived) > LARGEST_HEAD:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The address or a cookie is too long.")
        return False
    head = bytes(arrived[: end + 2])
    if CHUNKED.search(head):
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "Say first how many bytes will follow.")
    said = LENGTH.search(head)
    length = int(said[1]) if said and len(said[1]) < 20 else 0
    if length > (most := largest_body(head)):
        words = (
            f"More than {most // MEGABYTE} MB, which is the most that is taken here. Go back and choose a smaller file."
        )
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
    return len(arrived) >= end + len(END) + length


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """For --worker-class. TLS ends in front of it: what is encrypted it reads as gunicorn's own worker does."""

    _large: frozenset[Any] = frozenset()

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
                self._hold(conn, len(arrived))
                return
        except Refused as refused:
            self._refuse(client, *refused.args)
            # Closing now would take the answer away from a client that still sends.
            self.poller.modify(client, EVENT_READ, partial(self._discard, conn))
            return
        if not more:
            self._end(conn)
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        conn.init()
        self._give(conn.parser.unreader, arrived)
        conn.data_ready = True
        self.enqueue_req(conn)

    @staticmethod
    def _give(unreader: Any, arrived: bytearray) -> None:
        """Let the parser read what has arrived. What it is given back as a whole it copies with every piece that is
        read, which for a large file takes seconds of processor: that it finds as if it came from the client.
        """
        if len(arrived) <= LARGEST_HEAD + LARGEST_BODY:
            unreader.unread(bytes(arrived))
            return
        unreader.unread(bytes(arrived[:LARGEST_HEAD]))
        held, size = io.BytesIO(arrived), len(arrived)
        held.seek(LARGEST_HEAD)

        def piece(_hint: int | None = None) -> bytes:
            found = held.read(PIECE)
            if held.tell() == size:
                # A connection may be kept for long: what was read is let go of, and the client's is read from here on.
                del unreader.chunk
            return found

        unreader.chunk = piece

    def _hold(self, conn: Any, size: int) -> None:
        """Keep what has arrived of a request, unless too many hold much already."""
        if size <= LARGEST_HEAD + LARGEST_BODY or conn in self._large:
            return
        self._large = self._large.intersection(self.pending_conns)
        if len(self._large) >= LARGE_AT_ONCE:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE, "Other files are being taken just now. Try again in a minute."
            )
        self._large |= {conn}

    def _discard(self, conn: Any, client: socket) -> None:
        """Read on what was refused, until the client has seen why and ends, or its time is over."""
        try:
            if client.recv(65536):
                return
        except BlockingIOError:
            return  # nothing came yet; the poller says when, or its time is over
        except OSError:
            pass  # the client is gone: nobody is left to tell
        self._end(conn)

    def _end(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)
        self.nr_conns -= 1
        conn.close()

    @staticmethod
    def _refuse(client: socket, status: HTTPStatus, words: str) -> None:
        """Say why, as far as that goes without waiting."""
        page = f'<!doctype html><html lang="en"><title>{status.phrase}</title><p>{words}</p></html>'
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: text/html\r\n"
            f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(page)}\r\n\r\n"
        )
        try:
            client.send((head + page).encode("ascii"))
            client.shutdown(SHUT_WR)
        except OSError:
            return
