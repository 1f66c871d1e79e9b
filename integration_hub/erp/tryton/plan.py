"""How one stream of Tryton is read: which models, under which conditions, and how a page becomes rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from integration_hub.config import StreamConfig
from integration_hub.erp.adapter import Batch, Capabilities, Question
from integration_hub.erp.tryton.fields import STAMPS, Catalogue, Table, reference, stamp_of
from integration_hub.erp.tryton.problems import bad_condition, missing_model
from integration_hub.erp.tryton.wire import Domain, Record, Wire, portions

KEY_ROWS = 2000


@dataclass
class Plan:
    """A stream of plain records; subclasses compute more, bring lines, or read a second model into the same table.

    `touched` are paths to the records whose change changes the row; `company` is the path to the record's company.
    A key is the record's id, behind the model's prefix.
    """

    wire: Wire
    catalogue: Catalogue
    stream: StreamConfig
    within: Mapping[str, StreamConfig] = field(default_factory=dict)
    companies: Sequence[str] = ()

    computed: ClassVar[tuple[str, ...]] = ("key", "source_modified_at")
    needs: ClassVar[tuple[str, ...]] = ()
    touched: ClassVar[tuple[str, ...]] = ("",)
    company: ClassVar[str] = "company"
    lacks: ClassVar[tuple[str, ...]] = ()
    key_fields: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if not self.catalogue.fields(self.stream.object):
            raise missing_model(self.wire.source, self.stream.object)
        self.table = self._table(self.stream, tuple(self.models), self.computed, self.needs)

    @property
    def models(self) -> Mapping[str, str]:
        """The models to read, one after the other, and the prefix of their keys."""
        return {self.stream.object: ""}

    def beside(self) -> Mapping[str, Table]:
        """The tables of the streams that come with this one, by the name of the stream."""
        return {}

    def _table(
        self, stream: StreamConfig, models: tuple[str, ...], computed: tuple[str, ...], needs: tuple[str, ...]
    ) -> Table:
        return Table(stream, models, computed, needs, self.catalogue)

    def capabilities(self) -> Capabilities:
        """What can be had."""
        tables = [self.table, *self.beside().values()]
        fields = {
            name if model == self.stream.object else f"{model}.{name}": kind
            for model in dict.fromkeys(model for table in tables for model in table.models)
            for name, (kind, _) in self.catalogue.fields(model).items()
        }
        return Capabilities(
            columns=self.table.names,
            beside={name: table.names for name, table in self.beside().items()},
            fields=fields,
            granularity="instant",
            missing=(*self.lacks, *(line for table in tables for line in table.missing)),
        )

    def conditions(self, model: str, since: datetime | None = None) -> Domain:
        """The domain of everything, or of what was changed since."""
        domain = self.own_conditions(model)
        if self.companies and self.catalogue.has(model, self.company):
            domain.append([self.company, "in", [int(each) for each in self.companies]])
        if self.stream.where:
            try:
                domain.append(json.loads(self.stream.where))
            except json.JSONDecodeError as error:
                raise bad_condition(self.stream.name, self.stream.where) from error
        if since is not None:
            # A record that was never changed has no write_date, so its creation is asked for beside it.
            stamps = [path + name for path in self.touched for name in STAMPS]
            domain.append(["OR", *([[name, ">=", since]] for name in stamps if self.catalogue.has(model, name))])
        return domain

    def own_conditions(self, _model: str) -> Domain:
        """What of the model belongs to the stream."""
        return []

    def pull(self, question: Question) -> Iterator[Batch]:
        """Pages of documents, each with all that belongs to them."""
        models = list(self.models)
        if question.keys is not None:
            for model in models:
                for part in portions(self.ids(model, question.keys)):
                    domain = [["id", "in", part], *self.conditions(model)]
                    for page in self.wire.pages(model, domain, self.table.asked(model)):
                        yield self.batch(model, self.table.look(model, page))
            return
        number, _, after = question.place.partition("/")
        for position in range(int(number or 0), len(models)):
            model = models[position]
            domain = self.conditions(model, question.since)
            for page in self.wire.pages(model, domain, self.table.asked(model), after=after or "0"):
                batch = self.batch(model, self.table.look(model, page))
                yield Batch(batch.rows, batch.beside, place=f"{position}/{page[-1]['id']}")
            after = ""

    def ids(self, model: str, keys: Sequence[str]) -> list[str]:
        """The ids of a model that are meant by keys."""
        prefix = self.models[model]
        found = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
        return [each for each in found if each.isdigit()]

    def batch(self, model: str, page: Sequence[Record]) -> Batch:
        """The rows of a page."""
        prefix = self.models[model]
        return Batch([self.table.row(each, prefix + each["id"], stamp_of(each)) for each in page])

    def keys(self) -> Iterator[Sequence[str]]:
        """The keys of everything."""
        for model, prefix in self.models.items():
            fields = ("id", *self.key_fields)
            for page in self.wire.pages(model, self.conditions(model), fields, rows=KEY_ROWS):
                yield self.keys_of(prefix, page)

    def line_keys(self, name: str) -> Iterator[Sequence[str]]:
        """The keys of everything that comes in a stream beside this one; read whole, where nothing cheaper is known."""
        for batch in self.pull(Question(self.stream)):
            yield [str(row[0]) for row in batch.beside[name]]

    def flat_keys(self, model: str, path: str, domain: Domain, prefix: str = "") -> Iterator[Sequence[str]]:
        """Ids of lines by a question of their own; `path` leads to the document, whose companies are asked for."""
        if self.companies:
            domain = [*domain, [f"{path}.company", "in", [int(each) for each in self.companies]]]
        for page in self.wire.pages(model, domain, ("id",), rows=KEY_ROWS):
            yield [prefix + line["id"] for line in page]

    def keys_of(self, prefix: str, page: Sequence[Record]) -> Sequence[str]:
        """The keys of a page's rows."""
        return [prefix + record["id"] for record in page]


def grouped(rows: Sequence[Record], name: str) -> dict[str, list[Record]]:
    """Lines by the id of what they belong to, in the order in which a person reads them."""
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(reference(row, name), []).append(row)
    for lines in found.values():
        lines.sort(key=lambda line: (int(line.get("sequence") or 0), int(line["id"])))
    return found


def latest(record: Record, *others: Sequence[Record]) -> str:
    """The latest change of a document or anything of it."""
    return max([stamp_of(record), *(stamp_of(each) for rows in others for each in rows)])


class Companies(Plan):
    """Legal companies."""

    touched = ("", "party.")
    company = "id"


class Products(Plan):
    """Products; what they have in common stands on their template."""

    touched = ("", "template.")
    company = ""


class Contacts(Plan):
    """Persons of a customer: party relations of a type that is used for contacts."""

    touched = ("", "to.", "to.contact_mechanisms.")
    company = ""

    def own_conditions(self, _model: str) -> Domain:
        return [contact_types(self.wire)]


def contact_types(wire: Wire) -> Domain:
    """Relations from a customer to a contact: their type's usages say so, or hub.toml names the type."""
    named = [name.strip() for name in wire.source.options.get("contact_relations", "").split(",") if name.strip()]
    return ["OR", ["type.usages", "in", ["contact"]], ["type.name", "in", named]]
