"""A stand-in for a server that speaks OData v2 or v4: filters, order, pages, select and expand as the standard says."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.erp.odata.described import Facts, metadata
from tests.erp.standin import Asked, Reply, Standin

Row = dict[str, Any]
TOKEN = re.compile(r"\s*(\(|\)|datetimeoffset'[^']*'|datetime'[^']*'|guid'[^']*'|'(?:[^']|'')*'|[^\s()]+)")
BASE = "/sap/opu/odata/sap"
USER, PASSWORD = "reader", "right-password"
OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
}


class ODataStandin(Standin):
    """Rows by path below the base; dates and instants are held as ISO text and written as the version does.

    A row holds what it leads to under the name of the navigation. `largest` is the most rows of a page, `allowed` says
    which Authorization header is right; `refused` are entity sets without a right; `joined_or` allows "or" of different
    fields; `missing` rows are counted, but never come; pages of paths with `shuffled` come backwards.
    """

    def __init__(self, version: str, facts: Facts, *, base: str = BASE) -> None:
        self.version, self.facts, self.base = version, facts, base
        self.data: dict[str, list[Row]] = {}
        self.largest = 1000
        self.allowed: Callable[[str], bool] = lambda _header: True
        self.refused: set[str] = set()
        self.joined_or = True
        self.missing = 0
        self.shuffled = ""
        super().__init__()

    def answer(self, asked: Asked) -> Reply:
        """What the server would say."""
        if not self.allowed(asked.headers.get("Authorization", "")):
            return _error("Unauthorized", 401)
        if asked.method != "GET":
            return _error("written", 200)
        path = asked.path.removeprefix(self.base).strip("/")
        root, _, name = path.rpartition("/")
        if name == "$metadata":
            service = self.facts.get(root)
            text = metadata(service, self.version) if service else ""
            return (
                Reply(text.encode(), headers={"Content-Type": "application/xml"}) if text else _error("No service", 404)
            )
        described = (self.facts.get(root) or self.facts[""]).get(name, {})
        if name in self.refused or path not in self.data:
            return _error(f"Nothing to see at {name}", 403 if name in self.refused else 404)
        try:
            return self._list(path, described, asked)
        except ValueError as error:
            return _error(str(error), 400)

    def _list(self, path: str, described: Mapping[str, Any], asked: Asked) -> Reply:
        params = asked.params
        rows = [row for row in self.data[path] if self._meets(params.get("$filter", ""), row)]
        keys = described["keys"]
        rows.sort(key=lambda row: tuple(str(row[key]).zfill(40) for key in keys))
        count = len(rows) + self.missing
        start = int(params.get("$skip", "0"))
        if "$skiptoken" in params:
            last = params["$skiptoken"]
            start = next((number for number, row in enumerate(rows) if str(row[keys[0]]) > last), len(rows))
        size = int(params.get("$top", len(rows)))
        prefer = re.fullmatch(r"odata\.maxpagesize=(\d+)", asked.headers.get("Prefer", ""))
        page = min(size, int(prefer[1]) if prefer else size, self.largest)
        shown, more = rows[start : start + page], start + page < min(len(rows), start + size)
        link = ""
        if more:
            rest = "&".join(f"{name}={text}" for name, text in params.items() if name not in {"$skiptoken", "$count"})
            link = f"{self.url}{self.base}/{path}?{rest}&$skiptoken={shown[-1][keys[0]]}"
        written = [self._written(row, described, _tree(params, self.version)) for row in shown]
        if self.shuffled and self.shuffled in path:
            written.reverse()
        if self.version == "v2":
            body: dict[str, Any] = {"results": written}
            body |= {"__count": str(count)} if params.get("$inlinecount") == "allpages" else {}
            return Reply({"d": {**body, **({"__next": link} if link else {})}})
        body = {"value": written} | ({"@odata.count": count} if params.get("$count") == "true" else {})
        return Reply({**body, **({"@odata.nextLink": link} if link else {})})

    def _meets(self, text: str, row: Row) -> bool:
        if not text:
            return True
        tokens = [found[1] for found in TOKEN.finditer(text)]
        if not self.joined_or and "or" in tokens:
            names = {tokens[place - 1] for place, token in enumerate(tokens) if token in OPERATORS}
            if len(names) > 1:
                raise ValueError("The 'OR' operator is not supported on distinct fields on an OData filter.")
        result, rest = _either(tokens, row)
        if rest:
            raise ValueError(f"Invalid token {rest[0]}")
        return result

    def _written(self, row: Row, described: Mapping[str, Any], tree: Mapping[str, Any]) -> Row:
        found: Row = {}
        for name in tree or described:
            text = described.get(name)
            if name == "keys":
                continue
            if text is None:
                raise ValueError(f"Property {name} not found")
            if not text.startswith("->"):
                found[name] = self._value(row.get(name), text)
                continue
            if not tree:
                found[name] = {"__deferred": {"uri": "x"}}
                continue
            aim = next(each[text.split()[-1]] for each in self.facts.values() if text.split()[-1] in each)
            below = row.get(name)
            if " many " in text:
                lines = [self._written(line, aim, tree[name]) for line in below or []]
                found[name] = {"results": lines} if self.version == "v2" else lines
            else:
                found[name] = self._written(below, aim, tree[name]) if below else None
        return found

    def _value(self, value: Any, kind: str) -> Any:
        if self.version == "v4" or value is None or not kind.startswith("DateTime"):
            return float(value) if self.version == "v4" and kind == "Decimal" and value is not None else value
        stamp = datetime.fromisoformat(value)
        stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        return f"/Date({int(stamp.timestamp() * 1000)}{'+0000' if kind == 'DateTimeOffset' else ''})/"


def _error(text: str, status: int) -> Reply:
    return Reply({"error": {"code": str(status), "message": {"lang": "en", "value": text}}}, status)


def _either(tokens: list[str], row: Row) -> tuple[bool, list[str]]:
    result, rest = _both(tokens, row)
    while rest and rest[0] == "or":
        other, rest = _both(rest[1:], row)
        result = result or other
    return result, rest


def _both(tokens: list[str], row: Row) -> tuple[bool, list[str]]:
    result, rest = _term(tokens, row)
    while rest and rest[0] == "and":
        other, rest = _term(rest[1:], row)
        result = result and other
    return result, rest


def _term(tokens: list[str], row: Row) -> tuple[bool, list[str]]:
    if tokens[0] == "(":
        result, rest = _either(tokens[1:], row)
        if not rest or rest[0] != ")":
            raise ValueError("Unbalanced brackets")
        return result, rest[1:]
    name, operator, text = tokens[:3]
    if operator not in OPERATORS or name not in row:
        raise ValueError(f"Invalid filter near {name}")
    value = re.fullmatch(r"(?:datetimeoffset|datetime|guid)?'(.*)'", text)
    wanted = value[1].replace("''", "'") if value else text
    held = row[name]
    if held is None:
        return False, tokens[3:]
    held = str(held).lower() if isinstance(held, bool) else str(held)
    if held.isdigit() and wanted.isdigit():
        held, wanted = held.zfill(40), wanted.zfill(40)
    if re.match(r"\d{4}-\d\d-\d\dT?", held) and re.match(r"\d{4}-\d\d-\d\d", wanted):
        held, wanted = _instant(held), _instant(wanted)
    return OPERATORS[operator](held, wanted), tokens[3:]


def _instant(text: str) -> str:
    stamp = datetime.fromisoformat(text)
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _tree(params: Mapping[str, str], version: str) -> dict[str, Any]:
    """What is selected: name -> what is selected below it."""
    if version == "v4":
        return _nested(params.get("$select", ""), params.get("$expand", ""))
    tree: dict[str, Any] = {}
    expanded = set(params.get("$expand", "").split(",")) - {""}
    for path in filter(None, params.get("$select", "").split(",")):
        steps, at = path.split("/"), tree
        for depth, step in enumerate(steps):
            if depth < len(steps) - 1 and "/".join(steps[: depth + 1]) not in expanded:
                raise ValueError(f"{path} is selected but not expanded")
            at = at.setdefault(step, {})
    return tree


def _nested(select: str, expand: str) -> dict[str, Any]:
    tree: dict[str, Any] = {name: {} for name in filter(None, select.split(","))}
    for found in re.finditer(r"(\w+)\(\$select=([\w,]+)(?:;\$expand=(.*))?\)", expand):
        tree[found[1]] = _nested(found[2], found[3] or "")
    return tree
