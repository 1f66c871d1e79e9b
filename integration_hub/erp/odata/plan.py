"""What is asked of an OData service for one stream and those that come with it, from profile and metadata."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integration_hub.config import StreamConfig
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.odata.columns import Made, Maker, Unknown
from integration_hub.erp.odata.functions import Row, Text
from integration_hub.erp.odata.metadata import EntityType, Metadata, Property
from integration_hub.sources import SourceProblem

FLAT = re.compile(r"([^?]+)\?(\w+)=\{(\w+)\}")
ITSELF = "."


@dataclass(frozen=True)
class Table:
    """Rows of one stream: column names, their texts, and where they come from.

    `how` is "page" for documents, "expand" for what a navigation `source` leads to, "flat" for rows of the entity set
    `source` whose property `of` names the document by its property `by`, "itself" for one row per document.
    """

    stream: StreamConfig
    entity: EntityType
    columns: tuple[str, ...]
    texts: tuple[Text, ...]
    made: Made
    how: str
    source: str = ""
    of: str = ""
    by: str = ""

    def rows(self, rows: Sequence[Row], parent: Row, facts: Mapping[str, str]) -> list[tuple[str | None, ...]]:
        """The stream's rows as text."""
        return [tuple([text(row, parent, facts) for text in self.texts]) for row in rows]


@dataclass(frozen=True)
class Plan:
    """A page of documents and what comes with them. `address` may hold {company}; `stamps` are its change marks."""

    root: str
    address: str
    entity: EntityType
    documents: Table
    beside: tuple[Table, ...]
    stamps: tuple[Property, ...]
    facts: frozenset[str]
    paths: frozenset[tuple[str, ...]]

    @property
    def tables(self) -> tuple[Table, ...]:
        """All streams, the documents first."""
        return (self.documents, *self.beside)


def split_object(name: str) -> tuple[str, str]:
    """Root of the service and address of the entity set below it: "S/A_Order", "", "companies({company})/orders"."""
    steps = name.partition("?")[0].split("/")
    start = next((place for place, step in enumerate(steps) if "(" in step), len(steps) - 1)
    return "/".join(steps[:start]), "/".join(steps[start:])


def plan(stream: StreamConfig, beside: Sequence[StreamConfig], metadata: Metadata) -> Plan:
    """Raises SourceProblem where the service does not have what the stream reads."""
    root, address = split_object(stream.object)
    entity = _entity_set(stream, address.rpartition("/")[2], metadata)
    documents = _table(stream, Maker(metadata, entity), "page")
    children = [_child(each, entity, metadata) for each in beside]
    stamps = _stamps(stream, Maker(metadata, entity))
    paths = {(key,) for key in entity.keys} | {(each.name,) for each in stamps} | documents.made.paths
    facts = set(documents.made.facts)
    for child in children:
        facts |= child.made.facts
        paths |= child.made.parent_paths | {(child.by,)} if child.by else child.made.parent_paths
        if child.how == "itself":
            paths |= child.made.paths
        elif child.how == "expand":
            paths |= {(child.source, *path) for path in child.made.paths | {(key,) for key in child.entity.keys}}
    return Plan(root, address, entity, documents, tuple(children), stamps, frozenset(facts), frozenset(paths))


def _entity_set(stream: StreamConfig, name: str, metadata: Metadata) -> EntityType:
    found = metadata.sets.get(name)
    if found is None:
        raise SourceProblem(
            f'The service has no entity set "{name}", which the stream "{stream.name}" reads.',
            f"It may be of another release, or the reading user has no right to it. {KEPT}",
            "Correct object of the stream in hub.toml, or leave the stream out with without.",
        )
    return found


def _child(stream: StreamConfig, parent: EntityType, metadata: Metadata) -> Table:
    if stream.object == ITSELF:
        return _table(stream, Maker(metadata, parent, parent), "itself")
    flat = FLAT.fullmatch(stream.object)
    if flat:
        entity = _entity_set(stream, split_object(flat[1])[1].rpartition("/")[2], metadata)
        return _table(stream, Maker(metadata, entity, parent), "flat", flat[1], flat[2], flat[3])
    entity_type = metadata.types.get(parent.navigation.get(stream.object, ""))
    if entity_type is None:
        raise SourceProblem(
            f'From {parent.name} nothing leads to "{stream.object}", which the stream "{stream.name}" reads.',
            KEPT,
            "Correct object of the stream in hub.toml, or leave the stream out with without.",
        )
    return _table(stream, Maker(metadata, entity_type, parent), "expand", stream.object)


def _table(stream: StreamConfig, maker: Maker, how: str, source: str = "", of: str = "", by: str = "") -> Table:
    made = Made()
    names: list[str] = []
    texts: list[Text] = []
    wanted = [name for column in stream.columns.values() for name in column.source]
    wanted += [each.column for each in stream.filters]
    for name in dict.fromkeys([*wanted, *([stream.cursor] if stream.cursor else [])]):
        try:
            texts.append(maker.make(name, made))
        except Unknown:
            continue  # not delivered: the engine says which column is missing
        names.append(name)
    return Table(stream, maker.entity, tuple(names), tuple(texts), made, how, source, of, by)


def _stamps(stream: StreamConfig, maker: Maker) -> tuple[Property, ...]:
    if not stream.cursor:
        return ()
    made = Made()
    try:
        maker.make(stream.cursor, made)
    except Unknown as error:
        raise SourceProblem(
            f'The service has no "{error}", which tells of changes of "{stream.name}".',
            KEPT,
            'Correct cursor of the stream in hub.toml; cursor = "" reads it whole each time.',
        ) from error
    return tuple(made.properties)


def described(table: Table, metadata: Metadata, parent: EntityType | None) -> dict[str, str]:
    """Every property with its type, and each used column with the types that it is made of."""
    fields = {each.name: each.type for each in table.entity.properties.values()}
    for name in table.columns:
        made = Made()
        Maker(metadata, table.entity, parent).make(name, made)
        fields[name] = " ".join(made.types) or "fact"
    return fields


def selection(paths: frozenset[tuple[str, ...]], version: str) -> dict[str, str]:
    """$select and $expand for these paths."""
    if version == "v4":
        return {f"${name}": text for name, text in _nested(paths).items()}
    chosen = {"$select": ",".join(sorted("/".join(path) for path in paths))}
    steps = {"/".join(path[:depth]) for path in paths for depth in range(1, len(path))}
    return {**chosen, "$expand": ",".join(sorted(steps))} if steps else chosen


def _nested(paths: frozenset[tuple[str, ...]]) -> dict[str, str]:
    chosen = {"select": ",".join(sorted(path[0] for path in paths if len(path) == 1))}
    below: dict[str, set[tuple[str, ...]]] = {}
    for path in paths:
        if len(path) > 1:
            below.setdefault(path[0], set()).add(path[1:])
    parts = [
        f"{step}({';'.join(f'${name}={text}' for name, text in _nested(frozenset(rest)).items())})"
        for step, rest in sorted(below.items())
    ]
    return {**chosen, "expand": ",".join(parts)} if parts else chosen
