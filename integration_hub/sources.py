"""What every source is to the sync: a check, extracts as COPY bytes, totals; and the errors a person gets to read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol, cast

from django.utils.module_loading import import_string

from integration_hub.config import StreamConfig, hub

SALESFORCE = "salesforce"
# Imported by name, so that a source may import this module.
KINDS = {
    "sql": "integration_hub.erp.sql.SqlSource",
    "files": "integration_hub.erp.files.FilesSource",
    SALESFORCE: "integration_hub.salesforce.source.SalesforceSource",
}


class SourceProblem(Exception):
    """An outside system cannot be used now: what happened, what it means, what to do."""

    def __init__(self, problem: str, meaning: str = "", remedy: str = "") -> None:
        self.problem, self.meaning, self.remedy = problem, meaning, remedy
        super().__init__(" ".join(part for part in (problem, meaning, remedy) if part))


class SourceRefused(SourceProblem):
    """The source must not be used as it is, such as with a role that could write; trying again does not help."""


class NothingNew(Exception):
    """The source has nothing that was not read before, such as the same file; the text says what was seen."""


@dataclass(frozen=True)
class SourceCheck:
    """What a source says about itself; `read_only_proof` is a sentence why nothing can be written through it."""

    label: str
    version: str
    read_only_proof: str
    companies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extract:
    """One stream's rows on their way.

    `chunks` are COPY bytes of `format` (csv without header line) with `columns` in this order. Asked after the last
    chunk: `complete` (this was the source's whole content, so what is missing may be removed), `expected_rows` (what
    the source says it sent; None where it cannot) and `api_calls`. `as_of` (UTC) is the start of the read.
    """

    columns: tuple[str, ...]
    format: Literal["text", "csv"]
    chunks: Iterator[bytes]
    complete: Callable[[], bool]
    as_of: datetime
    fingerprint: str
    expected_rows: Callable[[], int | None]
    api_calls: Callable[[], int]


@dataclass(frozen=True)
class Totals:
    """A stream at its source: number of rows, and sums per target column and currency ("" where it has none)."""

    rows: int
    sums: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


class Source(Protocol):
    """An outside system that is only read."""

    name: str
    streams: Sequence[StreamConfig]
    max_rejected_share: float
    max_deleted_share: float

    def check(self) -> SourceCheck:
        """Connect and prove read-only. Raises SourceProblem."""

    def extract(self, stream: StreamConfig, cursor: str | None) -> AbstractContextManager[Extract]:
        """The stream whole (None), or what changed since the cursor less the overlap (files: unless it is the file with
        this fingerprint). Raises NothingNew or SourceProblem.
        """

    def totals(self, stream: StreamConfig) -> Totals | None:
        """Rows and sums at the source, None where it cannot say."""


def open_source(name: str) -> Source:
    """The configured source of that name, or "salesforce". Raises KeyError for a name hub.toml does not have."""
    configuration = hub()
    if name == SALESFORCE:
        if configuration.salesforce is None:
            raise KeyError("hub.toml has no [salesforce]")
        return cast("Source", import_string(KINDS[SALESFORCE])(configuration.salesforce))
    source = configuration.source(name)
    return cast("Source", import_string(KINDS[source.kind])(source))
