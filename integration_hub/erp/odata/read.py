"""Reads documents of one plan, company by company and condition by condition, with all that comes with each page."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from integration_hub.erp.adapter import Batch
from integration_hub.erp.http_errors import broken
from integration_hub.erp.odata.columns import first_of
from integration_hub.erp.odata.filters import PARENTS_AT_ONCE, any_of
from integration_hub.erp.odata.functions import Row
from integration_hub.erp.odata.pages import START, Ask, Key, Service, Spot, key_of
from integration_hub.erp.odata.plan import Plan, Table, selection, split_object


@dataclass
class Read:
    """One read. `companies` are ids in their order, one empty where the service knows none; `facts` are asked for by
    company, and `adjust` may change rows of the documents before they become text.
    """

    service: Service
    plan: Plan
    companies: Sequence[str]
    facts: Callable[[str], Mapping[str, str]]
    size: int
    adjust: Callable[[Sequence[Row]], Sequence[Row]] = list
    _seen: set[tuple[str, Key]] | None = field(default=None)

    def batches(self, conditions: Sequence[str], place: str = "") -> Iterator[Batch]:
        """Pages for each condition in each company; a document that meets several conditions comes once."""
        at = _Place.read(place)
        if len(conditions) > 1:
            self._seen = set()
        for number, condition in enumerate(conditions):
            for company in self.companies:
                turn = (number, company)
                if turn < at.turn:
                    continue
                ask = self._ask(company, condition)
                for rows, spot in self.service.pages(ask, at.spot if turn == at.turn else START):
                    yield self._batch(self._fresh(company, rows), company, _Place(turn, spot).text)

    def documents(self, company: str, condition: str) -> Iterator[Batch]:
        """The documents of one company that meet a condition, without a place to go on from."""
        for rows, _ in self.service.pages(self._ask(company, condition), START):
            yield self._batch(self._fresh(company, rows), company, "")

    def count(self, condition: str) -> int:
        """How many documents meet a condition."""
        return sum(self.service.count(self._ask(company, condition)) for company in self.companies)

    def _ask(self, company: str, condition: str) -> Ask:
        address = "/".join(each for each in (self.plan.root, self.plan.address) if each)
        return Ask(
            address.replace("{company}", company),
            self.plan.entity,
            selection(self.plan.paths, self.service.version),
            condition,
            self.size,
        )

    def _fresh(self, company: str, rows: Sequence[Row]) -> Sequence[Row]:
        if self._seen is None:
            return rows
        fresh = [row for row in rows if (company, key_of(row, self.plan.entity)) not in self._seen]
        self._seen.update((company, key_of(row, self.plan.entity)) for row in fresh)
        return fresh

    def _batch(self, rows: Sequence[Row], company: str, place: str) -> Batch:
        facts = self.facts(company)
        rows = self.adjust(rows)
        own = self.plan.documents
        return Batch(
            rows=[tuple([text(row, row, facts) for text in own.texts]) for row in rows],
            beside={each.stream.name: self._children(each, rows, company, facts) for each in self.plan.beside},
            place=place,
        )

    def _children(
        self, table: Table, rows: Sequence[Row], company: str, facts: Mapping[str, str]
    ) -> list[tuple[str | None, ...]]:
        if table.how == "itself":
            return [line for row in rows for line in table.rows([row], row, facts)]
        if table.how == "flat":
            return self._flat(table, rows, company, facts)
        return [line for row in rows for line in table.rows(self._expanded(table, row), row, facts)]

    def _expanded(self, table: Table, row: Row) -> list[Row]:
        """All rows that a navigation leads to, also where the server sent only the first of them."""
        found: Any = row.get(table.source)
        link: Any = row.get(f"{table.source}@odata.nextLink")
        if isinstance(found, dict):
            if "__deferred" in found:
                raise broken(self.service.session.source, f"{table.source} was not expanded")
            found, link = (found["results"], found.get("__next")) if "results" in found else ([first_of(found)], "")
        if found is None and f"{table.source}" in row:
            return []
        if not isinstance(found, list):
            raise broken(self.service.session.source, f"{table.source} is missing in a row")
        lines = list(found)
        while isinstance(link, str) and link:
            more, _, link = self.service.rows_of(self.service.get(link).body)
            lines += more
        keys = [key_of(line, table.entity) for line in lines]
        if len(set(keys)) != len(keys):
            raise broken(self.service.session.source, f"rows of {table.source} came twice")
        return lines

    def _flat(
        self, table: Table, rows: Sequence[Row], company: str, facts: Mapping[str, str]
    ) -> list[tuple[str | None, ...]]:
        found: list[tuple[str | None, ...]] = []
        names = {str(row.get(table.by)): row for row in rows}
        paths = frozenset({(table.of,)} | table.made.paths | {(key,) for key in table.entity.keys})
        address = "/".join(each for each in split_object(table.source) if each).replace("{company}", company)
        texts = list(names)
        for start in range(0, len(texts), PARENTS_AT_ONCE):
            condition = any_of(table.entity, table.of, texts[start : start + PARENTS_AT_ONCE], self.service.version)
            ask = Ask(address, table.entity, selection(paths, self.service.version), condition, self.size)
            for lines, _ in self.service.pages(ask, START):
                for line in lines:
                    found += table.rows([line], names.get(str(line.get(table.of)), {}), facts)
        return found


@dataclass(frozen=True)
class _Place:
    """Number of the condition, id of the company, and the spot in its pages."""

    turn: tuple[int, str] = (0, "")
    spot: Spot = START

    @property
    def text(self) -> str:
        return json.dumps([*self.turn, list(self.spot.key), self.spot.link, self.spot.rows])

    @classmethod
    def read(cls, text: str) -> "_Place":
        if not text:
            return cls()
        number, company, key, link, rows = json.loads(text)
        return cls((number, company), Spot(tuple(key), link, rows))


def without_columns(table_columns: Mapping[str, Any], *kept: str) -> dict[str, Any]:
    """Only these columns of a stream's map."""
    return {name: column for name, column in table_columns.items() if name in kept}


def only_keys(plan_of: Callable[..., Plan], plan: Plan, wanted: str) -> Plan:
    """The same plan with nothing but the keys of one of its streams."""
    own = replace(plan.documents.stream, columns=without_columns(plan.documents.stream.columns, "key"), cursor="")
    lines = [
        replace(each.stream, columns=without_columns(each.stream.columns, "key"))
        for each in plan.beside
        if each.stream.name == wanted
    ]
    return plan_of(own, lines)
