"""What a profile writes as a source column of an OData stream, and how its text is made from a row.

    Property             a property of the row
    Nav/Property         of a row that it leads to; of the first where there are several
    $parent/Property     of the document that this row comes with
    $company             id of the company that is read; $company/name, $company/currencyCode: a fact of it
    $option/name         an option of the source in hub.toml
    $open                what is still open of an accounting item of SAP (see odata_receivable)
    ...#                 without leading zeros, where it is all digits
    ...|text             `text` where it is empty
    max(a, b)            the latest of several stamps
    first(a, b)          the first that is not empty
    pick(a, X=x, =y, *=z)  x for X, y for nothing, z for anything else; without * nothing
    part(open, total)    "none", "part" or "whole": how much of an amount is open
    when(a, X, b)        b where a is X
    ratio(a, b)          a divided by b
    rate(a, inverse)     a, or 1 divided by a where `inverse` is true
    words(a, b)          both with a space between

Properties that a release does not have count as empty inside of brackets, as long as one of them is there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration_hub.erp.odata.functions import FUNCTIONS, Row, Text, picking
from integration_hub.erp.odata.metadata import EntityType, Metadata, Property
from integration_hub.erp.odata.values import reader

CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
PARENT, COMPANY, OPTION, OPEN = "$parent", "$company", "$option", "$open"
OPEN_NEEDS = (
    *("AmountInTransactionCurrency", "TransactionCurrency", "IsCleared"),
    *("InvoiceReference", "InvoiceReferenceFiscalYear", "InvoiceItemReference"),
)


@dataclass
class Made:
    """Texts of columns, and what they need: paths of properties of the row and of its document, facts, and types."""

    paths: set[tuple[str, ...]] = field(default_factory=set)
    parent_paths: set[tuple[str, ...]] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    types: list[str] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)


class Unknown(Exception):
    """The service has no such property."""


@dataclass(frozen=True)
class Maker:
    """Makes texts for rows of `entity`, which come with documents of `parent`, if with any."""

    metadata: Metadata
    entity: EntityType
    parent: EntityType | None = None

    def make(self, source: str, made: Made) -> Text:
        """The function for one source column; `made` learns what it needs. Raises Unknown."""
        text, bar, default = _split_default(source)
        found = CALL.fullmatch(text)
        inner = self._call(found[1], found[2], made) if found else self._path(text, made)
        if not bar:
            return inner
        return lambda row, parent, facts: inner(row, parent, facts) or default

    def _path(self, text: str, made: Made) -> Text:
        name = text.removesuffix("#")
        head, _, rest = name.partition("/")
        if head in {COMPANY, OPTION}:
            made.facts.add(name)
            return lambda _row, _parent, facts: facts.get(name) or None
        if head == OPEN:
            for each in OPEN_NEEDS:
                self._path(each, made)
            return lambda row, _parent, _facts: row[OPEN]
        if head == PARENT:
            path, found = self._found(self.parent, rest)
            made.parent_paths.add(path)
        else:
            path, found = self._found(self.entity, name)
            made.paths.add(path)
        made.types.append(found.type)
        made.properties.append(found)
        return _reading(path, reader(found), stripped=text != name, of_parent=head == PARENT)

    def _found(self, entity: EntityType | None, name: str) -> tuple[tuple[str, ...], Property]:
        path = tuple(name.split("/"))
        for step in path[:-1]:
            entity = self.metadata.types.get(entity.navigation.get(step, "")) if entity else None
        found = entity.properties.get(path[-1]) if entity else None
        if found is None:
            raise Unknown(name)
        return path, found

    def _call(self, name: str, inside: str, made: Made) -> Text:
        parts = _arguments(inside)
        if name in FUNCTIONS:
            texts = self._several(parts, made)
            return FUNCTIONS[name](texts)
        if name == "pick":
            cases = dict(part.split("=", 1) for part in parts[1:])
            return picking(self._several(parts[:1], made)[0], {key.strip(): case for key, case in cases.items()})
        if name == "when":
            asked, amount = self._several([parts[0], parts[2]], made)
            wanted = parts[1]
            return lambda row, up, facts: amount(row, up, facts) if asked(row, up, facts) == wanted else None
        raise Unknown(f"{name}()")

    def _several(self, parts: Sequence[str], made: Made) -> list[Text]:
        texts: list[Text] = []
        missing: list[Unknown] = []
        for part in parts:
            try:
                texts.append(self.make(part, made))
            except Unknown as error:
                missing.append(error)
                texts.append(_nothing)
        if len(missing) == len(parts):
            raise missing[0]
        return texts


def _nothing(_row: Row, _parent: Row, _facts: Mapping[str, str]) -> None:
    return None


def _split_default(source: str) -> tuple[str, str, str]:
    """A default stands behind the last bar that is in no brackets."""
    depth = 0
    for place in range(len(source) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(source[place], 0)
        if source[place] == "|" and depth == 0:
            return source[:place].strip(), "|", source[place + 1 :].strip()
    return source.strip(), "", ""


def _arguments(inside: str) -> list[str]:
    parts, depth = [""], 0
    for letter in inside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _reading(path: tuple[str, ...], read: Callable[[Any], str | None], *, stripped: bool, of_parent: bool) -> Text:
    name, steps = path[-1], path[:-1]

    def text(row: Row, parent: Row, _facts: Mapping[str, str]) -> str | None:
        at: Any = parent if of_parent else row
        for step in steps:
            at = first_of(at.get(step))
        value = read(at.get(name))
        return value.lstrip("0") or None if stripped and value and value.isdigit() else value

    if steps or stripped or of_parent:
        return text
    return lambda row, _parent, _facts: read(row.get(name))


def first_of(value: Any) -> Row:
    """The row that a navigation leads to; of several the first; an empty one where it leads nowhere."""
    if isinstance(value, dict):
        value = value.get("results", value)
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else {}
