"""A mail server and a web server of this machine that keep what they are sent."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Mailbox:
    """Messages that a mail server took, and how it answers to recipients; one of them may be `refused`."""

    port: int = 0
    messages: list[Message] = field(default_factory=list)
    answer: str = "250 ok"
    refused: str = ""


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self._say("220 sink")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                lines: list[str] = []
                while (text := self.rfile.readline().decode()).strip("\r\n") != ".":
                    lines.append(text)
                box.messages.append(message_from_string("".join(lines)))
            answer = "550 no such person" if box.refused and box.refused in line else box.answer
            self._say({"QUIT": "221 bye", "RCPT": answer}.get(verb, "250 ok"))
            if verb == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def mail_server(port: int = 0) -> Iterator[Mailbox]:
    """An SMTP server that takes everything."""
    with _MailServer(("127.0.0.1", port), _Mail) as server:
        box = Mailbox(server.server_address[1])
        server.box = box  # type: ignore[attr-defined]
        with _running(server):
            yield box


@dataclass
class Received:
    """Requests that a web server got, as path, headers and body; `status` is what it answers with."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def web_server() -> Iterator[Received]:
    """An HTTP server that takes everything."""
    received = Received()

    class _Web(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.requests.append((self.path, dict(self.headers), body))
            self.send_response(received.status)
            for name, value in received.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Nothing beside the tests' own output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), _Web) as server:
        received.url = f"http://127.0.0.1:{server.server_address[1]}"
        with _running(server):
            yield received


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
