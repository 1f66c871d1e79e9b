"""Salesforce as a source of the mirror: users, roles, accounts with teams and contacts, opportunities to orders."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from integration_hub.config import SalesforceConfig, StreamConfig, hub
from integration_hub.erp.copy_text import copy_text
from integration_hub.salesforce import soql
from integration_hub.salesforce.absent import absence, no_records
from integration_hub.salesforce.client import Org, connect
from integration_hub.salesforce.describe import COMPOUND_TYPES, Describe, FieldInfo
from integration_hub.salesforce.errors import NOTHING_CHANGED, RequestRefused, SalesforceProblem
from integration_hub.salesforce.extraction import Question, delivery
from integration_hub.salesforce.objects import BY_NAME, CURRENCY, DELETED, ID, STAMP, essential_fields, streams
from integration_hub.salesforce.place import BULK, REST, Place
from integration_hub.salesforce.rows import plain_number, record_rows
from integration_hub.sources import SALESFORCE, Extract, Portion, SourceCheck, Totals

DELETIONS_KNOWN = timedelta(days=15)
"""Salesforce lists deletions of this long at most."""
NOT_LISTED = frozenset({"INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"})
"""Codes for a window that is too old, or in which more was deleted than Salesforce lists: all ids are compared."""


class SalesforceSource:
    """The configured org. One session serves all streams of a run."""

    name = SALESFORCE

    def __init__(self, config: SalesforceConfig) -> None:
        whole = hub()
        self.max_rejected_share = config.max_rejected_share
        self.max_deleted_share = config.max_deleted_share
        self._currency = whole.company.reporting_currency
        pushed = (*whole.masters.further_fields, *(rule.field for rule in whole.push.fields))
        self.streams = streams(config, currency=self._currency, pushed=pushed)
        self._config = config
        self._connected: Org | None = None
        self._absences: dict[str, str] = {}

    def check(self) -> SourceCheck:
        """Sign in and ask for the org and every object. Raises SalesforceProblem and its kinds."""
        org = self._org()
        _, name = org.organization()
        for stream in self.streams:
            if not self._absent(stream):
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
        if words := self._absent(stream):
            yield no_records(words, _wanted(stream), whole=cursor is None)
            return
        question, notes = self._question(self._org(), stream, _since(stream, cursor))
        with self._delivered(question, {}, whole=cursor is None, notes=notes) as extract:
            yield extract

    @contextmanager
    def continued(self, stream: StreamConfig, cursor: str | None, place: Mapping[str, str]) -> Iterator[Extract]:
        """The same from a place on; a Bulk job that is left half way stays for a later run."""
        if words := self._absent(stream):
            yield no_records(words, _wanted(stream), whole=cursor is None)
            return
        question, notes = self._question(self._org(), stream, _since(stream, cursor))
        with self._delivered(question, place, whole=cursor is None, notes=notes, keeps_job=True) as extract:
            yield extract

    def identity(self, stream: StreamConfig, cursor: str | None) -> str:
        """The query, and the version of the API, which a job's results must be read with."""
        org = self._org()
        if self._absent(stream):
            return "absent"
        question, _ = self._question(org, stream, _since(stream, cursor))
        return f"{org.version} {question.with_deleted} {question.columns} {question.soql}"

    def shape(self, stream: StreamConfig) -> Mapping[str, str]:
        """Every field of the object that is no compound: name -> type."""
        if self._absent(stream):
            return {}
        wanted = {name.lower(): name for name in _wanted(stream)}
        described = self._org().describe(BY_NAME[stream.name].sobject)
        return {
            wanted.get(name.lower(), name): info.type
            for name, info in described.fields.items()
            if info.type not in COMPOUND_TYPES
        }

    def calculated(self, stream: StreamConfig) -> tuple[str, ...]:
        """The stream's formula and roll-up fields, as describe flags them."""
        if self._absent(stream):
            return ()
        question, _ = self._question(self._org(), stream, None)
        pairs = zip(question.columns, question.fields, strict=True)
        return tuple(name for name, info in pairs if info and info.calculated and name not in {STAMP, DELETED})

    @contextmanager
    def some_fields(self, stream: StreamConfig, fields: Sequence[str]) -> Iterator[Extract]:
        """Id and these fields of every live record."""
        if words := self._absent(stream):
            yield no_records(words, (ID, *fields), whole=True)
            return
        whole, _ = self._question(self._org(), stream, None)
        pairs = [pair for pair in zip(whole.columns, whole.fields, strict=True) if pair[0] in {ID, *fields}]
        question = replace(
            whole,
            columns=tuple(name for name, _ in pairs),
            fields=tuple(info for _, info in pairs),
            with_deleted=False,
        )
        with self._delivered(question, {}, whole=True) as extract:
            yield extract

    @contextmanager
    def some_records(self, stream: StreamConfig, keys: Sequence[str]) -> Iterator[Extract]:
        """All columns of the records with these ids, however many."""
        org = self._org()
        if words := self._absent(stream):
            yield no_records(words, _wanted(stream), whole=True)
            return
        before, started = org.calls, datetime.now(UTC)
        question, notes = self._question(org, stream, None)
        found = [info for info in question.fields if info]
        records = org.query_in([info.name for info in found], question.sobject, ID, keys)
        portion = Portion(question.delivered, "text", copy_text(record_rows(records, found)), {}, fresh=True)
        yield Extract(
            columns=question.columns,
            format="text",
            chunks=iter(()),
            portions=iter([portion]),
            complete=lambda: False,
            as_of=started,
            api_calls=lambda: org.calls - before,
            notes=notes,
            hidden=question.hidden,
            decimals=question.decimals,
        )

    def deleted_between(self, stream: StreamConfig, start: datetime, end: datetime) -> tuple[str, ...] | None:
        """Ids deleted in the window, hard ones too; None where Salesforce's log of deletions begins later."""
        mirrored = BY_NAME[stream.name]
        if not mirrored.is_deletable or self._absent(stream):
            return ()
        if start < end - DELETIONS_KNOWN:
            return None
        try:
            ids, known_from = self._org().deleted(mirrored.sobject, start, end)
        except RequestRefused as refused:
            if refused.code not in NOT_LISTED:
                raise
            return None
        return ids if known_from <= start else None

    @contextmanager
    def _delivered(
        self,
        question: Question,
        kept: Mapping[str, str],
        *,
        whole: bool,
        notes: tuple[str, ...] = (),
        keeps_job: bool = False,
    ) -> Iterator[Extract]:
        started, org = datetime.now(UTC), self._org()
        before = org.calls
        place = Place.of(kept) if kept else self._start(question)
        with delivery(org, question, place, keeps_job=keeps_job) as flow:
            yield Extract(
                columns=question.columns,
                format="csv" if place.via == BULK else "text",
                chunks=iter(()),
                portions=flow.portions(),
                complete=lambda: whole and flow.place.whole,
                as_of=started,
                expected_rows=lambda: flow.place.expected if flow.place.expected >= 0 else None,
                api_calls=lambda: org.calls - before,
                notes=notes,
                hidden=question.hidden,
                decimals=question.decimals,
                told=lambda: flow.notes,
            )

    def _start(self, question: Question) -> Place:
        """Where a new read begins: with a Bulk job for many rows, and for a query that REST cannot be asked."""
        rows = self._org().count(question.sobject, question.where, include_deleted=question.with_deleted)
        return Place(BULK if rows >= self._config.bulk_from_rows or not question.fits else REST)

    def totals(self, stream: StreamConfig) -> Totals:
        """Live records, and the sum of the amounts where the org has one currency (else Salesforce converts them)."""
        org = self._org()
        mirrored = BY_NAME[stream.name]
        if self._absent(stream):
            return Totals(rows=0)
        rows = org.count(mirrored.sobject)
        described = org.describe(mirrored.sobject)
        money = {
            target: info
            for target, name in mirrored.fields.items()
            if (info := described.find(name)) is not None and info.type == "currency"
        }
        if not rows or not money or described.find(CURRENCY):
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

    def _absent(self, stream: StreamConfig) -> str:
        """Why the org has no such object, empty where it has; asked of Salesforce once per session."""
        if stream.name not in self._absences:
            self._absences[stream.name] = absence(self._org(), BY_NAME[stream.name])
        return self._absences[stream.name]

    def _question(self, org: Org, stream: StreamConfig, since: datetime | None) -> tuple[Question, tuple[str, ...]]:
        """What to ask for, and notes on the fields that are left out because nobody can read them."""
        mirrored = BY_NAME[stream.name]
        described = org.describe(mirrored.sobject)
        _check_essential(described, essential_fields(mirrored, self._config))
        wanted = _wanted(stream)
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


def _wanted(stream: StreamConfig) -> tuple[str, ...]:
    """The fields that fill the stream's columns, each once."""
    return tuple(dict.fromkeys(name for column in stream.columns.values() for name in column.source))


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
        f"{sobject}: {', '.join(names)} missing, hidden from the integration user or compound, so not read. "
        "Give the user read access, or remove the name from hub.toml."
    )
