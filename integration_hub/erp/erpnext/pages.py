"""Completes a page of ERPNext's documents: computed fields, their lines, open items and allocations, as text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Row
from integration_hub.erp.declared import as_rows, columns_of
from integration_hub.erp.erpnext.fields import ErpNextFields
from integration_hub.erp.erpnext.frappe_lists import Filters, FrappeLists, Listing, Record
from integration_hub.erp.erpnext.invoices import add_settlement
from integration_hub.erp.erpnext.tables import ALWAYS, LEDGER, LEDGER_FIELDS, SCHEDULE
from integration_hub.erp.http_errors import KEPT
from integration_hub.sources import SourceProblem


@dataclass(frozen=True)
class ErpNextPages:
    """Reads what belongs to a page of documents."""

    source: SourceConfig
    lists: FrappeLists
    fields_of: ErpNextFields

    def fields(self, stream: StreamConfig) -> tuple[str, ...]:
        """What is asked of the site: names that begin with _ are computed here."""
        asked = [name for name in columns_of(stream) if not name.startswith("_")]
        return tuple(dict.fromkeys(["name", "modified", *ALWAYS.get(stream.object, ()), *asked]))

    def where(self, stream: StreamConfig) -> list[list[Any]]:
        """The stream's own conditions, written as Frappe takes filters: [["party_type", "=", "Customer"]]."""
        if not stream.where:
            return []
        try:
            found = json.loads(stream.where)
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, list) or not all(isinstance(each, list) and len(each) in {3, 4} for each in found):
            raise SourceProblem(
                f'The where of "{stream.name}" is no list of filters.',
                KEPT,
                'Write it as Frappe takes filters, such as [["party_type", "=", "Customer"]], in hub.toml.',
            )
        return [list(each) for each in found]

    def complete(self, stream: StreamConfig, documents: list[Record]) -> tuple[Sequence[Row], dict[str, Sequence[Row]]]:
        """Rows of a page of documents, and of all streams that come with them."""
        self.fields_of.add(stream.object, documents)
        within = [each for each in self.source.streams if each.within == stream.name]
        computed = self._computed(stream, within, documents)
        beside: dict[str, Sequence[Row]] = {}
        for each in within:
            found = computed[each.object] if each.object in computed else self._lines(stream, each, documents)
            beside[each.name] = as_rows(found, columns_of(each))
        return as_rows(documents, columns_of(stream)), beside

    def is_computed(self, stream: StreamConfig) -> bool:
        """Whether its rows are made here instead of being rows of the site."""
        return stream.object in {SCHEDULE, LEDGER}

    def computed_keys(self, parent: StreamConfig, stream: StreamConfig, documents: list[Record]) -> list[str]:
        """Keys of the computed rows of these documents."""
        self.fields_of.add(parent.object, documents)
        found = self._computed(parent, [stream], documents)
        return [str(record["name"]) for record in found[stream.object]]

    def _computed(
        self, parent: StreamConfig, within: Sequence[StreamConfig], documents: Sequence[Record]
    ) -> dict[str, list[Record]]:
        """Open items and allocations of invoices, which also say in what state an invoice is."""
        if parent.object != "Sales Invoice":
            return {}
        names = [str(each["name"]) for each in documents if str(each["docstatus"]) == "1"]
        schedules: list[Record] = []
        ledger: list[Record] = []
        if names:
            wanted = Listing(SCHEDULE, ("due_date", "payment_amount"), parent=parent.object)
            schedules = self.lists.children(wanted, names)
            live: Filters = [["delinked", "=", 0], ["party_type", "=", "Customer"]]
            either: Filters = [["against_voucher_no", "in", names], ["voucher_no", "in", names]]
            ledger = self.lists.rows(Listing(LEDGER, LEDGER_FIELDS, live, either))
        items, allocations = add_settlement(documents, schedules, ledger)
        return {SCHEDULE: items, LEDGER: allocations}

    def _lines(self, parent: StreamConfig, stream: StreamConfig, documents: Sequence[Record]) -> list[Record]:
        by_name = {str(each["name"]): each for each in documents}
        if not by_name:
            return []
        asked = tuple(name for name in columns_of(stream) if not name.startswith("_"))
        found = self.lists.children(
            Listing(stream.object, asked, self.where(stream), parent=parent.object), list(by_name)
        )
        for row in found:
            document = by_name[row["parent"]]
            row["_customer"], row["_modified"] = document.get("customer"), document["modified"]
        return found
