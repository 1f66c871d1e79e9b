"""Questions to Odoo's models: which fields there are, pages by id, children of a page, small tables whole."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from integration_hub.config import StreamConfig
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.odoo.errors import ModelMissingError, RightMissingError, company_lost, odd_answer
from integration_hub.erp.odoo.login import Login
from integration_hub.erp.odoo.values import plain, reference
from integration_hub.sources import SourceProblem

Record = dict[str, Any]
Domain = list[Any]
PAGE_ROWS = 1000
CHILD_ROWS = 5000
KEY_ROWS = 50_000


@dataclass
class Reader(Login):
    """What is known of one Odoo during a session: fields and small tables are asked for once."""

    _fields: dict[str, Mapping[str, str] | None] = field(default_factory=dict)
    _tables: dict[str, Mapping[str, Record]] = field(default_factory=dict)
    unreadable: dict[str, None] = field(default_factory=dict)
    _load: bool = True

    def ask(self, model: str, method: str, **arguments: Any) -> Any:
        """A question about all records, archived ones too, of exactly the companies that are read."""
        try:
            return self.odoo.call(model, method, arguments, self.context)
        except RightMissingError:
            # Odoo refuses a company with the same class, in the user's language: only asking again tells them apart.
            if set(self.context["allowed_company_ids"]) - set(self.company_ids()):
                raise company_lost(self.odoo.source) from None
            raise

    def fields(self, model: str) -> Mapping[str, str]:
        """Every field that the user may read: name -> type. Empty for a model that is not installed."""
        if model not in self._fields:
            try:
                told = self.odoo.call(model, "fields_get", {"attributes": ["type"]}, {})
            except ModelMissingError:
                self._fields[model] = None
            else:
                if not isinstance(told, dict) or "id" not in told:
                    raise odd_answer(self.odoo.source, model, "no fields in it")
                self._fields[model] = {name: str(each.get("type", "")) for name, each in told.items()}
        return self._fields[model] or {}

    def having(self, model: str, *names: str) -> str:
        """The first of these fields that this version has; empty where it has none."""
        known = self.fields(model)
        return next((name for name in names if name in known), "")

    def records(self, model: str, domain: Domain, fields: Sequence[str], limit: int = 0) -> list[Record]:
        """Records by id, many2one without labels where Odoo can leave them out."""
        asked: dict[str, Any] = {"domain": domain, "fields": sorted(set(fields)), "order": "id"}
        asked |= {"limit": limit} if limit else {}
        try:
            found = self.ask(model, "search_read", **asked, **({"load": None} if self._load else {}))
        except SourceProblem as problem:
            # An add-on that replaces search_read may not know `load`: then labels come along.
            if not self._load or "argument 'load'" not in str(problem):
                raise
            self._load = False
            return self.records(model, domain, fields, limit)
        if not isinstance(found, list) or not all(isinstance(each, dict) and "id" in each for each in found):
            raise odd_answer(self.odoo.source, model, "no records in it")
        return found

    def pages(self, model: str, domain: Domain, fields: Sequence[str], last: int, limit: int) -> Iterator[list[Record]]:
        """All records of a domain behind an id, by id, until a page is empty: an add-on may leave records out of one.

        Raises SourceProblem where an answer is not the next page.
        """
        while page := self.records(model, [*domain, ["id", ">", last]], fields, limit):
            ids = [int(each["id"]) for each in page]
            if ids[0] <= last or any(first >= second for first, second in pairwise(ids)):
                raise odd_answer(self.odoo.source, model, "a page repeats itself or is out of order")
            if len(page) > limit:
                raise odd_answer(self.odoo.source, model, "more records than were asked for")
            yield page
            last = ids[-1]

    def children(
        self, model: str, parent: str, ids: Sequence[str], fields: Sequence[str], *, where: Domain | None = None
    ) -> dict[str, list[Record]]:
        """All records whose many2one `parent` is one of `ids`, by that id; with "id" the records themselves."""
        grouped: dict[str, list[Record]] = {}
        asked = frozenset(ids)
        for start in range(0, len(ids), PAGE_ROWS):
            domain = [*(where or []), [parent, "in", [int(each) for each in ids[start : start + PAGE_ROWS]]]]
            for page in self._whole(model, domain, [*fields, parent]):
                for each in page:
                    key = reference(each.get(parent))
                    if key not in asked or key is None:
                        raise odd_answer(self.odoo.source, model, "it belongs to another question")
                    grouped.setdefault(key, []).append(each)
        return grouped

    def _whole(self, model: str, domain: Domain, fields: Sequence[str]) -> Iterator[list[Record]]:
        """Pages until one is short, which saves a request for each page of documents."""
        for page in self.pages(model, domain, fields, 0, CHILD_ROWS):
            yield page
            if len(page) < CHILD_ROWS:
                return

    def table(self, model: str, fields: Sequence[str]) -> Mapping[str, Record]:
        """A small table whole, by id; empty where it is not installed. Fields that do not exist are left out."""
        if model not in self._tables:
            known = [name for name in fields if name in self.fields(model)]
            pages = self._whole(model, [], known) if self.fields(model) else iter(())
            self._tables[model] = {str(each["id"]): each for page in pages for each in page}
        return self._tables[model]

    def labels(self, model: str, name: str) -> Mapping[str, Record]:
        """A table of names; empty, and noted as unreadable, where the user may not read it."""
        try:
            return self.table(model, [name])
        except RightMissingError:
            self.unreadable[model] = None
            self._tables[model] = {}
        return {}

    def label(self, model: str, value: Any, name: str = "name") -> str | None:
        """A field of the record that a many2one names."""
        key = reference(value)
        return plain(self.labels(model, name).get(key, {}).get(name)) if key else None


def where_of(stream: StreamConfig) -> Domain:
    """The stream's further condition: a domain as JSON. Raises SourceProblem for anything else."""
    if not stream.where.strip():
        return []
    try:
        domain = json.loads(stream.where)
    except json.JSONDecodeError:
        domain = None
    if not isinstance(domain, list):
        raise SourceProblem(
            f'The condition (where) of the stream "{stream.name}" is no Odoo domain.',
            KEPT,
            'Write it as JSON in hub.toml, such as [["state", "!=", "draft"]].',
        )
    return domain


def prefixed(domain: Domain, path: str) -> Domain:
    """The same condition on what is reached over a dotted path, such as "move_id."."""
    return [[path + term[0], *term[1:]] if isinstance(term, list) else term for term in domain]


def stamp(since: datetime) -> str:
    """An instant as Odoo compares it: naive UTC at whole seconds."""
    return since.strftime("%Y-%m-%d %H:%M:%S")
