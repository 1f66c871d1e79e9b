"""A Frappe site as a stand-in: filters, order, limits, rights of child rows, permission levels and sums are real."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from tests.erp.standin import Asked, Reply, Standin

Record = dict[str, Any]
TOKEN = "token key:secret"
PARENTS = {
    "Sales Order Item": {"Sales Order"},
    "Delivery Note Item": {"Delivery Note"},
    "Sales Invoice Item": {"Sales Invoice"},
    "Payment Schedule": {"Sales Invoice", "Sales Order"},
    "Dynamic Link": {"Contact", "Address"},
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    ">": lambda value, wanted: value > wanted,
    ">=": lambda value, wanted: value >= wanted,
    "<": lambda value, wanted: value < wanted,
    "<=": lambda value, wanted: value <= wanted,
    "in": lambda value, wanted: value in wanted,
}


class Refused(Exception):
    """An error answer: status and message."""


class FrappeSite(Standin):
    """Tables of records by doctype; `unreadable` doctypes answer 403, `hidden` fields are left out silently."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, dict[str, Record]] = defaultdict(dict)
        self.unreadable: set[str] = {"Deleted Document"}
        self.hidden: set[str] = set()
        self.time_zone = "Europe/Berlin"
        self.version = "15.40.1"
        self.token = TOKEN
        self.may_write = False
        self.shuffled = False
        self.types: dict[tuple[str, str], str] = {}

    def put(self, doctype: str, name: str, modified: str, /, **values: Any) -> Record:
        """Write a record as the site would, with its stamp in site time; `lists` hold child rows by doctype."""
        children: dict[str, list[Record]] = values.pop("lists", {})
        record = {"name": name, "modified": modified, "creation": modified, "docstatus": 1, **values}
        self.tables[doctype][name] = {**self.tables[doctype].get(name, {}), **record}
        for child, rows in children.items():
            for old in [key for key, row in self.tables[child].items() if row["parent"] == name]:
                del self.tables[child][old]
            for number, row in enumerate(rows, 1):
                whole = {"parent": name, "parenttype": doctype, "idx": number, "modified": modified, **row}
                self.tables[child][row["name"]] = whole
        return self.tables[doctype][name]

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("Authorization") != self.token:
            return Reply({"exc_type": "AuthenticationError"}, 401)
        try:
            return self._answer(asked)
        except Refused as refused:
            status, text = refused.args
            return Reply({"exc_type": "Error", "exception": text}, status)

    def _answer(self, asked: Asked) -> Reply:
        if asked.path == "/api/method/frappe.client.get_list" and asked.method == "POST":
            return Reply({"message": self._list(asked.body["doctype"], asked.body)})
        if asked.path.startswith("/api/resource/") and asked.method == "GET":
            return Reply({"data": self._list(unquote(asked.path.removeprefix("/api/resource/")), dict(asked.params))})
        if asked.path == "/api/method/frappe.desk.form.load.getdoctype":
            return Reply({"docs": [self._described(asked.params["doctype"])]})
        message: Any = {
            "/api/method/frappe.client.get_time_zone": {"time_zone": self.time_zone},
            "/api/method/frappe.auth.get_logged_user": "reader@example.com",
            "/api/method/frappe.utils.change_log.get_versions": {
                "frappe": {"version": self.version},
                "erpnext": {"version": self.version},
            },
            "/api/method/frappe.client.has_permission": {"has_permission": self.may_write},
        }.get(asked.path)
        return Reply({"message": message}) if message else Reply({"exception": "no such method"}, 404)

    def _list(self, doctype: str, given: Record) -> list[Record]:
        if doctype in self.unreadable:
            raise Refused(403, f"No permission for {doctype}")
        if doctype in PARENTS and given.get("parent") not in PARENTS[doctype]:
            raise Refused(403, f"No permission for {doctype}")
        rows = list(self.tables[doctype].values())
        either = json.loads(given.get("or_filters") or "[]")
        rows = [row for row in rows if all(self._true(row, each) for each in json.loads(given.get("filters") or "[]"))]
        rows = [row for row in rows if not either or any(self._true(row, each) for each in either)]
        if given.get("group_by"):
            return self._grouped(rows, json.loads(given["fields"]), given["group_by"])
        for each in reversed(str(given.get("order_by") or "modified desc").split(",")):
            name, way = each.split()
            rows = self._sorted(rows, name, reverse=way == "desc")
        if self.shuffled and len(rows) > 1:
            rows[0], rows[1] = rows[1], rows[0]
        limit = int(given.get("limit_page_length") or 0) if "limit_page_length" in given else 20
        rows = rows[:limit] if limit else rows
        fields = json.loads(given.get("fields") or '["name"]')
        return [{name: self._value(row, name) for name in fields if name not in self.hidden} for row in rows]

    def _described(self, doctype: str) -> Record:
        """The form of a doctype; `types` change or add fields, "" takes one away."""
        kinds = {name: "Data" for row in self.tables[doctype].values() for name in row}
        kinds.update({name: kind for (each, name), kind in self.types.items() if each == doctype})
        fields = [{"fieldname": name, "fieldtype": kind} for name, kind in kinds.items() if kind]
        return {"name": doctype, "fields": [*fields, {"fieldname": "sb1", "fieldtype": "Section Break"}]}

    def _value(self, row: Record, name: str) -> Any:
        if name not in row and not any(name in each for table in self.tables.values() for each in table.values()):
            raise Refused(500, f"Unknown column '{name}' in 'field list'")
        return row.get(name)

    def _sorted(self, rows: list[Record], name: str, *, reverse: bool) -> list[Record]:
        return sorted(rows, key=lambda row: self._value(row, name), reverse=reverse)

    def _true(self, row: Record, condition: list[Any]) -> bool:
        name, operator, wanted = condition[-3:]
        value = self._value(row, name)
        if value is None:
            return bool(operator == "!=")
        return bool(OPERATORS[operator](value, wanted))

    def _grouped(self, rows: list[Record], fields: list[Any], group: str) -> list[Record]:
        names = [name.strip() for name in group.split(",")]
        found: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
        for row in rows:
            found[tuple(row.get(name) for name in names)].append(row)
        return [{**dict(zip(names, key, strict=True)), **_sums(each, fields)} for key, each in found.items()]


def _sums(rows: list[Record], fields: list[Any]) -> Record:
    answer: Record = {}
    for field in fields:
        if isinstance(field, dict):
            (function, name), alias = next(iter(field.items())), field["as"]
            matched: tuple[str, str, str] | None = (function.lower(), name, alias)
        else:
            parts = re.fullmatch(r"(sum|count)\((\w+)\) as (\w+)", field)
            matched = (parts[1], parts[2], parts[3]) if parts else None
        if matched:
            function, name, alias = matched
            total = sum((Decimal(str(row[name])) for row in rows), Decimal(0)) if function == "sum" else len(rows)
            answer[alias] = float(total)
    return answer
