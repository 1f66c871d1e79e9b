"""How one stream of Odoo becomes rows: computed columns first, then the fields that the stream's columns name."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from integration_hub.config import StreamConfig
from integration_hub.erp.adapter import Row
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.odoo.models import VARYING
from integration_hub.erp.odoo.reader import Domain, Reader, Record, stamp, where_of
from integration_hub.erp.odoo.values import CONVERT, NEVER_READ, instant, plain, reference
from integration_hub.sources import SourceProblem


@dataclass
class Layout:
    """The columns of a stream: `computed` here, and behind them Odoo's own fields that the stream's columns name.

    A field that this version does not have is a column without values, so that all versions deliver the same.
    """

    reader: Reader
    model: str
    stream: StreamConfig
    computed: tuple[str, ...]
    needs: tuple[str, ...]
    own: tuple[str, ...] = field(init=False)
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        named = [name for column in self.stream.columns.values() for name in column.source]
        named += [each.column for each in self.stream.filters]
        self.own = tuple(dict.fromkeys(name for name in named if name not in self.computed))
        known = self.reader.fields(self.model)
        lost = [name for name in self.needs if name not in known and name not in VARYING.get(self.model, ())]
        if known and lost:
            raise SourceProblem(
                f"{self.reader.odoo.source.label} has no field {lost[0]} of {self.model}, or does not show it to us.",
                f"Rows without it would be wrong. {KEPT}",
                "Give the reading user the right to see the field; if Odoo no longer has it, this version is not known "
                "yet: please report it.",
            )
        wanted = dict.fromkeys([*self.needs, *self.own])
        self.fields = tuple(name for name in wanted if known.get(name, "binary") not in NEVER_READ)
        self._converted = [(name, CONVERT.get(known.get(name, ""), plain)) for name in self.own]

    @property
    def columns(self) -> tuple[str, ...]:
        """In the order of the values of a row."""
        return (*self.computed, *self.own)

    @property
    def where(self) -> Domain:
        """The stream's further condition."""
        return where_of(self.stream)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Fields named in hub.toml or the profile that cannot be had."""
        return tuple(name for name in self.own if name not in self.fields)

    def row(self, values: Sequence[str | None], record: Record) -> Row:
        """Computed values and the record's own."""
        get = record.get
        return [*values, *[convert(get(name)) for name, convert in self._converted]]


@dataclass(frozen=True)
class Child:
    """What comes with a document: model, the field that names it, computed columns, and the fields they need."""

    model: str
    computed: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass
class Kind(ABC):
    """One kind of stream, told by the mirror table that it fills. Subclasses say how a page becomes rows."""

    reader: Reader
    stream: StreamConfig
    within: Sequence[StreamConfig] = ()

    model: ClassVar[str] = ""
    computed: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()
    children: ClassVar[Mapping[str, Child]] = {}
    stamped: ClassVar[bool] = True
    named_by: ClassVar[Mapping[str, str]] = {}
    """Tables of names that columns are filled from: model -> the field with the name."""

    def __post_init__(self) -> None:
        self.header = Layout(self.reader, self.model, self.stream, self.computed, ("write_date", *self.needs))
        self.beside = {
            each.target: Layout(self.reader, child.model, each, child.computed, ("write_date", *child.needs))
            for each in self.within
            if (child := self.children.get(each.target)) is not None
        }

    @property
    def installed(self) -> bool:
        """Whether the database has the model at all."""
        return bool(self.reader.fields(self.model))

    def base(self) -> Domain:
        """Which records the stream is about."""
        return []

    def live(self) -> Domain:
        """Which of them are delivered, where that can change."""
        return []

    def woken(self, since: datetime) -> Domain:
        """Conditions on records that belong to the stream by what happened elsewhere, of which no stamp of theirs
        tells; one of them is enough.
        """
        return []

    def left(self) -> Domain:
        """The others, which are named as gone; empty where all are delivered."""
        return []

    def stamps(self) -> tuple[str, ...]:
        """Further fields, dotted, whose stamp moves where the record's own does not."""
        return ()

    def domain(self, since: datetime | None = None) -> Domain:
        """The whole condition; with `since` only what was stamped then or later, or never."""
        domain = [*self.base(), *self.of_companies(), *where_of(self.stream)]
        if since is None:
            return domain
        stamps = [["write_date", "=", False], ["write_date", ">=", stamp(since)]]
        stamps += [[name, ">=", stamp(since)] for name in self.stamps()]
        stamps += self.woken(since)
        return [*domain, *["|"] * (len(stamps) - 1), *stamps]

    def of_companies(self) -> Domain:
        """The company condition where hub.toml names companies; shared records belong to all."""
        if not self.reader.odoo.source.companies or not self.reader.having(self.model, "company_id"):
            return []
        ids = [int(key) for key in self.reader.companies]
        return ["|", ["company_id", "=", False], ["company_id", "in", ids]]

    def line_keys(self, target: str) -> Sequence[tuple[str, Domain, str]]:
        """Where the keys of what comes with the documents are found: the way from a record to its document, the
        condition on records, and what their keys end in.
        """
        raise KeyError(target)

    @abstractmethod
    def make(self, records: Sequence[Record]) -> tuple[list[Row], dict[str, list[Row]]]:
        """Rows of a page, and what comes with them by stream name."""

    def named(self, rows: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
        """Rows by target table as rows by stream name, an empty list for what has none."""
        return {layout.stream.name: rows.get(target, []) for target, layout in self.beside.items()}

    def commercial(self, records: Sequence[Record], *names: str) -> Mapping[str, str]:
        """Partner id -> the customer (commercial partner) it belongs to, for these many2one fields of a page."""
        ids = {key for each in records for name in names if (key := reference(each.get(name)))}
        found = self.reader.children("res.partner", "id", sorted(ids, key=int), ["commercial_partner_id"])
        return {key: reference(each[0].get("commercial_partner_id")) or key for key, each in found.items()}

    def services(self, lines: Sequence[Record]) -> frozenset[str]:
        """Those products of the lines that are services."""
        ids = {key for each in lines if (key := reference(each.get("product_id")))}
        found = self.reader.children("product.product", "id", sorted(ids, key=int), ["type"])
        return frozenset(key for key, each in found.items() if each[0].get("type") == "service")


def latest(record: Record, lines: Sequence[Record] = ()) -> str | None:
    """The latest stamp of a document and its lines: a line's text may change without the document's own stamp."""
    stamps = [each["write_date"] for each in (record, *lines) if each.get("write_date")]
    return instant(max(stamps)) if stamps else None


def in_order(lines: Sequence[Record]) -> list[Record]:
    """Lines as the document shows them."""
    return sorted(lines, key=lambda each: (int(each.get("sequence") or 0), int(each["id"])))
