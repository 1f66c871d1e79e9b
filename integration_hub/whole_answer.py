"""A limit for one HTTP answer as a whole. The timeouts of requests bound the silence between two bytes only: a server
that sends one byte a second keeps its caller for as long as it likes.
"""

import io
import socket
import time
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

_until: ContextVar[float | None] = ContextVar("answer_until", default=None)


class TooSlow(TimeoutError):
    """An answer, or what was sent to get it, took longer than it may take as a whole."""


def is_too_slow(error: BaseException) -> bool:
    """Whether an error of requests comes from this limit; the libraries wrap it more than once."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, TooSlow):
            return True
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            waiting += [each.__cause__, each.__context__, *each.args]
    return False


class WholeAnswer(HTTPAdapter):
    """Sends requests whose answers, headers and body, have arrived within so many seconds, or raise TooSlow wrapped in
    what requests raises. A session takes it by `mount`.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """As always, with connections that know the limit."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:
        """The same through a proxy."""
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send; the limit goes on while the answer's body is read, by whomever and whenever."""
        token = _until.set(time.monotonic() + self._seconds)
        try:
            return super().send(request, *args, **options)
        finally:
            _until.reset(token)


class _Reader(io.RawIOBase):
    """The bytes of one answer. Each waiting is as long as it may be, but none goes on beyond the limit."""

    def __init__(self, source: io.RawIOBase, line: socket.socket, until: float) -> None:
        super().__init__()
        self._source, self._line, self._until = source, line, until
        self._silence = line.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TooSlow("the answer as a whole took too long")
        self._line.settimeout(left if self._silence is None else min(self._silence, left))
        try:
            return self._source.readinto(buffer)
        except TimeoutError:
            if time.monotonic() >= self._until:
                raise TooSlow("the answer as a whole took too long") from None
            raise

    def close(self) -> None:
        self._source.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        until = _until.get()
        if until is not None:
            self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, until))


def _check() -> None:
    """Before another piece of a request is sent: an upload that is taken too slowly ends as well."""
    until = _until.get()
    if until is not None and time.monotonic() >= until:
        raise TooSlow("what was sent was taken too slowly")


class _Plain(HTTPConnection):
    response_class = _Response

    def send(self, data: Any) -> None:
        _check()
        super().send(data)


class _Encrypted(HTTPSConnection):
    response_class = _Response

    def send(self, data: Any) -> None:
        _check()
        super().send(data)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


POOLS: dict[str, type] = {"http": _PlainPool, "https": _EncryptedPool}


def bound(session: requests.Session, seconds: float) -> None:
    """Give every answer of a session this limit."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, WholeAnswer(seconds))
