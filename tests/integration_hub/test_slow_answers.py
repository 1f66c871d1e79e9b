"""P21: a server that sends a byte now and then costs no more than the configured time, whoever asks it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from integration_hub.alerts import channels
from integration_hub.config import SalesforceConfig, SourceConfig
from integration_hub.erp.http import Allowed, ReadOnlySession
from integration_hub.erp.sign_in import SignIn
from integration_hub.salesforce import session as salesforce
from integration_hub.salesforce.client import connect
from integration_hub.salesforce.errors import OrgUnreachable
from integration_hub.sources import AnswerTooSlow
from integration_hub.whole_answer import is_too_slow

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SLOW_HEAD, SLOW_BODY = (HEAD, b"X-Slow: "), (HEAD + b"Content-Length: 100000\r\n\r\n", b"[1, ")
MOST = 2.5
"""Seconds that any of them may cost: the limit of one second, and what a busy machine needs."""


@dataclass
class Trickle:
    """Answers whatever is asked at once with a beginning, then with a byte every 20 ms, each within any timeout."""

    begins: tuple[bytes, bytes]
    url: str = ""
    asked: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, line: socket.socket) -> None:
        """One connection, until it is ended."""
        with line:
            line.recv(65536)
            self.asked += 1
            try:
                line.sendall(b"".join(self.begins))
                while not self.over.wait(0.02):
                    line.sendall(b"1")
            except OSError:
                return


@contextmanager
def trickling(begins: tuple[bytes, bytes]) -> Iterator[Trickle]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Trickle(begins, f"http://127.0.0.1:{listener.getsockname()[1]}")

        def accept() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=made.answer, args=(line,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield made
        finally:
            made.over.set()
            listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(params=[SLOW_HEAD, SLOW_BODY], ids=["head", "body"])
def server(request: pytest.FixtureRequest) -> Iterator[Trickle]:
    with trickling(request.param) as made:
        yield made


def test_p21_salesforce_is_waited_for_no_longer_than_configured_and_asked_once(server: Trickle) -> None:
    began = time.monotonic()
    with pytest.raises(OrgUnreachable, match="did not answer"):
        connect(
            SalesforceConfig(
                login_url=server.url, client_id="a", client_secret="b", timeout_seconds=20, answer_seconds=1
            )
        )
    assert time.monotonic() - began < MOST
    assert server.asked == 1


def test_p21_a_body_that_is_read_as_a_stream_ends_in_time_as_well() -> None:
    with trickling(SLOW_BODY) as server, salesforce.OrgSession(timeout=20, whole=1) as session:
        began = time.monotonic()
        response = session.get(server.url, stream=True)
        with pytest.raises(requests.RequestException) as caught:
            # As a Bulk page: a chunk that never fills is waited for by the library itself.
            list(response.iter_content(256 * 1024))
        assert time.monotonic() - began < MOST
        assert is_too_slow(caught.value)


def test_p21_an_erp_is_waited_for_no_longer_than_configured_and_asked_once(server: Trickle) -> None:
    source = SourceConfig(
        name="erp", label="Test ERP", kind="odata", streams=(), url=server.url, timeout_seconds=20, answer_seconds=1
    )
    asked = ReadOnlySession(source, (Allowed("GET", "/x"),))
    began = time.monotonic()
    with pytest.raises(AnswerTooSlow, match="after 1 seconds, although it had begun") as caught:
        asked.get("x")
    asked.close()
    assert time.monotonic() - began < MOST
    assert server.asked == 1
    assert caught.value.transient
    assert "answer_seconds" in caught.value.remedy


def test_p21_so_is_the_service_that_gives_its_tokens(server: Trickle) -> None:
    source = SourceConfig(
        name="erp",
        label="Test ERP",
        kind="odata",
        streams=(),
        url=server.url,
        token_url=server.url,
        client_id="a",
        client_secret="b",
        answer_seconds=1,
    )
    began = time.monotonic()
    with pytest.raises(AnswerTooSlow):
        SignIn(source).headers()
    assert time.monotonic() - began < MOST


def test_p21_and_whoever_is_told_of_an_alert(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    assert channels.WHOLE_SECONDS <= 10
    monkeypatch.setattr(channels, "WHOLE_SECONDS", 1)
    settings.DEMO = True  # plain http to this machine
    told: Any = SimpleNamespace(message=SimpleNamespace(payload={"text": "late"}), message_id=1, target="here")
    with trickling(SLOW_HEAD) as server:
        began = time.monotonic()
        with pytest.raises(channels.NotSent, match="did not answer"):
            channels._post(told, server.url, "secret")
        assert time.monotonic() - began < MOST


def test_an_answer_within_the_limit_comes_whole_and_its_connection_is_used_again() -> None:
    body = b"1" * 300_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                for _ in range(2):
                    line.recv(65536)
                    line.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with salesforce.OrgSession(timeout=5, whole=1) as session:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            assert session.get(url).content == body
            time.sleep(1.1)  # the limit is of one answer, not of the connection
            assert session.get(url).content == body
        thread.join(5)
