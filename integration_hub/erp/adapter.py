"""The interface of an ERP that is read page by page: check, capabilities, pull, keys. An adapter knows its ERP and
nothing of the warehouse; the engine (pulled, staging, publish) keeps every rule about cursors, overlap and deletions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from integration_hub.config import StreamConfig
from integration_hub.sources import SourceCheck, Totals

Row = Sequence[str | None]
"""Values as exact text (numbers as the ERP wrote them, instants ISO 8601 in UTC, empty as None), in column order."""


@dataclass(frozen=True)
class Capabilities:
    """What can be had of one stream.

    `columns` are delivered for it, in this order; `beside` are those of the streams that come with it (their `within`
    names it). `fields` are all that the ERP describes, name -> type, empty where it describes nothing: a field that
    vanishes or changes its type is noticed there. `cursor` says whether changed rows can be asked for, `granularity`
    how finely their stamps tell them apart, and `overlap_minutes` the least that must be read again before a cursor.
    `deletes` says how a row that is gone for good shows: by a tombstone, by comparing all keys, or never. `counts`
    says that `totals` answers. `missing` says in words what this ERP does not provide.
    """

    columns: tuple[str, ...]
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    cursor: Literal["modified", "none"] = "modified"
    granularity: Literal["instant", "second", "day"] = "second"
    overlap_minutes: int = 30
    deletes: Literal["tombstone", "sweep", "never"] = "sweep"
    counts: bool = False
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """What to pull: everything; what was stamped at or after `since` (UTC, the overlap is taken off already), and rows
    without a stamp; or the records with these `keys`, which may be many. `place` is that of the last batch that was
    kept, where an interrupted pull goes on.
    """

    stream: StreamConfig
    since: datetime | None = None
    place: str = ""
    keys: Sequence[str] | None = None


@dataclass(frozen=True)
class Batch:
    """One page: `rows` of the stream, and `beside` by stream name all lines, items and so on of exactly these rows.

    `place` is what the next pull needs to go on behind this page. `gone` are keys that the ERP names as deleted; they
    come in the last batch, since a pull that goes on begins behind the earlier ones.
    """

    rows: Sequence[Row]
    beside: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    place: str = ""
    gone: Sequence[str] = ()


class Adapter(Protocol):
    """One kind of ERP. What a person must know of raises SourceProblem; requests go through http.ReadOnlySession."""

    def check(self) -> SourceCheck:
        """Sign in and look: version, companies, clock, expiry of the key, and why nothing can be written."""

    def capabilities(self, stream: StreamConfig) -> Capabilities:
        """What can be had of the stream. May ask the ERP which fields it has, once."""

    def pull(self, question: Question) -> Iterator[Batch]:
        """Pages in a stable order, by key or by (stamp, key), never by offset where the ERP allows anything else.

        A page that breaks off, repeats or comes out of order raises SourceProblem (transient) instead of leaving a gap.
        """

    def keys(self, stream: StreamConfig) -> Iterator[Sequence[str]]:
        """The keys of every row that `pull` of everything would deliver, as cheaply as the ERP allows."""

    def totals(self, stream: StreamConfig) -> Totals | None:
        """Count and sums as the ERP computes them (see Totals); None where it cannot."""

    @property
    def calls(self) -> int:
        """Requests sent so far."""

    @property
    def received(self) -> int:
        """Bytes of all answers so far."""

    def close(self) -> None:
        """End the session."""
