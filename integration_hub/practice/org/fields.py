"""What an object and a field are in the practice org: types, lengths, rights and relationships."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

Value = str | int | bool | Decimal | None
Record = dict[str, Value]
"""A stored row: field name -> text, whole number, boolean, Decimal or None; dates and instants are ISO text."""

TEXT_TYPES = frozenset(
    {"string", "textarea", "picklist", "multipicklist", "phone", "url", "email", "combobox", "encryptedstring"}
)
NUMBER_TYPES = frozenset({"double", "currency", "percent"})
ID_TYPES = frozenset({"id", "reference"})
COMPOUND_TYPES = frozenset({"address", "location"})
ANY_TYPE = "anyType"
"""A value of the type of some other field, as in a history; shown, never filtered."""
KNOWN_TYPES = TEXT_TYPES | NUMBER_TYPES | ID_TYPES | COMPOUND_TYPES | {"boolean", "int", "date", "datetime"}


@dataclass(frozen=True)
class Field:
    """One field of an object, with what describe tells about it and what writing checks."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    custom: bool = False
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    name_field: bool = False
    calculated: bool = False
    auto_number: bool = False
    formula: str | None = None
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    compound: str | None = None
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    default: str | None = None
    permissionable: bool = True

    @property
    def is_key(self) -> bool:
        """Whether a record can be found by this field's value."""
        return self.unique or self.external_id or self.id_lookup


@dataclass(frozen=True)
class ObjectType:
    """One sObject: its name, key prefix and fields in describe order."""

    name: str
    label: str
    plural: str
    prefix: str
    by_name: dict[str, Field] = field(default_factory=dict)
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    feature: str | None = None
    rest_only: bool = False

    def __iter__(self) -> Iterator[Field]:
        return iter(self.by_name.values())

    def get(self, name: str) -> Field | None:
        """The field of this API name in any letter case, or None."""
        return self.by_name.get(name.lower())

    def has(self, name: str) -> bool:
        """Whether the object has a field of this API name, in any letter case."""
        return name.lower() in self.by_name

    def names(self) -> list[str]:
        """The API names of the fields in describe order."""
        return [each.name for each in self]

    def parent(self, relationship: str) -> Field | None:
        """The reference field behind a relationship name such as `Owner`, or None."""
        wanted = relationship.lower()
        for each in self:
            if each.relationship and each.relationship.lower() == wanted:
                return each
        return None

    def add(self, new: Field) -> None:
        """Add or replace a field."""
        self.by_name[new.name.lower()] = new
