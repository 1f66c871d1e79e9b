"""Asks an org single questions and keeps each answer whole: for checks and for the probe, never for rows in bulk."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.connection import session_refused
from integration_hub.salesforce.describe import Describe, read_describe
from integration_hub.salesforce.errors import SessionLost, not_readable, refusal, unreachable
from integration_hub.salesforce.limits import ApiUsage
from integration_hub.salesforce.session import OrgSession
from integration_hub.salesforce.tokens import fetch_token

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. `body` is its JSON with Decimals, or its text where it is none."""

    status: int
    headers: Headers
    body: Any
    text: str = field(repr=False, default="")

    @property
    def code(self) -> str:
        """Salesforce's own error code; empty when there is none."""
        first = self.body[0] if isinstance(self.body, list) and self.body else self.body
        return str(first.get("errorCode") or "") if isinstance(first, dict) else ""


class Asker:
    """One session of its own. Signing in raises AuthenticationFailed and OrgUnreachable."""

    def __init__(self, config: SalesforceConfig, observe: Callable[[requests.Response], None] | None = None) -> None:
        self.config = config
        self.seconds_ahead: float | None = None
        self._session = OrgSession(timeout=config.timeout_seconds, whole=config.answer_seconds)
        self._session.hooks["response"].append(self._look)
        if observe is not None:
            self._session.hooks["response"].append(lambda response, **_: observe(response))
        self._described: dict[str, Describe] = {}
        token = fetch_token(config, self._session)
        self.organization_id, self.user_id = token.organization, token.user_id
        self._session.organization = token.organization
        self._host, self._token = token.instance_url.rstrip("/"), token.access_token

    @property
    def calls(self) -> int:
        """Requests sent so far."""
        return self._session.calls

    @property
    def usage(self) -> ApiUsage:
        """What the org said last about its budget."""
        return self._session.usage

    @property
    def described(self) -> Mapping[str, Describe]:
        """The objects asked for so far."""
        return self._described

    @property
    def data_path(self) -> str:
        """Where the configured version's resources begin."""
        return f"/services/data/v{self.config.api_version}/"

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        csv: bytes | None = None,
        headers: Headers | None = None,
    ) -> Answer:
        """Send one request and return its answer, also a refusal. A path without a leading slash is of the version.

        `body` goes as JSON (Decimals exactly), `csv` as it is. Raises OrgUnreachable when nothing comes back.
        """
        address = self._host + (path if path.startswith("/") else self.data_path + path)
        sent = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **(headers or {})}
        options: dict[str, Any] = {}
        if body is not None:
            options, sent = {"data": _written(body).encode()}, {**sent, "Content-Type": "application/json"}
        if csv is not None:
            options, sent = {"data": csv}, {**sent, "Content-Type": "text/csv"}
        try:
            response = self._session.request(method, address, headers=sent, params=params, **options)
            response.encoding = "utf-8"
            return Answer(response.status_code, response.headers, _body(response), response.text)
        except requests.RequestException as error:
            raise unreachable(f"Salesforce did not answer ({type(error).__name__}).") from None

    def get(self, path: str, **params: str) -> Any:
        """The JSON of a GET. Raises SalesforceProblem and its kinds for a refusal."""
        answer = self.ask("GET", path, params=params)
        if answer.status < 300:
            return answer.body
        refused = refusal(answer.status, answer.body)
        raise session_refused() if isinstance(refused, SessionLost) else refused

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """The first page of a query: at most 2,000 rows."""
        answer = self.get("query/", q=soql)
        if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
            raise not_readable("Salesforce answered a query with something else than rows.")
        return list(answer["records"])

    def describe(self, sobject: str) -> Describe:
        """The object's fields as the integration user sees them; asked once."""
        if sobject not in self._described:
            body = self.get(f"sobjects/{sobject}/describe")
            try:
                self._described[sobject] = read_describe(body)
            except (KeyError, TypeError, ValueError):
                raise not_readable(f"Salesforce described {sobject} in a way that cannot be read.") from None
        return self._described[sobject]

    def _look(self, response: requests.Response, **_options: object) -> None:
        """Notice how far our clock is ahead."""
        self.seconds_ahead = _seconds_ahead(response.headers.get("Date", ""), self.seconds_ahead)


def _written(value: object) -> str:
    """JSON; a Decimal becomes a number with exactly its digits, which no float could promise."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(name))}:{_written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value)


def _body(response: requests.Response) -> Any:
    try:
        return response.json(parse_float=Decimal)
    except requests.JSONDecodeError:
        return response.text


def _seconds_ahead(header: str, otherwise: float | None) -> float | None:
    try:
        theirs = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return otherwise
    return (datetime.now(UTC) - theirs).total_seconds() if theirs.tzinfo else otherwise
