"""What every source looks like to the warehouse: one small protocol, and the errors that a person is meant to read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol, cast, runtime_checkable

from django.utils.module_loading import import_string

from integration_hub.config import Hub, SourceConfig, StreamConfig, hub

SALESFORCE = "salesforce"
# Named, not imported: the sources import this module.
KINDS: Mapping[str, str] = {
    "sql": "integration_hub.erp.database.source.open_sql",
    "files": "integration_hub.erp.files.source.FilesSource",
    "tryton": "integration_hub.erp.pulled.open_pulled",
    "odoo": "integration_hub.erp.pulled.open_pulled",
    "odata": "integration_hub.erp.pulled.open_pulled",
    "rest": "integration_hub.erp.pulled.open_pulled",
    SALESFORCE: "integration_hub.salesforce.source.SalesforceSource",
}


class SourceProblem(Exception):
    """Something outside that a person must know of: what happened, what it means, what to do.

    `transient` problems are tried again by themselves after a short while, those with `resume_at` (UTC) at that time.
    After these, and those that say `may_go_on`, what was read already need not be read again. `logged` is what may
    stand in a log.
    """

    transient = False
    may_go_on = False
    resume_at: datetime | None = None

    def __init__(self, problem: str, meaning: str = "", remedy: str = "", *, transient: bool | None = None) -> None:
        self.problem, self.meaning, self.remedy = problem, meaning, remedy
        if transient is not None:
            self.transient = transient
        super().__init__(" ".join(part for part in (problem, meaning, remedy) if part))

    @property
    def logged(self) -> str:
        """What happened, in words that hold no customer's name."""
        return self.problem


class AnswerTooSlow(SourceProblem):
    """An answer that trickles in. Asking again at once would cost as much again: the run is tried again later."""

    transient = True


class SourceRefused(SourceProblem):
    """The source could be read, but must not be: its role could write."""


class RightLost(SourceProblem):
    """The source does not let us in, or not see what is to be read: sign-in or a right is missing."""


