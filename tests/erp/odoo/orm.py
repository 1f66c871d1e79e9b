"""Odoo's records in memory: domains, searches, groups and rights as one user of one version meets them."""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.erp.odoo.schema import MODELS, MODULE_OF, Field

Record = dict[str, Any]
UNAUTHORIZED = {
    "en_US": "Access to unauthorized or invalid companies.",
    "de_DE": "Zugriff auf nicht autorisierte oder ungültige Unternehmen.",
}
COMPARE = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a is not False and a > b,
    ">=": lambda a, b: a is not False and a >= b,
    "<": lambda a, b: a is not False and a < b,
    "<=": lambda a, b: a is not False and a <= b,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
}


class OdooError(Exception):
    """An exception of Odoo: its class, as JSON-RPC names it, the status that JSON-2 gives it, and its words."""

    def __init__(self, name: str, status: int, message: str) -> None:
        self.name, self.status, self.message = name, status, message
        super().__init__(message)


def access_error(message: str) -> OdooError:
    return OdooError("odoo.exceptions.AccessError", 403, message)


def _is_of(model: str, modules: frozenset[str]) -> bool:
    return any(model.startswith(MODULE_OF[module]) for module in modules)


@cache
def _known(model: str, version: int, without: frozenset[str]) -> Mapping[str, Field]:
    """The fields that a version has where these modules are not installed."""
    return {
        name: each
        for name, each in MODELS[model].items()
        if each.known(version) and not (each.to and _is_of(each.to, without))
    }


