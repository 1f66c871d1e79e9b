"""The fixture `practice_org`: a Salesforce stand-in in its own process, empty for each test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
USERNAME = "integration@practice.example"


class AdminRefused(Exception):
    """The practice org refused an administration request; the text is its reason."""


@dataclass(frozen=True)
class PracticeOrg:
    """A running practice org and a client app registered in it."""

    url: str
    client_id: str = "practice-client"
    client_secret: str = "practice-secret"
    username: str = USERNAME

    def admin(self, path: str, body: dict[str, Any] | None = None, *, method: str = "POST") -> Any:
        """Send an administration request, such as `admin("records", {...})`; AdminRefused when it fails."""
        request = urllib.request.Request(
            f"{self.url}/practice/{path}",
            data=json.dumps(body or {}, default=str).encode() if method == "POST" else None,
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise AdminRefused(error.read().decode()) from error

    def seed(self, sobject: str, *records: dict[str, Any]) -> list[str]:
        """Store records and return their ids."""
        ids: list[str] = self.admin("records", {"sobject": sobject, "records": list(records)})["ids"]
        return ids

    def fault(self, fault: str, **options: Any) -> None:
        """Turn a fault on, such as `fault("maintenance_page", count=2)`."""
        self.admin("faults", {"fault": fault, **options})

    def records(self, sobject: str) -> list[dict[str, Any]]:
        """Every stored record, deleted ones included."""
        found: list[dict[str, Any]] = self.admin(f"records?sobject={sobject}", method="GET")
        return found

    def calls(self) -> list[dict[str, Any]]:
        """The API calls since the test began or `forget_calls`."""
        found: list[dict[str, Any]] = self.admin("calls", method="GET")
        return found

    def forget_calls(self) -> None:
        """Start the list of calls anew."""
        self.admin("calls", method="DELETE")


def start_practice_org(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> tuple[subprocess.Popen[str], str]:
    """Start a practice org on a free port and wait for its address; it ends with this process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "integration_hub.practice.org", "--port", "0", "--with-parent", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if "listening on " not in line:
        raise RuntimeError(f"the practice org did not start, it said: {line!r}")
    return process, line.rpartition(" ")[2].strip()


@pytest.fixture(scope="session")
def _practice_org_server() -> Iterator[str]:
    # Its first app is there again after every reset.
    app = {
        "SALESFORCE_CLIENT_ID": PracticeOrg.client_id,
        "SALESFORCE_CLIENT_SECRET": PracticeOrg.client_secret,
        "SALESFORCE_USERNAME": PracticeOrg.username,
    }
    process, url = start_practice_org(environment=os.environ | app)
    yield url
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def practice_org(_practice_org_server: str) -> PracticeOrg:
    """An empty practice org with one client app; its calls list is empty too."""
    org = PracticeOrg(_practice_org_server)
    org.admin("reset")
    return org
