"""What an object's fields are, as far as the integration user may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NUMBER_TYPES = frozenset({"double", "currency", "percent"})
COMPOUND_TYPES = frozenset({"address", "location"})


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field. `length` counts characters, `precision` all digits, `scale` decimals; `picklist` the active values,
    which are the only ones if it is `restricted`.
    """

    name: str
    label: str
    type: str
    length: int
    precision: int
    scale: int
    updateable: bool
    nillable: bool
    calculated: bool
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    unique: bool = False
    external_id: bool = False
    encrypted: bool = False


@dataclass(frozen=True)
class Describe:
    """An object: its fields by API name. A field that is absent does not exist or is hidden; nobody can tell which."""

    name: str
    fields: Mapping[str, FieldInfo]

    def find(self, name: str) -> FieldInfo | None:
        """The field of this name in any letter case, as Salesforce itself compares names."""
        known = self.fields.get(name)
        if known is not None:
            return known
        return next((info for each, info in self.fields.items() if each.lower() == name.lower()), None)


def read_describe(body: Mapping[str, Any]) -> Describe:
    """A describe answer as Describe; KeyError when it has no fields."""
    fields = [_field(spec) for spec in body["fields"]]
    return Describe(str(body["name"]), {info.name: info for info in fields})


def _field(spec: Mapping[str, Any]) -> FieldInfo:
    values = spec.get("picklistValues") or ()
    return FieldInfo(
        name=str(spec["name"]),
        label=str(spec.get("label") or spec["name"]),
        type=str(spec["type"]),
        length=int(spec.get("length") or 0),
        precision=int(spec.get("precision") or 0),
        scale=int(spec.get("scale") or 0),
        updateable=bool(spec.get("updateable")),
        nillable=bool(spec.get("nillable")),
        calculated=bool(spec.get("calculated")),
        picklist=tuple(str(each["value"]) for each in values if each.get("active")),
        restricted=bool(spec.get("restrictedPicklist")),
        unique=bool(spec.get("unique")),
        external_id=bool(spec.get("externalId")),
        encrypted=bool(spec.get("encrypted")) or spec["type"] == "encryptedstring",
    )
