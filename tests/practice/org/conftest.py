"""A signed-in HTTP client for the practice org: plain requests, nothing of the product's own Salesforce client."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.practice_org import PracticeOrg

VERSION = "v62.0"


@dataclass
class Api:
    """Calls below one API version with a bearer token."""

    org: PracticeOrg
    session: requests.Session = field(default_factory=requests.Session)
    version: str = VERSION

    def sign_in(self) -> str:
        answer = self.session.post(
            f"{self.org.url}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(self.org.client_id, self.org.client_secret),
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        return token

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        base = "" if path.startswith("/") else f"/services/data/{self.version}/"
        return self.session.request(method, f"{self.org.url}{base}{path}", timeout=10, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        return self.call("POST", path, json=body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> requests.Response:
        return self.call("PATCH", path, json=body, **options)

    def query(self, text: str, *, deleted: bool = False, **options: Any) -> requests.Response:
        return self.get("queryAll" if deleted else "query", params={"q": text}, **options)

    def rows(self, text: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        answer = self.query(text, deleted=deleted)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["records"]
        return [{name: value for name, value in row.items() if name != "attributes"} for row in found]

    def update(self, *records: dict[str, Any], all_or_none: bool = False) -> requests.Response:
        typed = [{"attributes": {"type": "Account"}, **record} for record in records]
        return self.patch("composite/sobjects", {"allOrNone": all_or_none, "records": typed})

    def bulk_query(self, text: str, operation: str = "query") -> str:
        answer = self.post("jobs/query", {"operation": operation, "query": text})
        assert answer.status_code == 200, answer.text
        job_id: str = answer.json()["id"]
        return job_id

    def finish(self, kind: str, job_id: str, looks: int = 10) -> dict[str, Any]:
        for _ in range(looks):
            info: dict[str, Any] = self.get(f"jobs/{kind}/{job_id}").json()
            if info["state"] in {"JobComplete", "Failed", "Aborted"}:
                return info
        raise AssertionError(f"still {info['state']} after {looks} looks")

    def ingest(self, text: str | bytes, operation: str = "update", **spec: Any) -> str:
        """Create, upload and close a job on Account; its id."""
        job = self.post("jobs/ingest", {"object": "Account", "operation": operation, **spec}).json()
        body = text.encode() if isinstance(text, str) else text
        put = self.call("PUT", f"/{job['contentUrl']}", data=body, headers={"Content-Type": "text/csv"})
        assert put.status_code == 201, put.text
        closed = self.patch(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})
        assert closed.status_code == 200, closed.text
        job_id: str = job["id"]
        return job_id

    def result(self, job_id: str, which: str) -> str:
        answer = self.get(f"jobs/ingest/{job_id}/{which}")
        assert answer.status_code == 200, answer.text
        return answer.content.decode("utf-8")


def table(text: str) -> list[dict[str, str]]:
    """CSV text as rows by column name."""
    return list(csv.DictReader(io.StringIO(text)))


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Status and error code of a refused call."""
    return answer.status_code, answer.json()[0]["errorCode"]


@pytest.fixture
def api(practice_org: PracticeOrg) -> Api:
    practice_org.admin(
        "fields",
        {
            "sobject": "Account",
            "fields": [
                {"name": "ERP_Number__c", "label": "ERP number", "type": "string", "length": 10, "externalId": True,
                 "unique": True},
                {"name": "ERP_Overdue__c", "label": "Overdue", "type": "currency", "precision": 16, "scale": 2},
                {"name": "ERP_As_Of__c", "label": "As of", "type": "date"},
                {"name": "ERP_Class__c", "label": "Class", "type": "picklist", "values": ["A", "B"],
                 "restricted": True},
                {"name": "ERP_Score__c", "label": "Score", "type": "double", "scale": 1, "calculated": True},
            ],
        },
    )  # fmt: skip
    client = Api(practice_org)
    client.sign_in()
    practice_org.forget_calls()
    return client
