"""Reads what stands in the pushed fields now.

The live values are asked from Salesforce itself and not taken from the mirror: a mirror row may be older than a field
that was added to hub.toml, rejected, or restored from a backup, and a push that believes it would write what is there
already or leave what is not. Deleted and merged accounts drop out by themselves. The price is one request per 2,000
accounts, or one Bulk job for many.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from integration_hub.push.values import exact_text
from integration_hub.salesforce.chunk_reader import csv_records
from integration_hub.salesforce.client import Org
from integration_hub.salesforce.describe import FieldInfo

CURRENCY = "CurrencyIsoCode"


@dataclass(frozen=True, slots=True)
class LiveAccount:
    """One account that exists now: exact texts by API name, and its currency where the org has several."""

    values: Mapping[str, str | None]
    currency: str


def live_accounts(
    org: Org, fields: Sequence[FieldInfo], *, several_currencies: bool, in_bulk: bool
) -> dict[str, LiveAccount]:
    """Every account that is not deleted, by its 18-character id."""
    names = [info.name for info in fields]
    columns = ["Id", *names, *([CURRENCY] if several_currencies else [])]
    soql = f"SELECT {', '.join(columns)} FROM Account"  # noqa: S608 - names come from describe
    records = _bulk_records(org, soql) if in_bulk else org.query(soql)
    return {
        str(record["Id"]): LiveAccount(
            {info.name: exact_text(record[info.name], info) for info in fields},
            str(record[CURRENCY] or "") if several_currencies else "",
        )
        for record in records
    }


def _bulk_records(org: Org, soql: str) -> Iterator[Mapping[str, object]]:
    with org.bulk_query(soql, include_deleted=False) as result:
        for row in csv_records(result.chunks):
            yield dict(zip(result.columns, (value or None for value in row), strict=True))
