"""What an OData service says of itself in $metadata (EDMX of v2 and v4): entity sets, keys, properties, navigation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from integration_hub.erp.http_errors import KEPT
from integration_hub.sources import SourceProblem

COMPARABLE = frozenset({"Edm.String", "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Byte"})
"""Types whose order every server knows, so that reading can go on behind a key."""


@dataclass(frozen=True)
class Property:
    """A property and its type; `day` says that it holds a day and no time, whatever its type is called."""

    name: str
    type: str
    day: bool = False


@dataclass(frozen=True)
class EntityType:
    """What rows of an entity set look like; `navigation` leads to the qualified names of other types."""

    name: str
    keys: tuple[str, ...]
    properties: Mapping[str, Property]
    navigation: Mapping[str, str] = field(default_factory=dict)

    @property
    def ordered(self) -> bool:
        """Whether "key greater than the last one" is a question for any server."""
        return bool(self.keys) and all(self.properties[key].type in COMPARABLE for key in self.keys)


@dataclass(frozen=True)
class Metadata:
    """One service: entity sets by name, and all types by qualified name."""

    sets: Mapping[str, EntityType]
    types: Mapping[str, EntityType]


def parse(text: str, label: str) -> Metadata:
    """Read a metadata document. Raises SourceProblem for what is none; entities and document types are refused."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _unreadable(label, "it declares entities of its own, which are never resolved")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - document types and entities were refused
    except ElementTree.ParseError as error:
        raise _unreadable(label, "it is no whole XML") from error
    raw: dict[str, Element] = {}
    for schema in _all(root, "Schema"):
        names = {name for name in (schema.get("Namespace"), schema.get("Alias")) if name}
        for each in schema:
            if _tag(each) == "EntityType":
                raw |= {f"{name}.{each.get('Name', '')}": each for name in names}
    ends = _association_ends(root)
    types = {name: _entity_type(name, raw, ends) for name in raw}
    sets = {
        each.get("Name", ""): types[each.get("EntityType", "")]
        for each in _all(root, "EntitySet")
        if each.get("EntityType") in types
    }
    if not sets:
        raise _unreadable(label, "it names no entity sets")
    return Metadata(sets, types)


def _unreadable(label: str, why: str) -> SourceProblem:
    return SourceProblem(
        f"The description ($metadata) of {label} cannot be read: {why}.",
        KEPT,
        "Open the address with /$metadata in a browser; correct url and the stream's object in hub.toml.",
    )


def _entity_type(name: str, raw: Mapping[str, Element], ends: Mapping[tuple[str, str], str]) -> EntityType:
    keys: list[str] = []
    properties: dict[str, Property] = {}
    navigation: dict[str, str] = {}
    line: list[Element] = []
    at = name
    while at in raw and raw[at] not in line:
        line.append(raw[at])
        at = raw[at].get("BaseType", "")
    for element in reversed(line):
        keys += [each.get("Name", "") for each in element.iter() if _tag(each) == "PropertyRef"]
        for each in element:
            if _tag(each) == "Property":
                properties[each.get("Name", "")] = _property(each)
            elif _tag(each) == "NavigationProperty":
                role = (each.get("Relationship", "").rpartition(".")[2], each.get("ToRole", ""))
                aim = (each.get("Type") or ends.get(role, "")).removeprefix("Collection(").removesuffix(")")
                navigation[each.get("Name", "")] = aim
    return EntityType(name, tuple(key for key in keys if key in properties), properties, navigation)


def _property(element: Element) -> Property:
    name, kind = element.get("Name", ""), element.get("Type", "")
    shown = next((value for key, value in element.attrib.items() if key.endswith("display-format")), "")
    # Some releases of SAP describe a day as an instant of full precision; its name tells.
    day = kind == "Edm.Date" or (
        kind == "Edm.DateTime" and (shown == "Date" or element.get("Precision") == "0" or name.endswith("Date"))
    )
    return Property(name, kind, day)


def _association_ends(root: Element) -> dict[tuple[str, str], str]:
    """v2: (association, role) -> type."""
    return {
        (association.get("Name", ""), end.get("Role", "")): end.get("Type", "")
        for association in _all(root, "Association")
        for end in association
        if _tag(end) == "End"
    }


def _all(root: Element, tag: str) -> Iterator[Element]:
    return (each for each in root.iter() if _tag(each) == tag)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
