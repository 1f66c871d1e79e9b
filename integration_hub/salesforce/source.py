"""Salesforce as a source of the mirror: users, roles, accounts, contacts and opportunities, whole or what changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from integration_hub.config import SalesforceConfig, StreamConfig, hub
from integration_hub.salesforce import soql
from integration_hub.salesforce.client import Org, connect
from integration_hub.salesforce.describe import COMPOUND_TYPES, Describe, FieldInfo
from integration_hub.salesforce.errors import NOTHING_CHANGED, SalesforceProblem
from integration_hub.salesforce.extraction import Question, in_bulk, over_rest
from integration_hub.salesforce.objects import BY_NAME, CURRENCY, DELETED, STAMP, essential_fields, streams
from integration_hub.salesforce.rows import plain_number
from integration_hub.sources import SALESFORCE, Extract, SourceCheck, Totals


class SalesforceSource:
    """The configured org. One session serves all streams of a run."""

    name = SALESFORCE

    def __init__(self, config: SalesforceConfig) -> None:
        whole = hub()
        self.max_rejected_share = config.max_rejected_share
        self.max_deleted_share = config.max_deleted_share
        self._currency = whole.company.reporting_currency
        pushed = tuple(rule.field for rule in whole.push.fields)
        self.streams = streams(config, currency=self._currency, pushed=pushed)
        self._config = config
        self._connected: Org | None = None

    def check(self) -> SourceCheck:
        """Sign in and ask for the org and every object. Raises SalesforceProblem and its kinds."""
        org = self._org()
        _, name = org.organization()
        for stream in self.streams:
            self._question(org, stream, None)
        return SourceCheck(
            label="Salesforce",
            version=f"API {org.version}",
            read_only_proof="The sync only asks (queries and query jobs). Values leave through the push alone, "
            "and only to the fields listed under [push] in hub.toml.",
            companies=(name,) if name else (),
        )

    @contextmanager
    def extract(self, stream: StreamConfig, cursor: str | None) -> Iterator[Extract]:
        """All records of an object, deleted ones too, or those stamped at or after `cursor` less the overlap.

        Few come over REST, many through a Bulk job. Raises SalesforceProblem and its kinds.
        """
        started = datetime.now(UTC)
        org = self._org()
        before = org.calls
        question, notes = self._question(org, stream, _since(stream, cursor))
        rows = org.count(question.sobject, question.where, include_deleted=question.with_deleted)
        are_many = rows >= self._config.bulk_from_rows or not soql.fits(question.soql)
        hidden = tuple(name for name, info in zip(question.columns, question.fields, strict=True) if info is None)
        with (in_bulk if are_many else over_rest)(org, question) as flow:
            yield Extract(
                columns=flow.columns,
                format=flow.format,
                chunks=flow.chunks,
                complete=lambda: cursor is None and flow.whole(),
                as_of=started,
                expected_rows=flow.expected_rows,
                api_calls=lambda: org.calls - before,
                notes=notes,
                hidden=hidden,
            )

    def totals(self, stream: StreamConfig) -> Totals:
        """Live records, and the sum of the amounts where the org has one currency (else Salesforce converts them)."""
        org = self._org()
        mirrored = BY_NAME[stream.name]
        rows = org.count(mirrored.sobject)
        described = org.describe(mirrored.sobject)
        money = {
            target: info
            for target, name in mirrored.fields.items()
            if (info := described.find(name)) is not None and info.type == "currency"
        }
        if not money or described.find(CURRENCY):
            return Totals(rows=rows)
        parts = [f"SUM({info.name}) {target}" for target, info in money.items()]
        record = next(iter(org.query(soql.select(parts, mirrored.sobject))), {})
        sums = {
            target: {self._currency: Decimal(plain_number(record.get(target) or 0, info.scale))}
            for target, info in money.items()
        }
        return Totals(rows=rows, sums=sums)

    def _org(self) -> Org:
        if self._connected is None:
            self._connected = connect(self._config)
        return self._connected

    def _question(self, org: Org, stream: StreamConfig, since: datetime | None) -> tuple[Question, tuple[str, ...]]:
        """What to ask for, and notes on the fields that are left out because nobody can read them."""
        mirrored = BY_NAME[stream.name]
        described = org.describe(mirrored.sobject)
        _check_essential(described, essential_fields(mirrored, self._config))
        wanted = tuple(dict.fromkeys(name for column in stream.columns.values() for name in column.source))
        found = tuple(_usable(described, name) for name in wanted)
        # An org with one currency has no such field, which is no reason for a note.
        absent = [name for name, info in zip(wanted, found, strict=True) if info is None and name != CURRENCY]
        question = Question(
            sobject=mirrored.sobject,
            columns=wanted,
            fields=found,
            where=f"{STAMP} >= {soql.instant(since)}" if since else "",
            with_deleted=described.find(DELETED) is not None,
        )
        return question, (_missing(mirrored.sobject, absent),) if absent else ()


def _since(stream: StreamConfig, cursor: str | None) -> datetime | None:
    """The cursor less the overlap, in UTC; None for a full read. SalesforceProblem for a cursor that is no instant."""
    if cursor is None:
        return None
    try:
        mark = datetime.fromisoformat(cursor)
    except ValueError as error:
        raise SalesforceProblem(
            f'The stored cursor "{cursor}" of {stream.name} is no instant.',
            NOTHING_CHANGED,
            "Run manage.py sync --source salesforce --full.",
        ) from error
    if mark.tzinfo is None:
        mark = mark.replace(tzinfo=UTC)
    return mark - timedelta(minutes=stream.overlap_minutes)


def _usable(described: Describe, name: str) -> FieldInfo | None:
    info = described.find(name)
    return info if info and info.type not in COMPOUND_TYPES else None


def _check_essential(described: Describe, needed: frozenset[str]) -> None:
    absent = sorted(name for name in needed if _usable(described, name) is None)
    if absent:
        raise SalesforceProblem(
            f"{described.name} has no field {', '.join(absent)}, or the integration user may not see it; "
            "Salesforce does not tell which.",
            f"Without it the {described.name} rows would be wrong, so none were read. {NOTHING_CHANGED}",
            "Create the field if it is missing, and give the integration user read access to it in the permission set "
            "ERP_Rollup_Writer.",
        )


def _missing(sobject: str, names: Sequence[str]) -> str:
    return (
        f"{sobject}: {', '.join(names)} missing, hidden from the integration user or compound, so left empty here. "
        "Give the user read access, or remove the name from hub.toml."
    )
