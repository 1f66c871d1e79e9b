"""The objects of the practice org: standard ones from the `objects` folder, custom fields added at run time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from .fields import COMPOUND_TYPES, ID_TYPES, KNOWN_TYPES, NUMBER_TYPES, TEXT_TYPES, Field, ObjectType

OBJECTS = Path(__file__).parent / "objects"
MULTICURRENCY = "multicurrency"
CURRENCY_FIELD_ON = ("Account", "Contact", "Opportunity", "Order", "Quote", "User")

_TYPE = re.compile(r"(\w+)(?:\(([^)]*)\))?")


class SchemaError(ValueError):
    """A field definition that no org could have."""


def read_object(text: str) -> ObjectType:
    """An object from its description file: a head line, then `name | label | type(sizes) | options` lines."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    name, label, plural, prefix, *flags = [part.strip() for part in lines[0].split("|")]
    options = flags[0].split() if flags else []
    made = ObjectType(
        name,
        label,
        plural,
        prefix,
        createable="readonly" not in options,
        updateable="readonly" not in options,
        deletable="readonly" not in options and "undeletable" not in options,
        feature=MULTICURRENCY if MULTICURRENCY in options else None,
        rest_only="rest" in options,
    )
    for line in lines[1:]:
        made.add(read_field(line))
    return made


def read_field(line: str) -> Field:
    """A field from one line of a description file."""
    name, label, kind, options = ([part.strip() for part in line.split("|")] + [""])[:4]
    match = _TYPE.fullmatch(kind)
    if match is None:
        raise SchemaError(f"cannot read the type of field {name}: {kind}")
    flags = dict(option.partition("=")[::2] for option in options.split(",") if option)
    flags = {key.strip(): value for key, value in flags.items()}
    sizes = match[2] or ""
    readonly = "readonly" in flags or match[1] in COMPOUND_TYPES
    numbers = [int(size) for size in sizes.split(",")] if sizes and match[1] not in ID_TYPES else [0]
    is_number = match[1] in NUMBER_TYPES
    return Field(
        name,
        label,
        match[1],
        length=_length(match[1], numbers),
        precision=numbers[0] if is_number else 0,
        scale=numbers[1] if is_number else 0,
        createable=not readonly and "updateonly" not in flags,
        updateable=not readonly and "createonly" not in flags,
        nillable="required" not in flags and match[1] != "boolean" and name != "Id",
        unique="unique" in flags,
        id_lookup="idlookup" in flags or name == "Id",
        name_field="name" in flags,
        calculated="calculated" in flags,
        auto_number="auto" in flags,
        reference_to=tuple(sizes.split(",")) if match[1] == "reference" else (),
        relationship=flags.get("rel"),
        children=flags.get("children"),
        compound=flags.get("in"),
        picklist=tuple(flags["values"].split(";")) if "values" in flags else (),
        restricted="restricted" in flags,
        default=flags.get("default"),
        permissionable=not readonly and "required" not in flags,
    )


def custom_field(spec: Mapping[str, Any]) -> Field:
    """A field from the administration request; SchemaError names what is wrong."""
    name, kind = str(spec.get("name", "")), str(spec.get("type", "string"))
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise SchemaError(f"a field needs a name of letters, digits and underscores, not {name!r}")
    if kind not in KNOWN_TYPES:
        raise SchemaError(f"field {name}: there is no type {kind!r}; known are {', '.join(sorted(KNOWN_TYPES))}")
    calculated = bool(spec.get("calculated", False))
    target = spec.get("referenceTo", ())
    values = spec.get("values", spec.get("picklistValues", ()))
    is_number = kind in NUMBER_TYPES
    key = bool(spec.get("externalId", False))
    return Field(
        name,
        str(spec.get("label", name)),
        kind,
        length=_length(kind, [int(spec.get("length", 0))]),
        precision=int(spec.get("precision", 18)) if is_number else 0,
        scale=int(spec.get("scale", 2)) if is_number else 0,
        custom=name.endswith("__c"),
        createable=not calculated and bool(spec.get("createable", True)),
        updateable=not calculated and bool(spec.get("updateable", True)),
        nillable=kind != "boolean" and bool(spec.get("nillable", True)),
        unique=bool(spec.get("unique", False)),
        external_id=key,
        id_lookup=key,
        case_sensitive=bool(spec.get("caseSensitive", False)),
        calculated=calculated,
        formula=spec.get("formula"),
        reference_to=(target,) if isinstance(target, str) else tuple(target),
        relationship=spec.get("relationshipName"),
        children=spec.get("childRelationshipName"),
        picklist=tuple(str(each["value"]) if isinstance(each, Mapping) else str(each) for each in values),
        restricted=bool(spec.get("restricted", False)),
        default=spec.get("default"),
    )


