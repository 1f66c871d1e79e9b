"""Pages of one OData question: behind the last key where keys have an order, else along the server's own next links."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from integration_hub.erp.http import Answer, ReadOnlySession
from integration_hub.erp.http_errors import KEPT, broken, of_status
from integration_hub.erp.odata.functions import Row
from integration_hub.erp.odata.metadata import EntityType
from integration_hub.erp.odata.values import literal
from integration_hub.sources import SourceProblem

Key = tuple[str, ...]
SAFE = "$(),'/:;=@*"
EXPIRED = frozenset({400, 404, 410})
"""Statuses of a next link that the server no longer knows."""


class LinkExpired(SourceProblem):
    """The server no longer knows a next link."""


@dataclass(frozen=True)
class Spot:
    """Where a read goes on: behind a key, or at a next link."""

    key: Key = ()
    link: str = ""
    rows: int = 0


START = Spot()


@dataclass(frozen=True)
class Ask:
    """One question: address of an entity set, its type, what to select and expand, a condition, rows per page."""

    address: str
    entity: EntityType
    selection: Mapping[str, str]
    condition: str = ""
    size: int = 500


@dataclass
class Service:
    """One OData service behind a session. `always` are parameters that every request has, such as sap-client."""

    session: ReadOnlySession
    version: str
    always: Mapping[str, str] = field(default_factory=dict)

    def pages(self, ask: Ask, spot: Spot) -> Iterator[tuple[list[Row], Spot]]:
        """Each page with the spot behind it, empty pages left out.

        Raises SourceProblem (transient) where a page repeats, comes out of order, or rows are missing at the end. A
        next link that the server no longer knows begins the read anew, once.
        """
        whole, restarted = spot == START, False
        expected: int | None = None
        before: frozenset[Key] = frozenset()
        links: set[str] = {spot.link}
        while True:
            try:
                rows, count, link = self._page(ask, spot, counted=whole and expected is None)
            except LinkExpired:
                if restarted:
                    raise
                spot, whole, restarted, expected, before, links = START, True, True, None, frozenset(), {""}
                continue
            expected = count if expected is None else expected
            keys = [key_of(row, ask.entity) for row in rows]
            self._check_order(ask, keys, before, spot)
            if ask.entity.ordered:
                more = bool(rows) and (bool(link) or len(rows) >= ask.size)
                spot = Spot(keys[-1] if keys else spot.key, rows=spot.rows + len(rows))
            elif link or self.version == "v4":
                if link in links and link:
                    raise self._disordered("the same page is named again")
                links.add(link)
                more, spot = bool(link), Spot(link=link, rows=spot.rows + len(rows))
            else:
                more, spot = len(rows) >= ask.size, Spot(rows=spot.rows + len(rows))
            if rows:
                yield rows, spot
            before = frozenset(keys)
            if not more:
                break
        if whole and expected is not None and spot.rows != expected:
            self._check_count(ask, spot.rows, expected)

    def count(self, ask: Ask) -> int:
        """How many rows there are."""
        small = {"$select": ",".join(ask.entity.keys)}
        _, count, _ = self._page(replace(ask, selection=small, size=1), START, counted=True, top=True)
        if count is None:
            raise broken(self.session.source, "the count that was asked for is missing")
        return count

    def _page(self, ask: Ask, spot: Spot, *, counted: bool, top: bool = False) -> tuple[list[Row], int | None, str]:
        if spot.link:
            answer = self.get(spot.link, accept=EXPIRED)
            if answer.status not in EXPIRED:
                return self.rows_of(answer.body)
            known = of_status(self.session.source, answer.status, answer.body)
            raise LinkExpired(known.problem, known.meaning, known.remedy, transient=True)
        conditions = [each for each in (ask.condition, self._behind(ask.entity, spot.key)) if each]
        asked = {**ask.selection, "$filter": " and ".join(f"({each})" for each in conditions)}
        if len(conditions) < 2:
            asked["$filter"] = "".join(conditions)
        ordered = ask.entity.ordered
        asked["$orderby"] = ",".join(ask.entity.keys) if ordered or self.version == "v2" else ""
        if ordered or self.version == "v2" or top:
            asked["$top"] = str(ask.size)
        if not ordered and self.version == "v2" and spot.rows:
            asked["$skip"] = str(spot.rows)
        if counted:
            asked |= {"$inlinecount": "allpages"} if self.version == "v2" else {"$count": "true"}
        prefer = {} if ordered or self.version == "v2" or top else {"Prefer": f"odata.maxpagesize={ask.size}"}
        return self.rows_of(self.get(ask.address, asked, prefer).body)

    def get(
        self,
        address: str,
        asked: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """GET below the source's address, or a next link; spaces are written as %20, which every server reads."""
        if asked is not None:
            form = {"$format": "json"} if self.version == "v2" else {}
            every = {**self.always, **form, **asked}
            text = "&".join(f"{name}={quote(value, safe=SAFE)}" for name, value in every.items() if value)
            address = f"{address}?{text}" if text else address
        return self.session.get(address, headers=headers or {}, accept=accept)

    def rows_of(self, body: Any) -> tuple[list[Row], int | None, str]:
        """Rows, their count where it was asked for, and the address of the next page. Raises for what is no OData."""
        inner = body.get("d") if self.version == "v2" and isinstance(body, dict) else body
        names = (
            ("results", "__count", "__next") if self.version == "v2" else ("value", "@odata.count", "@odata.nextLink")
        )
        found = inner.get(names[0]) if isinstance(inner, dict) else inner
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise broken(self.session.source, "it holds no list of rows")
        count = inner.get(names[1]) if isinstance(inner, dict) else None
        link = inner.get(names[2]) if isinstance(inner, dict) else None
        return found, int(str(count)) if str(count).isdigit() else None, link if isinstance(link, str) else ""

    def _behind(self, entity: EntityType, key: Key) -> str:
        """The condition "key greater than this one", part by part."""
        parts = []
        for place in range(len(key) if entity.ordered else 0):
            same = [
                self._compared(entity, name, "eq", text) for name, text in zip(entity.keys, key[:place], strict=False)
            ]
            parts.append(" and ".join([*same, self._compared(entity, entity.keys[place], "gt", key[place])]))
        return parts[0] if len(parts) == 1 else " or ".join(f"({part})" for part in parts)

    def _compared(self, entity: EntityType, name: str, how: str, text: str) -> str:
        return f"{name} {how} {literal(text, entity.properties[name], self.version)}"

    def _check_order(self, ask: Ask, keys: list[Key], before: frozenset[Key], spot: Spot) -> None:
        if len(set(keys)) != len(keys) or not before.isdisjoint(keys):
            raise self._disordered("rows came twice")
        if ask.entity.ordered:
            last = spot.key
            for key in keys:
                # Only digits have the same order everywhere; leading zeros may be hidden.
                if last and all(part.isdigit() for part in (*last, *key)) and _number(key) <= _number(last):
                    raise self._disordered("rows came out of order")
                last = key

    def _check_count(self, ask: Ask, delivered: int, expected: int) -> None:
        """While a read takes its time rows come and go; what lies between both counts is no gap."""
        now = self.count(ask)
        if not min(expected, now) <= delivered <= max(expected, now):
            raise self._disordered(f"{delivered:,} rows came, of {expected:,}")

    def _disordered(self, how: str) -> SourceProblem:
        return SourceProblem(
            f"The pages of {self.session.source.label} do not fit together: {how}.",
            f"A part might be missing, so it does not count. {KEPT}",
            "Nothing to do if it happens once: it is read again.",
            transient=True,
        )


def key_of(row: Row, entity: EntityType) -> Key:
    """The entity's key as text; empty parts where a row has none."""
    return tuple(str(row.get(name) or "") for name in entity.keys)


def _number(key: Key) -> tuple[int, ...]:
    return tuple(int(part) for part in key)
