"""Which fields a Tryton has, and how the columns that a stream maps are taken out of its records."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration_hub.config import StreamConfig
from integration_hub.erp.tryton.problems import hidden_fields
from integration_hub.erp.tryton.wire import Record, Wire, text_of

STAMPS = ("create_date", "write_date")
BOOLEANS = {"1": "true", "true": "true", "0": "false", "false": "false"}


def stamp_of(record: Record) -> str:
    """When a record was last changed: `write_date` is empty until its first change."""
    return text_of(record.get("write_date")) or text_of(record.get("create_date")) or ""


def reference(record: Record, name: str) -> str:
    """The id that a field holds, whether it came bare or as a nested record; empty where there is none."""
    return text_of(record.get(name)) or ""


def is_true(value: Any) -> bool:
    """A truth value; Tryton on SQLite hands some of them out as numbers."""
    return value is True or value == "1"


def pointed(value: Any, model: str) -> str:
    """The id of a reference such as "sale.line,12", if it points to that model."""
    text = value if isinstance(value, str) else ""
    name, _, number = text.partition(",")
    return number if name == model else ""


@dataclass
class Catalogue:
    """Every field of the models that are asked for, from Tryton's own register; each model is read once."""

    wire: Wire
    known: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def fields(self, model: str) -> Mapping[str, tuple[str, str]]:
        """Name -> type and the model it leads to; empty for a model that this Tryton has not."""
        if model not in self.known:
            rows = self.wire.all("ir.model.field", [["model", "=", model]], ("name", "ttype", "relation"))
            self.known[model] = {row["name"]: (row["ttype"], row.get("relation") or "") for row in rows}
        return self.known[model]

    def has(self, model: str, path: str) -> bool:
        """Whether a field, or a dotted path over several models, can be asked for."""
        for name in path.split("."):
            fields = self.fields(model) if model else {}
            if name not in fields:
                return False
            model = fields[name][1]
        return True

    def is_boolean(self, model: str, path: str) -> bool:
        """Whether a field that this Tryton has holds truth values."""
        *before, name = path.split(".")
        for each in before:
            model = self.fields(model).get(each, ("", ""))[1]
        return bool(model) and self.fields(model).get(name, ("", ""))[0] == "boolean"


def _getter(path: str, *, boolean: bool = False) -> Callable[[Record], str | None]:
    """Takes one column out of a record."""
    if boolean:
        value_of = _getter(path)
        return lambda record: BOOLEANS.get(value_of(record) or "")
    first, *rest = path.split(".")
    if not rest:
        return _plain(first)
    if len(rest) == 1:
        return _below(first, rest[0])

    def nested(record: Record) -> str | None:
        value = record.get(first)
        for name in rest:
            if isinstance(value, list):
                value = value[0] if value else None
            value = value.get(name) if isinstance(value, dict) else None
        return text_of(value)

    return nested


def _plain(name: str) -> Callable[[Record], str | None]:
    """The same for a bare field."""

    def plain(record: Record) -> str | None:
        value = record.get(name)
        return (value or None) if value.__class__ is str else text_of(value)

    return plain


def _below(first: str, second: str) -> Callable[[Record], str | None]:
    """The same for most dotted paths, in one step."""

    def below(record: Record) -> str | None:
        value = record.get(first)
        if isinstance(value, list):
            value = value[0] if value else None
        return text_of(value.get(second)) if isinstance(value, dict) else None

    return below


@dataclass
class Table:
    """One stream's columns: `computed` ones come first, then the fields that its mapping names; `needs` are asked for
    the computed ones. What a Tryton has not is delivered empty and named in `missing`.
    """

    stream: StreamConfig
    models: Sequence[str]
    computed: tuple[str, ...]
    needs: tuple[str, ...]
    catalogue: Catalogue
    names: tuple[str, ...] = field(init=False)
    missing: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        sources = [name for column in self.stream.columns.values() for name in column.source]
        sources += [each.column for each in self.stream.filters]
        sources += [self.stream.cursor] if self.stream.cursor else []
        mapped = [name for name in dict.fromkeys(sources) if name not in self.computed]
        self.names = self.computed + tuple(mapped)
        self.missing = tuple(
            f"{self.models[0]} has no field {name} (or lacks its module): it comes empty"
            for name in mapped
            if not any(self.catalogue.has(model, name) for model in self.models)
        )
        self._mapped = mapped
        self._getters = tuple(_getter(name, boolean=self._boolean(name)) for name in mapped)
        self._asked = {model: self._questions(model) for model in self.models}

    def _boolean(self, name: str) -> bool:
        return any(self.catalogue.is_boolean(model, name) for model in self.models)

    def _questions(self, model: str) -> tuple[str, ...]:
        wanted: Iterable[str] = dict.fromkeys((*STAMPS, *self.needs, *self._mapped))
        return tuple(name for name in wanted if self.catalogue.has(model, name))

    def asked(self, model: str) -> tuple[str, ...]:
        """The fields to ask for."""
        return self._asked[model]

    def row(self, record: Record, *computed: str | None) -> list[str | None]:
        """A row of the stream."""
        return [*computed, *(get(record) for get in self._getters)]

    def look(self, model: str, page: Sequence[Record]) -> Sequence[Record]:
        """The page, unless a field was left out of it, as Tryton does with what may not be read."""
        return all_shown(self.catalogue.wire, model, self._asked[model], page)


def all_shown(wire: Wire, model: str, fields: Sequence[str], page: Sequence[Record]) -> Sequence[Record]:
    """The page, unless it lacks a field that was asked for. Raises SourceProblem."""
    hidden = [name for name in fields if page and not _shown(page[0], name)]
    if hidden:
        raise hidden_fields(wire.source, model, hidden)
    return page


def _shown(record: Record, path: str) -> bool:
    value: Any = record
    for name in path.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        if value is None:
            return True
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True