def _length(kind: str, sizes: list[int]) -> int:
    if kind in ID_TYPES:
        return 18
    return (sizes[0] or 255) if kind in TEXT_TYPES else 0


@cache
def _standard_objects() -> tuple[ObjectType, ...]:
    """What the `objects` folder describes; read once, as an org is reset many times."""
    return tuple(read_object(path.read_text("utf-8")) for path in sorted(OBJECTS.glob("*.txt")))


class Schema:
    """Every object of the org, by API name in any letter case."""

    def __init__(self) -> None:
        # Fields are added to objects, so every org has its own.
        self.objects = {made.name.lower(): replace(made, by_name=dict(made.by_name)) for made in _standard_objects()}
        self.features: set[str] = set()
        self.switched_off: set[str] = set()
        self._without: dict[tuple[str, str], list[Field]] = {}

    def __iter__(self) -> Iterator[ObjectType]:
        return (each for each in self.objects.values() if self._exists(each))

    def get(self, name: str) -> ObjectType | None:
        """The object of this API name in any letter case, or None when the org has none."""
        found = self.objects.get(name.lower())
        return found if found and self._exists(found) else None

    def _exists(self, found: ObjectType) -> bool:
        return found.name not in self.switched_off and (found.feature is None or found.feature in self.features)

    def switch_object(self, name: str, *, on: bool) -> None:
        """Let the org have an object or not, as an org without account teams has no AccountTeamMember. Fields that
        point at nothing else come and go with it.
        """
        (self.switched_off.discard if on else self.switched_off.add)(name)
        for each in self.objects.values():
            for field in list(each.by_name.values()) if not on else list(self._without.pop((each.name, name), ())):
                if field.reference_to == (name,):
                    self._point(each, field, name, on=on)

    def _point(self, owner: ObjectType, field: Field, name: str, *, on: bool) -> None:
        if on:
            owner.add(field)
        else:
            del owner.by_name[field.name.lower()]
            self._without.setdefault((owner.name, name), []).append(field)

    def enable_multicurrency(self, currencies: list[str]) -> None:
        """Give records a currency, as an org with several active currencies has."""
        self.features.add(MULTICURRENCY)
        for name in CURRENCY_FIELD_ON:
            self.objects[name.lower()].add(
                Field(
                    "CurrencyIsoCode",
                    f"{name} Currency",
                    "picklist",
                    3,
                    picklist=tuple(currencies),
                    restricted=True,
                    default=currencies[0],
                    permissionable=False,
                )
            )

    def enable_person_accounts(self) -> None:
        """Let accounts be human beings."""
        lines = (OBJECTS / "PersonAccount.fields").read_text("utf-8").splitlines()
        for line in lines[1:]:
            self.objects["account"].add(read_field(line))
        self.objects["contact"].add(read_field(lines[1]))

    def by_prefix(self, record_id: str) -> ObjectType | None:
        """The object whose key prefix an id carries, or None."""
        return next((each for each in self if each.prefix == record_id[:3]), None)

    def children(self, parent: ObjectType) -> list[tuple[ObjectType, Field]]:
        """The (child object, reference field) pairs that point at an object."""
        return [(child, each) for child in self for each in child if parent.name in each.reference_to]

    def child_relationship(self, parent: ObjectType, name: str) -> tuple[ObjectType, Field] | None:
        """The child object and its reference field behind a plural relationship name such as `Contacts`."""
        for child, each in self.children(parent):
            if each.children and each.children.lower() == name.lower():
                return child, each
        return None
