"""A server that cannot prove who it is gets nothing: no token, no question, and no way around it."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integration_hub.salesforce.session import OrgSession

CAME: list[str] = []


class _Impostor(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        CAME.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def certificate(folder: Path, name: str, days: int) -> Path:
    """A certificate that its holder has signed himself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def serve() -> Iterator[list[ThreadingHTTPServer]]:
    running: list[ThreadingHTTPServer] = []
    CAME.clear()
    yield running
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("name", "days", "trusted", "word"),
    [
        ("localhost", 30, False, "self-signed"),
        ("localhost", -1, True, "expired"),
        ("elsewhere.example", 30, True, "doesn't match|mismatch"),
    ],
    ids=["unknown authority", "expired", "another name"],
)
def test_p23_a_certificate_that_proves_nothing_is_refused(
    serve: list[ThreadingHTTPServer], tmp_path: Path, name: str, days: int, trusted: bool, word: str
) -> None:
    path = certificate(tmp_path, name, days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Impostor)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    serve.append(server)
    session = OrgSession(timeout=5, pauses=())
    session.trust_env = False
    if trusted:
        session.verify = str(path)
    with pytest.raises(requests.exceptions.SSLError, match=word):
        session.request("GET", f"https://localhost:{server.server_port}/services/data/")
    assert CAME == []
