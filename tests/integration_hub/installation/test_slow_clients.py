"""W1: clients that send a byte now and then, or nothing, keep nobody waiting: not the web server alone, nor behind the
product's own proxy.
"""

import contextlib
import os
import re
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integration_hub import web_worker
from integration_hub.web_worker import Refused, is_whole

BASE = Path(__file__).resolve().parents[3]
FILES = BASE / "integration_hub" / "production"
SLOW = 500
GOOD = b"GET / HTTP/1.1\r\nHost: hub.example.com\r\nConnection: close\r\n\r\n"
BEGINNINGS = (
    b"",
    b"G",
    b"GET / HTTP/1.1\r\nHost: hub.example.com\r\nX-Slow: ",
    b"POST / HTTP/1.1\r\nHost: hub.example.com\r\nContent-Length: 100000\r\n\r\nbody",
)
APPLICATION = """
def application(environ, start_response):
    if environ["PATH_INFO"] == "/file":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "8000000")])
        return environ["wsgi.file_wrapper"](open("large", "rb"))
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body) + 6))])
    return [b"hello ", body]
"""
CONFIGURED = """
import django.conf
import integration_hub.web_worker
integration_hub.web_worker.ARRIVE_SECONDS = 3.0
django.conf.settings.configure(LARGE_BODIES={"/reports/exports/check/": 30 * 1024 * 1024})
"""
PROXY = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
Connect = Callable[[], socket.socket]


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], connect: Connect, folder: Path) -> Iterator[None]:
    """A server, from the moment it takes connections."""
    with (folder / "out.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": f"{BASE}:{folder}"}
        )
    try:
        until = time.monotonic() + 30
        while True:
            assert process.poll() is None, (folder / "out.log").read_text()
            with contextlib.suppress(OSError):
                connect().close()
                break
            assert time.monotonic() < until, (folder / "out.log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def web_server(folder: Path, bind: str, connect: Connect) -> Iterator[None]:
    """gunicorn with the product's worker, and as few threads as there can be."""
    (folder / "hello.py").write_text(APPLICATION)
    (folder / "configured.py").write_text(CONFIGURED)
    command = [sys.executable, "-m", "gunicorn", "hello:application", "--bind", bind, "--config", "configured.py"]
    command += ["--worker-class", "integration_hub.web_worker.PatientWorker", "--workers", "1", "--threads", "2"]
    with running([*command, "--no-control-socket", "--graceful-timeout", "1"], connect, folder):
        yield


def posting(path: str, size: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: hub.example.com\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode()
    )


@contextlib.contextmanager
def slow_clients(connect: Connect) -> Iterator[list[socket.socket]]:
    """Five hundred of all kinds, each of which has sent the beginning of a request."""
    with contextlib.ExitStack() as stack:
        lines = []
        for number in range(SLOW):
            line = stack.enter_context(contextlib.closing(connect()))
            line.sendall(BEGINNINGS[number % len(BEGINNINGS)])
            lines.append(line)
        yield lines


def answered(connect: Connect, request: bytes = GOOD) -> tuple[bytes, float]:
    """The answer to a good client, and the seconds it took."""
    began = time.monotonic()
    with contextlib.closing(connect()) as line:
        line.settimeout(20)
        line.sendall(request)
        answer = bytearray()
        while more := line.recv(65536):
            answer += more
    return bytes(answer), time.monotonic() - began


def trickle(lines: list[socket.socket], seconds: float) -> int:
    """Send a byte on each now and then; how many of them the server has ended."""
    ended: set[socket.socket] = set()
    until = time.monotonic() + seconds
    while time.monotonic() < until and len(ended) < len(lines):
        for line in lines:
            line.setblocking(False)
            try:
                if line not in ended and not line.recv(4096):
                    ended.add(line)
                line.send(b"x")
            except (BlockingIOError, ssl.SSLWantReadError):
                continue  # neither ended nor ready for more: asked again in the next round
            except OSError:
                ended.add(line)
        time.sleep(0.1)
    return len(ended)


def test_w1_the_web_server_itself_answers_beside_500_slow_clients_and_ends_them(tmp_path: Path) -> None:
    port = free_port()

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout=20)

    with web_server(tmp_path, f"127.0.0.1:{port}", connect), slow_clients(connect) as slow:
        took = []
        for _ in range(5):
            answer, seconds = answered(connect)
            assert answer.startswith(b"HTTP/1.1 200")
            took.append(seconds)
        assert max(took) < 2.0, took
        # Whoever still trickles is ended, however lively: in all within the time for one request.
        assert trickle(slow, 15) == SLOW
        body = b"b" * 50_000
        posted, _ = answered(
            connect, GOOD.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 50000\r\n\r\n") + body
        )
        assert posted.endswith(b"hello " + body)


