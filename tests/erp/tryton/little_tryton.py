"""A little Tryton over real HTTP: REST's GET with domains, dotted fields, order and limit, on records in memory."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from tests.erp.standin import Asked, Reply, Standin

KEY = "a-key-that-its-user-has-validated"
Record = dict[str, Any]
TO_ONE, TO_MANY = "many2one", "one2many"


def tagged(value: Any) -> Any:
    """A value as Tryton writes it into JSON."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    parts = ("year", "month", "day") + (
        ("hour", "minute", "second", "microsecond") if isinstance(value, datetime) else ()
    )
    if isinstance(value, date):
        return {"__class__": "datetime" if len(parts) > 3 else "date"} | {part: getattr(value, part) for part in parts}
    raise TypeError(type(value).__name__)


def untagged(value: Record) -> Any:
    """The other way."""
    kind = value.pop("__class__", None)
    return datetime(**value) if kind == "datetime" else date(**value) if kind == "date" else value


@dataclass
class Model:
    """Fields (name -> type and the model it leads to) and records by id."""

    fields: dict[str, tuple[str, str]]
    records: dict[int, Record] = field(default_factory=dict)


class LittleTryton(Standin):
    """`hidden` fields are left out of answers without a word, `forbidden` models may not be read, and pages of
    `reversed` models come in the wrong order.
    """

    def __init__(self, models: Mapping[str, Model]) -> None:
        self.models = dict(models)
        self.hidden: set[tuple[str, str]] = set()
        self.forbidden: set[str] = set()
        self.reversed: set[str] = set()
        self.key = KEY
        super().__init__()

    def answer(self, asked: Asked) -> Reply:
        """REST: 401 without the key, 404 for another database, 500 for an unknown model, as the real one."""
        found = re.fullmatch(r"/([^/]+)/rest/model/([^/]+)", asked.path)
        if asked.method != "GET" or found is None or found[1] != "company":
            return _page(404, "Not Found")
        if asked.headers.get("Authorization") != f"Bearer {self.key}":
            return _page(401, "Unauthorized")
        name = found[2]
        if name == "ir.model.field":
            self.models[name] = self._register()
        if name not in self.models:
            return _page(500, f"&#39;{name}&#39;")
        if name in self.forbidden:
            return Reply({"status": 400, "message": f"You are not allowed to access {name}."}, 400)
        query = parse_qs(asked.query)
        domain = _decoded(query["d"][0], untagged) if "d" in query else []
        numbers = [number for number in sorted(self.models[name].records) if self._holds(name, number, domain)]
        limit = int(query["s"][0]) if "s" in query else None
        paths = sorted({*query.get("f", ()), "id"})
        rows = [self._read(name, number, paths) for number in numbers[:limit]]
        if name in self.reversed:
            rows.reverse()
        return Reply(json.dumps(rows, default=tagged).encode())

    def _register(self) -> Model:
        rows = [
            {"model": model, "name": name, "ttype": kind, "relation": leads or None}
            for model, each in self.models.items()
            if model != "ir.model.field"
            for name, (kind, leads) in {"id": ("integer", ""), **each.fields}.items()
        ]
        described = {"model": ("char", ""), "name": ("char", ""), "ttype": ("char", ""), "relation": ("char", "")}
        return Model(described, dict(enumerate(rows, 1)))

    def _read(self, model: str, number: int, paths: list[str]) -> Record:
        found: Record = {"id": number, "__name__": model}
        nested: dict[str, list[str]] = {}
        for path in paths:
            first, _, rest = path.partition(".")
            if first == "id" or (model, first) in self.hidden:
                continue
            if first not in self.models[model].fields:
                raise AssertionError(f"{model} was asked for a field that it has not: {first}")
            nested.setdefault(first, [])
            if rest:
                nested[first].append(rest)
        for first, below in nested.items():
            value = self.models[model].records[number].get(first)
            leads = self.models[model].fields[first][1]
            if below and value is not None:
                many = isinstance(value, list)
                read = [self._read(leads, each, below) for each in (value if many else [value])]
                value = read if many else read[0]
            found[first] = value
        return found

    def _holds(self, model: str, number: int, domain: list[Any]) -> bool:
        if not domain:
            return True
        if isinstance(domain[0], str) and domain[0] not in {"OR", "AND"}:
            return self._clause(model, number, domain)
        parts = domain[1:] if isinstance(domain[0], str) else domain
        results = (self._holds(model, number, part) for part in parts)
        return any(results) if domain[0] == "OR" else all(results)

    def _clause(self, model: str, number: int, clause: list[Any]) -> bool:
        path, operator, wanted = clause[:3]
        if len(clause) == 4:  # A reference such as "stock.shipment.out,7", whose id is asked for.
            name, _, key = str(self.models[model].records[number].get(path.partition(".")[0])).partition(",")
            return name == clause[3] and (int(key) > wanted if operator == ">" else int(key) in wanted)
        values = list(self._values(model, number, path.split(".")))
        if operator in {"in", "not in"}:
            held = any(value in wanted for value in values)
            return held if operator == "in" else not held
        if operator == ">=":
            return any(value is not None and value >= wanted for value in values)
        if operator == ">":
            return any(value > wanted for value in values)
        held = any(value == wanted for value in values)
        return held if operator == "=" else not held

    def _values(self, model: str, number: int, path: list[str]) -> Iterator[Any]:
        if path == ["id"]:
            yield number
            return
        value = self.models[model].records[number].get(path[0])
        leads = self.models[model].fields[path[0]][1]
        for each in value if isinstance(value, list) else [value]:
            if len(path) == 1:
                yield each
            elif each is not None:
                yield from self._values(leads, each, path[1:])


def _decoded(text: str, hook: Any) -> Any:
    return json.loads(base64.urlsafe_b64decode(text), object_hook=hook)


def _page(status: int, words: str) -> Reply:
    content = f"<!doctype html>\n<title>{status}</title>\n<h1>{status}</h1>\n<p>{words}</p>\n"
    return Reply(content.encode(), status, {"Content-Type": "text/html; charset=utf-8"})