class Database:
    """Tables of one database; `version` decides which fields there are, `user` who asks."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.tables: dict[str, dict[int, Record]] = {model: {} for model in MODELS}
        self.without: set[str] = set()  # modules that are not installed
        self.changed: dict[tuple[str, str], Field | None] = {}  # fields that an add-on added, changed or took away
        self.unreadable: set[str] = set()
        self.writable: set[str] = set()
        self.user = 2
        self.language = "en_US"  # of the user, in which Odoo speaks
        self.clock = "2026-06-01 00:00:00"

    def add(self, model: str, **values: Any) -> int:
        """Write a record; fields that are not given are empty."""
        table = self.tables[model]
        number = int(values.get("id") or max(table, default=0) + 1)
        empty: Record = {name: [] if field.type == "many2many" else False for name, field in MODELS[model].items()}
        table[number] = {**empty, "write_date": self.clock, **values, "id": number}
        return number

    def write(self, model: str, number: int, **values: Any) -> None:
        """Change a record and its stamp."""
        self.tables[model][number] |= {**values, "write_date": self.clock}

    def unlink(self, model: str, number: int) -> None:
        """Delete a record and what hangs on it."""
        del self.tables[model][number]
        for field in MODELS[model].values():
            if field.inverse:
                for each in [line["id"] for line in self.tables[field.to].values() if line[field.inverse] == number]:
                    self.tables[field.to].pop(each, None)

    def fields(self, model: str) -> Mapping[str, Field]:
        without = frozenset(self.without)
        if model not in MODELS or _is_of(model, without):
            words = f"the model '{model}' does not exist" if self.version >= 19 else f"Object {model} doesn't exist"
            raise OdooError(
                "werkzeug.exceptions.NotFound" if self.version >= 19 else "odoo.exceptions.UserError", 404, words
            )
        known = _known(model, self.version, without)
        changed = {name: each for (of, name), each in self.changed.items() if of == model}
        return {name: each for name, each in {**known, **changed}.items() if each is not None} if changed else known

    def companies(self, context: Mapping[str, Any]) -> list[int]:
        own = self.tables["res.users"][self.user]["company_ids"]
        asked = context.get("allowed_company_ids", own)
        if set(asked) - set(own):
            raise access_error(UNAUTHORIZED.get(self.language, UNAUTHORIZED["en_US"]))
        return list(asked)

    def search(self, model: str, domain: list[Any], context: Mapping[str, Any]) -> list[Record]:
        """Records by id that the user sees."""
        fields = self.fields(model)
        if model in self.unreadable:
            raise access_error(
                f"You are not allowed to access '{model}' ({model}) records.\n\nGroups:\n\t- Secret/Group"
            )
        companies = self.companies(context)
        test = self._test(model, domain)
        hidden = "active" in fields and context.get("active_test", True) and not any("active" in str(x) for x in domain)
        found = []
        for number in sorted(self.tables[model]):
            each = self.tables[model][number]
            if hidden and not each["active"]:
                continue
            if model == "res.company" and number not in companies:
                continue
            if each.get("company_id") and each["company_id"] not in companies:
                continue
            if test(each):
                found.append(each)
        return found

    def _test(self, model: str, domain: list[Any]) -> Any:
        """The domain as a function of a record."""
        stack: list[Any] = []
        for term in reversed(domain):
            if term == "!":
                inner = stack.pop()
                stack.append(lambda each, inner=inner: not inner(each))
            elif term in ("&", "|"):
                a, b = stack.pop(), stack.pop()
                both = term == "&"
                stack.append(lambda each, a=a, b=b, both=both: (a(each) and b(each)) if both else (a(each) or b(each)))
            else:
                stack.append(self._leaf(model, *term))
        return lambda each: all(one(each) for one in stack)

    def _leaf(self, model: str, path: str, operator: str, wanted: Any) -> Any:
        self._check_path(model, path)
        compare = COMPARE[operator]
        names = path.split(".")
        if operator in {"in", "not in"}:
            wanted = frozenset(wanted)
        return lambda each: any(compare(value, wanted) for value in self._values(model, each, names))

    def _check_path(self, model: str, path: str) -> None:
        for name in path.split("."):
            field = self.fields(model).get(name)
            if field is None:
                raise OdooError("builtins.ValueError", 500, f"Invalid field {model}.{name} in leaf")
            model = field.to

    def _values(self, model: str, each: Record, names: list[str]) -> Iterator[Any]:
        field = MODELS[model][names[0]]
        if field.inverse:
            found = [line for line in self.tables[field.to].values() if line[field.inverse] == each["id"]]
            for line in found:
                yield from self._values(field.to, line, names[1:]) if names[1:] else [line["id"]]
        elif names[1:]:
            if each[names[0]]:
                yield from self._values(field.to, self.tables[field.to][each[names[0]]], names[1:])
        else:
            yield each[names[0]]

    def read(self, model: str, each: Record, fields: list[str], *, labels: bool) -> Record:
        """A record as search_read gives it."""
        known = self.fields(model)
        told: Record = {"id": each["id"]}
        for name in fields:
            if name not in known:
                raise OdooError("builtins.ValueError", 500, f"Invalid field '{name}' on model '{model}'")
            value = each[name]
            field = known[name]
            if field.inverse:
                value = [line["id"] for line in self.tables[field.to].values() if line[field.inverse] == each["id"]]
            elif field.type == "many2one" and value and labels:
                value = [value, str(self.tables[field.to][value].get("name") or f"{field.to},{value}")]
            elif field.type in {"float", "monetary"} and value is not False:
                value = float(value)
            told[name] = value
        return told

    def groups(
        self, model: str, domain: list[Any], by: list[str], sums: list[str], context: Mapping[str, Any]
    ) -> list[tuple[dict[str, Any], list[Record]]]:
        """Values of the groups (months as their first day) and their records."""
        held: dict[tuple[Any, ...], list[Record]] = {}
        self.read(model, next(iter(self.tables[model].values()), {}), [], labels=False)
        for each in self.search(model, domain, context):
            key = tuple(f"{each[name[:-6]]}"[:7] if name.endswith(":month") else each[name] for name in by)
            held.setdefault(key, []).append(each)
        return [(dict(zip(by, key, strict=True)), rows) for key, rows in held.items()]


def month_after(month: str) -> str:
    """The first day of the next month."""
    year, number = int(month[:4]), int(month[5:7])
    return dt.date(year + number // 12, number % 12 + 1, 1).isoformat()
