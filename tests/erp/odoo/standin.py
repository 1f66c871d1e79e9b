"""Odoo's web server as a stand-in: JSON-2 in 19, JSON-RPC in all, both with the errors that the real one gives."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.erp.odoo.orm import Database, OdooError, month_after
from tests.erp.standin import Asked, Reply, Standin

KEY, LOGIN, DATABASE = "0123456789abcdef0123456789abcdef01234567", "reader@example.com", "company"
SECRET_TRACE = "Traceback (most recent call last):\n  File secret_module.py, line 1, password=hunter2"
ARGUMENTS = {
    "search_read": {"domain", "fields", "offset", "limit", "order", "load"},
    "search": {"domain", "offset", "limit", "order"},
    "search_count": {"domain", "limit"},
    "fields_get": {"allfields", "attributes"},
    "read_group": {"domain", "fields", "groupby", "offset", "limit", "orderby", "lazy"},
    "formatted_read_group": {"domain", "groupby", "aggregates", "having", "offset", "limit", "order"},
    "context_get": set[str](),
    "has_access": {"operation"},
    "check_access_rights": {"operation", "raise_exception"},
}
GONE_FROM = {"check_access_rights": 19}
NEW_IN = {"has_access": 18, "formatted_read_group": 19}


class OdooStandin(Standin):
    """One Odoo with one database and one reading user. `key_valid` may be taken away."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.db = database
        self.key_valid = True
        self.reversed_pages = False

    @property
    def version(self) -> int:
        return self.db.version

    def answer(self, asked: Asked) -> Reply:
        if (asked.method, asked.path) == ("GET", "/web/version"):
            if self.version < 19:
                return self._page(404)
            return Reply({"version_info": [self.version, 0, 0, "final", 0, ""], "version": f"{self.version}.0"})
        if asked.method == "POST" and asked.path == "/jsonrpc":
            return self._rpc(asked.body)
        parts = asked.path.strip("/").split("/")
        if self.version >= 19 and asked.method == "POST" and parts[:2] == ["json", "2"] and len(parts) == 4:
            return self._json2(asked, parts[2], parts[3])
        return self._page(404)

    def _page(self, status: int) -> Reply:
        page = b"<!doctype html><html><head><title>Not Found</title></head><body>No database is selected</body></html>"
        return Reply(page, status, {"Content-Type": "text/html"})

    def _json2(self, asked: Asked, model: str, method: str) -> Reply:
        if asked.headers.get("X-Odoo-Database", DATABASE) != DATABASE:
            return self._page(404)
        try:
            if asked.headers.get("Authorization") != f"bearer {KEY}" or not self.key_valid:
                raise OdooError("werkzeug.exceptions.Unauthorized", 401, "Invalid apikey")
            body = dict(asked.body)
            return Reply(self._call(model, method, body.pop("ids", []), body.pop("context", {}), body))
        except OdooError as error:
            return Reply(_told(error), error.status)

    def _rpc(self, body: Any) -> Reply:
        params = body["params"]
        envelope = {"jsonrpc": "2.0", "id": body["id"]}
        try:
            return Reply({**envelope, "result": self._service(params["service"], params["method"], params["args"])})
        except OdooError as error:
            data = {"code": 200, "message": "Odoo Server Error", "data": _told(error)}
            return Reply({**envelope, "error": data})

    def _service(self, service: str, method: str, args: list[Any]) -> Any:
        if (service, method) == ("common", "version"):
            return {
                "server_version": f"{self.version}.0",
                "server_version_info": [self.version, 0],
                "protocol_version": 1,
            }
        if args[0] != DATABASE:
            raise OdooError(
                "psycopg2.OperationalError", 500, f'connection failed: FATAL:  database "{args[0]}" does not exist'
            )
        secret = args[2]
        if (service, method) == ("common", "authenticate"):
            return self.db.user if (args[1], secret) == (LOGIN, KEY) and self.key_valid else False
        if (
            (service, method) != ("object", "execute_kw")
            or args[1] != self.db.user
            or secret != KEY
            or not self.key_valid
        ):
            raise OdooError("odoo.exceptions.AccessDenied", 403, "Access Denied")
        named = dict(args[6])
        return self._call(args[3], args[4], args[5][0] if args[5] else [], named.pop("context", {}), named)

    def _call(self, model: str, method: str, ids: list[int], context: Mapping[str, Any], named: dict[str, Any]) -> Any:
        fields = self.db.fields(model)
        known = method in ARGUMENTS and NEW_IN.get(method, 0) <= self.version < GONE_FROM.get(method, 99)
        if not known:
            raise OdooError("builtins.AttributeError", 404, f"the method '{model}.{method}' does not exist")
        allowed = ARGUMENTS[method] - ({"load"} if self.version < 16 else set())
        strange = set(named) - allowed
        if strange:
            words = f"{method}() got an unexpected keyword argument '{min(strange)}'"
            raise OdooError("builtins.TypeError", 422, words)
        if ids:
            raise OdooError("werkzeug.exceptions.UnprocessableEntity", 422, f"cannot call {model}.{method} with ids")
        if method == "fields_get":
            return {name: {"type": each.type} for name, each in fields.items()}
        if method == "context_get":
            return {
                "lang": self.db.language,
                "tz": "Europe/Berlin",
                **({"uid": self.db.user} if self.version >= 19 else {}),
            }
        if method in {"has_access", "check_access_rights"}:
            denied = self.db.unreadable if named["operation"] == "read" else self.db.tables.keys() - self.db.writable
            return model not in denied
        return self._search(model, method, context, named)

    def _search(self, model: str, method: str, context: Mapping[str, Any], named: dict[str, Any]) -> Any:
        db, domain = self.db, named.get("domain", [])
        if method == "read_group":
            sums = [each.removesuffix(":sum") for each in named["fields"]]
            return [
                self._group(model, *each, sums) for each in db.groups(model, domain, named["groupby"], sums, context)
            ]
        if method == "formatted_read_group":
            by, sums = named["groupby"], [each[:-4] for each in named["aggregates"] if each != "__count"]
            return [self._formatted(model, *each, sums) for each in db.groups(model, domain, by, sums, context)]
        found = db.search(model, domain, context)
        if method == "search_count":
            return len(found)
        found = found[: named.get("limit") or None]
        if self.reversed_pages and len(found) > 1:
            found = found[::-1]
        if method == "search":
            return [each["id"] for each in found]
        labels = "load" not in named or named["load"] == "_classic_read"
        return [db.read(model, each, named.get("fields", []), labels=labels) for each in found]

    def _group(self, model: str, values: dict[str, Any], rows: list[dict[str, Any]], sums: list[str]) -> dict[str, Any]:
        told = {**self._labelled(model, values), "__count": len(rows), "__domain": []}
        for name in [each for each in values if each.endswith(":month")]:
            first = f"{values[name]}-01" if values[name] != "False" else ""
            told[name] = "juin 2026" if first else False
            told["__range"] = {name: {"from": first, "to": month_after(values[name])} if first else False}
        return told | {name: float(sum(Decimal(str(row[name])) for row in rows)) for name in sums}

    def _formatted(
        self, model: str, values: dict[str, Any], rows: list[dict[str, Any]], sums: list[str]
    ) -> dict[str, Any]:
        told = {**self._labelled(model, values), "__count": len(rows), "__extra_domain": []}
        for name in [each for each in values if each.endswith(":month")]:
            told[name] = [f"{values[name]}-01", "juin 2026"] if values[name] != "False" else False
        return told | {f"{name}:sum": float(sum(Decimal(str(row[name])) for row in rows)) for name in sums}

    def _labelled(self, model: str, values: dict[str, Any]) -> dict[str, Any]:
        fields = self.db.fields(model)
        return {
            name: [value, "label"] if value and name in fields and fields[name].type == "many2one" else value
            for name, value in values.items()
        }


def _told(error: OdooError) -> dict[str, Any]:
    return {
        "name": error.name,
        "message": error.message,
        "arguments": [error.message],
        "context": {},
        "debug": SECRET_TRACE,
    }


def methods_asked(standin: Standin) -> list[str]:
    """The models and methods that arrived, in order."""
    found = []
    for each in standin.asked:
        if each.path == "/jsonrpc":
            args = each.body["params"]["args"]
            found.append(f"{args[3]}.{args[4]}" if len(args) > 4 else each.body["params"]["method"])
        else:
            found.append(".".join(each.path.split("/")[3:]) or each.path)
    return found


def asked_text(standin: Standin) -> str:
    """Everything that arrived, as text."""
    return json.dumps([each.body for each in standin.asked])
