"""One signed-in connection: simple-salesforce on our session and token, one new sign-in when a session ends."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any, TypeVar

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from integration_hub.config import SalesforceConfig
from integration_hub.salesforce.errors import (
    AuthenticationFailed,
    NotWantedAnyMore,
    SessionLost,
    not_readable,
    refusal,
    unreachable,
)
from integration_hub.salesforce.limits import check_budget, check_run_budget
from integration_hub.salesforce.session import OrgSession
from integration_hub.salesforce.tokens import fetch_token

T = TypeVar("T")


class Connection:
    """Sends requests to one org. Every method raises only SalesforceProblem and its kinds, save where it says so."""

    def __init__(self, config: SalesforceConfig) -> None:
        self.config = config
        self.session = OrgSession(timeout=config.timeout_seconds, whole=config.answer_seconds)
        self.user_id = ""
        self._client = self.sign_in()

    def sign_in(self) -> Salesforce:
        """Get a new token and use it from now on."""
        token = fetch_token(self.config, self.session)
        self.session.organization = token.organization
        self.user_id = token.user_id
        self._client = Salesforce(
            session_id=token.access_token,
            instance_url=token.instance_url,
            session=self.session,
            version=self.config.api_version,
            parse_float=Decimal,
            object_pairs_hook=dict,
        )
        return self._client

    def check_budget(self) -> None:
        """Raise DailyLimitReached when our share of the day's requests, or this run's, is used up.

        Asked before anything large. Work that can wait stops earlier than work that cannot.
        """
        usage, meter = self.session.usage, self.session.meter
        # Rounded, so that 0.9 of 0.8 is 0.72.
        check_budget(usage, round(self.config.daily_request_share * (meter.share if meter else 1), 6))
        check_run_budget(meter.calls if meter else self.session.calls, usage.limit, self.config.run_request_share)

    def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: str | None = None,
        repeatable: bool | None = None,
        going: Callable[[], bool] | None = None,
    ) -> Any:
        """A request below /services/data/vXX.0/ and its JSON; None for an empty answer.

        Numbers with a point are Decimal. `body` is JSON text. `repeatable`: doing it twice is like doing it once.
        `going` is asked before every further try; NotWantedAnyMore where it says no.
        """
        options: dict[str, Any] = {"repeatable": repeatable, "going": going}
        if body is not None:
            options["data"] = body.encode()
        return self._signed_in(lambda client: client.restful(path, dict(params or {}), method, **options), going)

    def first_page(self, soql: str, *, include_deleted: bool) -> Any:
        """The first page of a query's answer."""
        return self._signed_in(lambda client: client.query(soql, include_deleted=include_deleted))

    def next_page(self, path: str) -> Any:
        """A further page. A locator belongs to its session, so SessionLost is raised here, not healed."""
        if not path.startswith("/services/data/"):
            raise not_readable("Salesforce named a next page outside its data address.")
        with explained():
            return self._client.query_more(path, identifier_is_url=True)

    def put_csv(self, path: str, body: IO[bytes]) -> None:
        """Upload a file as it is. Not repeated: a second upload could arrive beside the first."""
        self._signed_in(lambda client: self._put(client, path, body))

    def _put(self, client: Salesforce, path: str, body: IO[bytes]) -> None:
        body.seek(0)
        headers = {**client.headers, "Content-Type": "text/csv"}
        response = self.session.request("PUT", client.base_url + path, headers=headers, data=body)
        _check(response)

    @contextmanager
    def stream(self, path: str, params: Mapping[str, str]) -> Iterator[requests.Response]:
        """A CSV answer whose body is read bit by bit; closed at the end. Broken bodies raise what requests raises."""
        response = self._signed_in(lambda client: self._get_stream(client, path, params))
        try:
            yield response
        finally:
            response.close()

    def _get_stream(self, client: Salesforce, path: str, params: Mapping[str, str]) -> requests.Response:
        headers = {**client.headers, "Accept": "text/csv"}
        response = self.session.request("GET", client.base_url + path, headers=headers, params=params, stream=True)
        _check(response)
        return response

    def _signed_in(self, action: Callable[[Salesforce], T], going: Callable[[], bool] | None = None) -> T:
        try:
            with explained():
                return action(self._client)
        except SessionLost:
            self.sign_in()
        if going is not None and not going():
            raise NotWantedAnyMore
        try:
            with explained():
                return action(self._client)
        except SessionLost:
            raise session_refused() from None


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the libraries raise into our problems. Their texts hold whole queries, so they are dropped."""
    try:
        yield
    except SalesforceError as error:
        raise refusal(error.status, error.content) from None
    except requests.JSONDecodeError:
        raise not_readable("Salesforce answered with something that is no JSON, such as a maintenance page.") from None
    except requests.RequestException as error:
        raise unreachable(f"Salesforce did not answer ({type(error).__name__}).") from None


def session_refused() -> AuthenticationFailed:
    """The problem of a session that ended again right after a new sign-in."""
    return AuthenticationFailed(
        "Salesforce signs the hub in but does not accept the session.",
        "Nothing more was read or written. The pages keep the last good data.",
        "Check the app's session policies (IP restrictions, session timeout) and the user's login history.",
    )


def _check(response: requests.Response) -> None:
    if response.status_code < 300:
        return
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = ""
    raise refusal(response.status_code, body)
