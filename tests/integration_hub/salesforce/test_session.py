"""What holds for every request: no secrets in logs and errors, no redirects, no borrowed passwords, bounded waiting."""

import logging
import threading
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.client import Org, connect
from integration_hub.salesforce.errors import AuthenticationFailed, RequestRefused, SalesforceProblem
from integration_hub.salesforce.session import OrgSession
from integration_hub.salesforce.tokens import Token, fetch_token
from tests.practice_org import PracticeOrg


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on to another address, and remembers who came."""

    came: list[str] = []

    def do_GET(self) -> None:
        self.came.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    _Elsewhere.came.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_redirect_is_not_followed_with_the_token(elsewhere: str) -> None:
    session = OrgSession(timeout=5)
    session.trust(elsewhere)
    response = session.request("GET", f"{elsewhere}/services/data/")
    assert response.status_code == 302
    assert _Elsewhere.came == ["/services/data/"]


def test_logs_and_errors_hold_neither_token_nor_secret_nor_names(
    org: Org, config: SalesforceConfig, practice_org: PracticeOrg, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    token = org._connection._client.session_id
    practice_org.seed("Account", {"Name": "Secret Customer"})
    soql = "SELECT Id FROM Account WHERE Name = 'Secret Customer'"
    told = []
    for fault in ("maintenance_page", "connection_reset", "daily_limit", "query_timeout"):
        practice_org.fault(fault, path="/query")
        with pytest.raises(SalesforceProblem) as caught:
            list(org.query(soql))
        told.append("".join(traceback.format_exception(caught.value)))
        practice_org.admin("faults", method="DELETE")
    text = caplog.text + "".join(told)
    for secret in (token, config.client_secret, "Secret Customer"):
        assert secret not in text


def test_a_token_is_not_shown_by_its_object() -> None:
    assert "geheim" not in repr(Token("geheim", "https://x.my.salesforce.com"))


def test_a_netrc_file_does_not_take_the_place_of_the_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session = OrgSession(timeout=5)
    session.trust("https://acme.my.salesforce.com")
    request = requests.Request("GET", "https://acme.my.salesforce.com/", headers={"Authorization": "Bearer t"})
    assert session.prepare_request(request).headers["Authorization"] == "Bearer t"


def test_a_proxy_of_the_environment_is_used_for_salesforce_but_not_for_this_machine(
    config: SalesforceConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert connect(config).organization_id()
    outside = OrgSession(timeout=5)
    outside.trust("https://acme.my.salesforce.com")
    assert outside.trust_env


def test_an_org_that_names_a_foreign_plain_address_gets_no_token(config: SalesforceConfig) -> None:
    session = OrgSession(timeout=5)
    with pytest.raises(AuthenticationFailed):
        session.trust("http://127.0.0.1.evil.example")
    assert fetch_token(config, session).instance_url == config.login_url


def test_a_write_that_is_not_repeatable_is_tried_once(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.fault("server_unavailable", method="POST")
    practice_org.forget_calls()
    with pytest.raises(SalesforceProblem):
        org._connection.json("POST", "sobjects/Account", body='{"Name":"x"}')
    assert len(practice_org.calls()) == 1


def test_a_refused_request_is_tried_once(org: Org, practice_org: PracticeOrg) -> None:
    practice_org.forget_calls()
    with pytest.raises(RequestRefused):
        org.describe("Nonsense__c")
    assert len(practice_org.calls()) == 1


def test_tries_grow_apart_and_end_with_the_patience(elsewhere: str) -> None:
    session = OrgSession(timeout=0.2, pauses=(0.1, 0.2, 5.0, 5.0))
    session.trust("http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        session.request("GET", "http://127.0.0.1:9/")
    assert 0.25 < time.monotonic() - began < 3
    assert session.calls == 3