class NothingNew(Exception):
    """The source holds exactly what was read last time, or its next delivery is still arriving; `reason` says which."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class SourceCheck:
    """What a source says of itself when it is asked; `read_only_proof` is a sentence for the settings page."""

    label: str
    version: str
    read_only_proof: str
    companies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # what will need somebody soon, such as a key that expires
    proven: bool = True  # whether this kind has been tried against the real system, not only its documents


@dataclass(frozen=True)
class Digest:
    """Rows of a read, and the sum of their fingerprints (see warehouse_fingerprint)."""

    rows: int
    total: int


def no_digest(_columns: Sequence[str], _seed: int) -> Digest | None:
    """What a source says that cannot compute fingerprints."""
    return None


@dataclass(frozen=True)
class Portion:
    """Rows that are staged together with the place behind them, from which a read that was killed goes on.

    `columns` are those of the values, in their order; `place` is what the source needs to go on, empty where starting
    anew costs nothing. `fresh` says that what was staged before does not count. `beside` are the rows, in COPY's text
    format, of the streams that come with this one.
    """

    columns: tuple[str, ...]
    format: Literal["text", "csv"]
    chunks: Iterator[bytes]
    place: Mapping[str, str]
    fresh: bool = False
    beside: Mapping[str, Iterator[bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Extract:
    """Rows on their way to the stage, as bytes in one of PostgreSQL's COPY formats (csv: without a header line).

    `columns` are the source's column names in the order of the values. `as_of` (UTC) is the start of the read. The
    callables are asked after the last chunk: `complete` says that this was the whole content, so that what is missing
    has left the source; `expected_rows` is what the source says it sent (None: it does not say). `hidden` columns come
    empty, because the source does not show them to us. `digest` may be asked before the first chunk: for column names
    and a seed it answers with the digest of all rows, computed by the source; None where it cannot.

    A source whose reads can be resumed delivers `portions` instead of `chunks`. `decimals` are the decimals that a
    column of doubles really has: its texts are rounded there, half-up. `told` is asked after the last chunk, for notes.
    `beside` are the columns of the streams that come with this one, by stream name. `at_one_instant` says that all rows
    are those of one moment; otherwise a row may have changed after it was read, so the cursor must not pass the start.
    `gone` is asked after the last chunk for keys that the source names as deleted.
    `partial` says that only changed rows came, whatever was asked for: nothing that is missing has left.
    `api_calls` and `received` are asked after the last chunk: requests sent for this read, and bytes of their answers
    (None: those of the rows themselves count).
    """

    columns: tuple[str, ...]
    format: Literal["text", "csv"]
    chunks: Iterator[bytes]
    complete: Callable[[], bool]
    as_of: datetime
    fingerprint: str = ""
    expected_rows: Callable[[], int | None] = lambda: None
    api_calls: Callable[[], int] = lambda: 0
    received: Callable[[], int | None] = lambda: None
    notes: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    digest: Callable[[Sequence[str], int], Digest | None] = no_digest
    portions: Iterator[Portion] | None = None
    decimals: Mapping[str, int] = field(default_factory=dict)
    told: Callable[[], Sequence[str]] = tuple
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    at_one_instant: bool = True
    gone: Callable[[], Sequence[str]] = tuple
    partial: bool = False


@dataclass(frozen=True)
class Totals:
    """Row count and sums as the source itself computes them; `sums` is target column -> currency -> sum.

    `groups` are the same per company (the ERP's own id or ""), month ("2026-02" or "") and currency: count, then sums
    by target column; empty where the source cannot group. `hashes` are the sums of the rows' fingerprints per group,
    where they were asked for (see SnapshotSource).
    """

    rows: int
    sums: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    groups: Mapping[tuple[str, str, str], tuple[int, Mapping[str, Decimal]]] = field(default_factory=dict)
    hashes: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


class Source(Protocol):
    """One ERP or Salesforce. The limits are shares of rows, 0 to 1."""

    @property
    def name(self) -> str:
        """Prefix of every key; "salesforce" for the org."""

    @property
    def streams(self) -> tuple[StreamConfig, ...]:
        """What can be read, parents before their children."""

    @property
    def max_rejected_share(self) -> float:
        """Above it a run stops before publishing."""

    @property
    def max_deleted_share(self) -> float:
        """A snapshot that would remove more removes nothing."""

    def check(self) -> SourceCheck:
        """Connect and look. Raises SourceProblem, or SourceRefused for a role that can write."""

    def extract(self, stream: StreamConfig, cursor: str | None) -> AbstractContextManager[Extract]:
        """The stream's rows: all (None), else those with a change mark >= `cursor` less the stream's overlap.

        A stream without a cursor column gets the fingerprint of the last read instead; the same content raises
        NothingNew. What the source refuses raises SourceProblem.
        """

    def totals(self, stream: StreamConfig) -> Totals | None:
        """Count and sums computed by the source; None where it cannot."""


@runtime_checkable
class SnapshotSource(Source, Protocol):
    """A source whose reads and totals belong to one instant: what differs then differs for sure."""

    def hashed_totals(self, stream: StreamConfig, columns: Sequence[str], seed: int) -> Totals:
        """Totals, and hashes over these columns (see Extract.digest); without columns no hashes."""

    def group(self, stream: StreamConfig, group: tuple[str, str, str]) -> AbstractContextManager[Extract]:
        """The rows of one of the groups of its totals."""


@runtime_checkable
class DescribedSource(Source, Protocol):
    """A source that describes its objects."""

    def shape(self, stream: StreamConfig) -> Mapping[str, str]:
        """Every field that can be read now: name -> type. Names that the stream uses are spelled as it spells them."""


@runtime_checkable
class ResumableSource(Source, Protocol):
    """A source that goes on with a read that was interrupted."""

    def identity(self, stream: StreamConfig, cursor: str | None) -> str:
        """Differs wherever another question would be asked."""

    def continued(
        self, stream: StreamConfig, cursor: str | None, place: Mapping[str, str]
    ) -> AbstractContextManager[Extract]:
        """Like extract, from a portion's place on (empty: from the start). What is left can be continued again."""


@runtime_checkable
class DocumentSource(DescribedSource, ResumableSource, Protocol):
    """A source whose documents come with their lines and items, and whose keys can be asked for alone."""

    def all_keys(self, stream: StreamConfig) -> AbstractContextManager[Extract]:
        """One column: the key of every row that a whole read would deliver."""

    def documents(self, stream: StreamConfig, keys: Sequence[str]) -> AbstractContextManager[Extract]:
        """The stream's documents with these keys, with all that comes with them."""


@runtime_checkable
class RecordSource(DescribedSource, ResumableSource, Protocol):
    """A source that finds records by id."""

    def calculated(self, stream: StreamConfig) -> tuple[str, ...]:
        """The stream's fields that are computed in the source and move no change mark: formulas, roll-ups."""

    def some_fields(self, stream: StreamConfig, fields: Sequence[str]) -> AbstractContextManager[Extract]:
        """These fields of every live record, after its id."""

    def some_records(self, stream: StreamConfig, keys: Sequence[str]) -> AbstractContextManager[Extract]:
        """The stream's columns of the records with these ids."""

    def deleted_between(self, stream: StreamConfig, start: datetime, end: datetime) -> tuple[str, ...] | None:
        """Ids of records deleted in a window; None where the source no longer knows its beginning."""


def source_names(configuration: Hub | None = None) -> tuple[str, ...]:
    """Every source of the configuration, the ERPs before Salesforce."""
    known = configuration or hub()
    return tuple(source.name for source in known.sources) + ((SALESFORCE,) if known.salesforce else ())


def open_source(name: str) -> Source:
    """The source of that name, not yet connected. Raises SourceProblem for a name that hub.toml does not have."""
    known = hub()
    if name not in source_names(known):
        raise SourceProblem(
            f'There is no source named "{name}".',
            "Nothing was read.",
            f"hub.toml has: {', '.join(source_names(known)) or 'no source at all'}.",
        )
    if name == SALESFORCE:
        return cast("Source", import_string(KINDS[SALESFORCE])(known.salesforce))
    return open_configured(known.source(name))


def open_configured(config: SourceConfig) -> Source:
    """An ERP source by its configuration alone, not yet connected."""
    return cast("Source", import_string(KINDS[config.kind])(config))


@contextmanager
def opened_source(name: str) -> Iterator[Source]:
    """The source for the length of a block; its session ends with it, so that the ERP keeps no open snapshot for us."""
    source = open_source(name)
    try:
        yield source
    finally:
        # Only sources with a session have something to end.
        close = getattr(source, "close", None)
        if close is not None:
            close()
