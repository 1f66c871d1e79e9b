"""Nothing secret and nobody's name in any line of the log, whatever goes wrong and however much is logged."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integration_hub import jobs
from integration_hub.config import SalesforceConfig
from integration_hub.log_lines import WithoutQueries
from integration_hub.models import RunKind, RunStatus
from integration_hub.runs import start_run
from integration_hub.salesforce.client import Org, connect
from integration_hub.salesforce.errors import RequestRefused, SalesforceProblem
from integration_hub.salesforce.token_store import held_tokens
from tests.integration_hub.salesforce.conftest import Sync
from tests.practice_org import PracticeOrg

NAME = "Zebedäus & Söhne"
SECRETS = ("Zebed", "S%C3%B6hne", "Söhne", "SELECT", "assertion=", "Bearer ", "client_secret=", "refresh_token=")
FAULTS = (
    "unauthorized", "unauthorized_html", "server_error", "maintenance_page", "html_200", "status_420", "query_timeout",
    "connection_reset", "cut_body", "truncated_gzip", "daily_limit", "concurrent_limit",
)  # fmt: skip
pytestmark = pytest.mark.django_db(transaction=True)


class Lines(logging.Handler):
    """Keeps every line as it would be written, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that any library of this process logs, from DEBUG on."""
    kept, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(kept)
    root.setLevel(before)


@pytest.fixture
def key_file(practice_org: PracticeOrg, tmp_path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    app = {"client_id": "jwt-app", "username": practice_org.username, "public_key": public.decode()}
    practice_org.admin("users_app", app)
    path = tmp_path / "key.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return path


def without_problem(action: Callable[[], object]) -> None:
    """Do it, and let it fail in words."""
    with contextlib.suppress(SalesforceProblem):
        action()


def ask_by_name(org: Org) -> None:
    without_problem(lambda: list(org.query_in(["Id"], "Account", "Name", [NAME])))


def write(org: Org, practice_org: PracticeOrg) -> None:
    """Both ways of updating, with the name in the value, and in what Salesforce says against it."""
    account = practice_org.records("Account")[0]["Id"]
    practice_org.fault("reject_rows", code="STRING_TOO_LONG", message=f"Account Name: data value too large: {NAME}")
    rows = [{"Id": account, "Name": NAME}]
    (answer,) = org.update_collection("Account", rows)
    assert NAME in answer.text
    (answer,) = org.bulk_update("Account", ["Id", "Name"], rows, on_job=lambda _: None)
    assert NAME in answer.text
    practice_org.admin("faults", method="DELETE")


def fail_in_every_way(org: Org, practice_org: PracticeOrg) -> None:
    for fault in FAULTS:
        practice_org.fault(fault, path="/query")
        ask_by_name(org)
        practice_org.admin("faults", method="DELETE")
    practice_org.fault("hang", seconds=600, path="/query")
    ask_by_name(org)
    practice_org.admin("faults", method="DELETE")
    without_problem(lambda: list(org.query(f"SELECT Id FROM Account WHERE Name = '{NAME}' AND")))


def refresh(config: SalesforceConfig, practice_org: PracticeOrg) -> list[str]:
    """Sign in with every flow that holds a secret; what must not be seen."""
    first = practice_org.admin("refresh_token", {"client_id": config.client_id})["refresh_token"]
    practice_org.fault("rotate_refresh_token")
    refreshing = replace(config, flow="refresh_token", refresh_token=first)
    org = connect(refreshing)
    with held_tokens(refreshing) as held:
        rotated = held.current()
    without_problem(lambda: connect(replace(refreshing, refresh_token=f"{first}-wrong")))
    return [first, rotated, org._connection._client.session_id]


def test_trap_extra_log_lines_hold_no_token_no_secret_no_query_and_no_name(
    work: Sync, config: SalesforceConfig, practice_org: PracticeOrg, key_file: Path, lines: Lines
) -> None:
    practice_org.seed("Account", {"Name": NAME, "ERP_Number__c": "1"})
    assert work().status == RunStatus.SUCCEEDED
    assert work(bulk_from_rows=1, full_every_hours=1).status == RunStatus.SUCCEEDED
    org = connect(replace(config, timeout_seconds=1))
    secrets = [config.client_secret, org._connection._client.session_id, *refresh(config, practice_org)]
    signing = replace(config, flow="jwt_bearer", client_id="jwt-app", client_secret="", private_key_file=str(key_file))
    connect(replace(signing, username=practice_org.username))
    ask_by_name(org)
    write(org, practice_org)
    fail_in_every_way(org, practice_org)
    for fault in ("server_error", "unauthorized", "query_timeout", "maintenance_page"):
        practice_org.fault(fault, path="/query")
        assert work().status == RunStatus.FAILED
        practice_org.admin("faults", method="DELETE")
    refused = RequestRefused("MALFORMED_QUERY", f"WHERE Name = '{NAME}'")
    jobs._failed(start_run(RunKind.SYNC, "other"), refused)

    text = "\n".join(lines.lines)
    assert "urllib3.connectionpool" in text
    assert "/services/data/v62.0/query" in text
    assert "MALFORMED_QUERY" in text
    assert [secret for secret in (*secrets, *SECRETS) if secret in text] == []


@pytest.mark.parametrize(
    ("message", "arguments", "line"),
    [
        ('%s "%s %s"', ("http://x", "GET", "/query/?q=SELECT+Name"), 'http://x "GET /query/?..."'),
        ("Incremented Retry for (url='%s')", ("/query/?q=A%27B",), "Incremented Retry for (url='/query/?...')"),
        ("broken by %r", (OSError("/query/?q=Name"),), "broken by 'OSError'"),
        ("%d connections", (3,), "3 connections"),
        ("plain", (), "plain"),
    ],
)
def test_addresses_are_written_without_their_query(message: str, arguments: tuple[object, ...], line: str) -> None:
    record = logging.LogRecord("urllib3", logging.DEBUG, "", 0, message, arguments, None)
    assert WithoutQueries().filter(record)
    assert record.getMessage() == line
