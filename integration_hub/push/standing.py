"""Reads what stands in some fields now, and who changed the account last: for read-back and undo."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integration_hub.push.values import exact_text
from integration_hub.salesforce.bulk_query import BulkJobFailed
from integration_hub.salesforce.chunk_reader import csv_records
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import FieldInfo
from integration_hub.salesforce.errors import DailyLimitReached, RequestRefused
from integration_hub.salesforce.extraction import NO_BULK

MODIFIER = "LastModifiedById"


@dataclass(frozen=True, slots=True)
class Standing:
    """One live account: exact texts by API name, and the id of the user who changed the account last."""

    values: Mapping[str, str | None]
    modified_by: str


def read_standing(
    org: Org, fields: Sequence[FieldInfo], accounts: Collection[str], *, in_bulk: bool
) -> dict[str, Standing]:
    """These accounts as far as they exist and may be seen; `in_bulk` reads through one job, for many accounts."""
    if not accounts or not fields:
        return {}
    columns = ["Id", MODIFIER, *(info.name for info in fields)]
    wanted = set(accounts)
    if in_bulk:
        try:
            return _standing(_bulk(org, columns), fields, wanted)
        except (BulkJobFailed, DailyLimitReached, RequestRefused) as closed:
            # Bulk jobs have limits of their own. If it was that of all requests, REST will say so at once.
            if isinstance(closed, RequestRefused) and closed.code not in NO_BULK:
                raise
    return _standing(org.query_in(columns, "Account", "Id", accounts), fields, wanted)


def _standing(
    records: Iterable[Mapping[str, Any]], fields: Sequence[FieldInfo], wanted: Collection[str]
) -> dict[str, Standing]:
    return {
        str(record["Id"]): Standing(
            {info.name: exact_text(record[info.name], info) for info in fields}, str(record[MODIFIER] or "")
        )
        for record in records
        if record["Id"] in wanted
    }


def _bulk(org: Org, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    soql = f"SELECT {', '.join(columns)} FROM Account"  # noqa: S608 - names come from describe
    with org.bulk_query(soql, include_deleted=False) as result:
        for row in csv_records(result.chunks):
            yield dict(zip(result.columns, (value or None for value in row), strict=True))
