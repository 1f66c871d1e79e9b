"""The door to Salesforce for the rest of the hub: one signed-in org, and what can be asked of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from integration_hub.config import SalesforceConfig, hub
from integration_hub.salesforce import bulk_ingest, bulk_query, collections, query
from integration_hub.salesforce.answers import RowAnswer
from integration_hub.salesforce.connection import Connection
from integration_hub.salesforce.describe import Describe, read_describe
from integration_hub.salesforce.errors import SalesforceProblem, not_readable
from integration_hub.salesforce.limits import ApiUsage
from integration_hub.salesforce.query import OrderedReading, Reading, Record


class Org:
    """One org through one session; not for several threads. Every method raises SalesforceProblem and its kinds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._described: dict[str, Describe] = {}

    @property
    def calls(self) -> int:
        """Requests sent so far, tokens and repeated tries included."""
        return self._connection.session.calls

    @property
    def user_id(self) -> str:
        """The 18-character id of the integration user, empty where the login does not name it."""
        return self._connection.user_id

    @property
    def version(self) -> str:
        """The API version in use, such as "62.0"."""
        return self._connection.config.api_version

    def organization(self) -> tuple[str, str]:
        """The org's 18-character id and its name."""
        for record in self.query("SELECT Id, Name FROM Organization"):
            return str(record["Id"]), str(record.get("Name") or "")
        raise not_readable("Salesforce does not say which org this is.")

    def organization_id(self) -> str:
        """The org's 18-character id."""
        return self.organization()[0]

    def describe(self, sobject: str) -> Describe:
        """The object's fields as the integration user sees them; asked once per Org."""
        if sobject not in self._described:
            body = self._connection.json("GET", f"sobjects/{sobject}/describe")
            try:
                self._described[sobject] = read_describe(body)
            except (KeyError, TypeError, ValueError):
                raise not_readable(f"Salesforce described {sobject} in a way that cannot be read.") from None
        return self._described[sobject]

    def query(self, soql: str) -> Reading:
        """Live records, read while iterating."""
        return Reading(self._connection, soql)

    def query_all(self, soql: str) -> Reading:
        """Records with the deleted and merged ones, read while iterating."""
        return Reading(self._connection, soql, include_deleted=True)

    def query_in(self, fields: Sequence[str], sobject: str, field: str, values: Iterable[str]) -> Iterator[Record]:
        """Live records whose field has one of the values, however many; no request for none."""
        return query.query_in(self._connection, list(fields), sobject, field, values)

    def count(self, sobject: str, where: str = "", *, include_deleted: bool = False) -> int:
        """Number of records, by one request."""
        return query.count(self._connection, sobject, where, include_deleted=include_deleted)

    def ordered(self, asked: Callable[[str], str], *, include_deleted: bool, last: str = "") -> OrderedReading:
        """Records in the order of their ids, behind one of them: see OrderedReading."""
        return OrderedReading(self._connection, asked, include_deleted=include_deleted, last=last)

    def new_query_job(self, soql: str, *, include_deleted: bool) -> bulk_query.QueryJob:
        """Order a Bulk 2.0 query job."""
        return bulk_query.QueryJob.create(self._connection, soql, include_deleted=include_deleted)

    def query_job(self, job_id: str, locator: str) -> bulk_query.QueryJob:
        """A Bulk 2.0 query job of an earlier run, read from a locator on."""
        return bulk_query.QueryJob(self._connection, job_id, locator)

    def check_budget(self) -> None:
        """Raise DailyLimitReached when our share of the day's requests is used up."""
        self._connection.check_budget()

    def deleted(self, sobject: str, start: datetime, end: datetime) -> tuple[tuple[str, ...], datetime]:
        """Ids of records deleted in a window, and from when on Salesforce knows them all (UTC)."""
        window = {"start": start.astimezone(UTC).isoformat(), "end": end.astimezone(UTC).isoformat()}
        answer = self._connection.json("GET", f"sobjects/{sobject}/deleted", params=window)
        try:
            ids = tuple(str(each["id"]) for each in answer["deletedRecords"])
            return ids, datetime.fromisoformat(str(answer["earliestDateAvailable"]))
        except (KeyError, TypeError, ValueError):
            raise not_readable("Salesforce listed deleted records in a way that cannot be read.") from None

    def bulk_query(self, soql: str, *, include_deleted: bool) -> AbstractContextManager[bulk_query.BulkResult]:
        """Records through a Bulk 2.0 job, as CSV bytes."""
        return bulk_query.bulk_query(self._connection, soql, include_deleted=include_deleted)

    def update_collection(
        self, sobject: str, rows: Sequence[Mapping[str, object]], *, going: Callable[[], bool] | None = None
    ) -> list[RowAnswer]:
        """Update up to 200 rows at once; answers in their order. See collections for `going`."""
        return collections.update_collection(self._connection, sobject, rows, going=going)

    def bulk_update(
        self,
        sobject: str,
        columns: Sequence[str],
        rows: Sequence[Mapping[str, object]],
        *,
        on_job: Callable[[str], None],
        job_id: str = "",
        going: Callable[[], bool] = lambda: True,
    ) -> Iterator[RowAnswer]:
        """Update many rows with one Bulk 2.0 job, or collect the answers of an earlier one: see bulk_ingest."""
        return bulk_ingest.bulk_update(
            self._connection, sobject, columns, rows, on_job=on_job, job_id=job_id, going=going
        )

    def usage(self) -> ApiUsage:
        """Requests of the last 24 hours in the whole org."""
        if not self._connection.session.usage.limit:
            self._connection.json("GET", "limits/")
        return self._connection.session.usage


def connect(config: SalesforceConfig | None = None) -> Org:
    """Sign in to the configured org. Raises SalesforceProblem and its kinds, also when there is none."""
    config = config or hub().salesforce
    if config is None:
        raise SalesforceProblem(
            "hub.toml has no [salesforce].",
            "Accounts cannot be read, and nothing can be pushed.",
            "Add [salesforce] with login_url, client_id and client_secret; the annotated hub.toml shows how.",
        )
    return Org(Connection(config))