def test_w1_what_is_too_large_or_does_not_say_how_large_is_refused_at_once(tmp_path: Path) -> None:
    port = free_port()

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout=20)

    with web_server(tmp_path, f"127.0.0.1:{port}", connect):
        for request, status in (
            (posting("/", 3_000_000), b"413"),
            (posting("/", 3_000_000) + b"b" * 3_000_000, b"413"),
            (posting("/reports/exports/check/?a", 32_000_000), b"413"),
            (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
            (b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 80_000, b"431"),
        ):
            answer, _ = answered(connect, request)
            assert answer[:12] == b"HTTP/1.1 " + status
            assert re.search(rb"<p>[A-Z][^<]{20,}\.</p>", answer), answer
        # A file is larger than what the connection holds, so that it is waited for; it comes whole all the same.
        (tmp_path / "large").write_bytes(b"f" * 8_000_000)
        assert answered(connect, GOOD.replace(b"GET /", b"GET /file"))[0].endswith(b"\r\n\r\n" + b"f" * 8_000_000)
        # Two requests on one connection, each in two pieces.
        with contextlib.closing(connect()) as line:
            for _ in range(2):
                line.sendall(GOOD[:20])
                time.sleep(0.1)
                line.sendall(GOOD[20:].replace(b"close", b"keep-alive"))
                received = b""
                while not received.endswith(b"hello "):
                    received += line.recv(65536)
    assert is_whole(bytearray(b"GET / HTTP/1.1\r\n\r\n"))
    assert not is_whole(bytearray(b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab"))
    with pytest.raises(Refused):
        is_whole(bytearray(b"a" * (web_worker.LARGEST_HEAD + 1)))


def test_w1_a_file_to_be_checked_may_be_large_and_only_so_many_are_taken_at_a_time(tmp_path: Path) -> None:
    port = free_port()

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout=20)

    check, body = "/reports/exports/check/", b"f" * 30_000_000
    with web_server(tmp_path, f"127.0.0.1:{port}", connect), contextlib.ExitStack() as stack:
        answer, _ = answered(connect, posting(check, len(body)) + body)
        assert answer.endswith(b"\r\n\r\nhello " + body)
        held = [stack.enter_context(contextlib.closing(connect())) for _ in range(web_worker.LARGE_AT_ONCE)]
        for line in held:
            line.sendall(posting(check, len(body)) + body[:4_000_000])
        time.sleep(0.5)
        refused, _ = answered(connect, posting(check, len(body)) + body[:4_000_000])
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Try again in a minute." in refused
        # Those that hold the places and send no more lose them.
        assert trickle(held, 8) == len(held)
        assert answered(connect, posting(check, len(body)) + body)[0].startswith(b"HTTP/1.1 200 ")


def certificate(folder: Path) -> None:
    """One for hub.example.com that is worth nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub.example.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "privkey.pem").write_bytes(private)


def product_site(folder: Path, port: int) -> None:
    """The product's own nginx.conf, with other places and ports and nothing else changed."""
    shutil.copy(FILES / "nginx_proxy.conf", folder / "customer360_proxy.conf")
    text = (FILES / "nginx.conf").read_text("utf-8")
    for told, here in (
        ("/run/customer360/web.sock", f"{folder}/web.sock"),
        ("/etc/ssl/customer360/", f"{folder}/"),
        ("/etc/nginx/customer360_proxy.conf", f"{folder}/customer360_proxy.conf"),
        ("/var/lib/customer360/static/", f"{folder}/"),
        ("listen [::]:80;", ""),
        ("listen [::]:443 ssl http2;", ""),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
    ):
        assert told in text, told
        text = text.replace(told, here)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(
        PROXY.format(folder=folder, user="user root;" if os.geteuid() == 0 else ""), encoding="utf-8"
    )


def product_proxy(folder: Path) -> tuple[list[str], Callable[[], socket.socket]]:
    """The command of nginx with the product's own files, and a way to connect to it as a browser does."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("nginx is not on this machine (apt-get install nginx-light)")
    folder.chmod(0o755)
    port = free_port()
    certificate(folder)
    product_site(folder, port)
    context = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    context.check_hostname = False

    def connect() -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        return context.wrap_socket(plain, server_hostname="hub.example.com")

    return [program, "-p", str(folder), "-c", str(folder / "nginx.conf")], connect


@pytest.mark.external
def test_w1_the_products_proxy_answers_beside_500_slow_clients_and_ends_them(tmp_path: Path) -> None:
    proxy, connect = product_proxy(tmp_path)

    def behind() -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(tmp_path / "web.sock"))
        return line

    large = b"f" * 3_000_000
    with (
        web_server(tmp_path, f"unix:{tmp_path}/web.sock", behind),
        running(proxy, connect, tmp_path),
        slow_clients(connect) as slow,
    ):
        took = []
        for _ in range(5):
            answer, seconds = answered(connect)
            assert answer.startswith(b"HTTP/1.1 200")
            took.append(seconds)
        assert max(took) < 2.0, took
        assert answered(connect, posting("/reports/exports/check/", len(large)) + large)[0].endswith(large)
        for path, size in (("/", len(large)), ("/reports/exports/check/", 32_000_000)):
            refused, _ = answered(connect, posting(path, size))
            assert refused.startswith(b"HTTP/1.1 413 ")
            assert b"A file to be checked may have 30 MB, anything else 2 MB." in refused
        # Those that send a body may take long, as nothing waits for them; all others are ended.
        assert trickle(slow, 15) >= SLOW * 3 // 4


@pytest.mark.external
def test_the_products_proxy_counts_sent_passwords_and_no_looks_at_the_form(tmp_path: Path) -> None:
    proxy, connect = product_proxy(tmp_path)
    # Nothing stands behind the proxy: 502 is what it lets through.
    with running(proxy, connect, tmp_path):
        look = b"GET /login/ HTTP/1.1\r\nHost: hub.example.com\r\nConnection: close\r\n\r\n"
        looks = [answered(connect, look)[0].split()[1] for _ in range(20)]
        tries = [answered(connect, posting("/login/", 1) + b"x")[0] for _ in range(20)]
    assert set(looks) == {b"502"}
    assert {answer.split()[1] for answer in tries[:10]} == {b"502"}
    assert tries[-1].startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: 60" in tries[-1]
    assert b"Wait a minute" in tries[-1]
