"""Customers: Tryton knows parties only, be they customers, suppliers or persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from integration_hub.erp.adapter import Batch
from integration_hub.erp.tryton.fields import is_true, reference, stamp_of
from integration_hub.erp.tryton.plan import Plan, contact_types
from integration_hub.erp.tryton.wire import Domain, Record, text_of

ADDRESS = "party.address"
ADDRESS_FIELDS = ("party", "sequence", "invoice", "street", "postal_code", "city", "country.name")
RELATION = "party.relation.all"
WITH_PARTY: Mapping[str, str] = {"account.invoice": "party", "sale.sale": "party", "stock.shipment.out": "customer"}


@dataclass
class Customers(Plan):
    """All parties, but not the contacts of others that have no documents of their own."""

    computed: ClassVar[tuple[str, ...]] = ("key", "source_modified_at", "street", "postal_code", "city", "country")
    touched: ClassVar[tuple[str, ...]] = ("", "addresses.", "contact_mechanisms.", "identifiers.")
    company: ClassVar[str] = ""
    lacks: ClassVar[tuple[str, ...]] = (
        "all parties are customers, suppliers too; contacts of other parties without own documents are not",
    )

    def batch(self, model: str, page: Sequence[Record]) -> Batch:
        kept = self._customers(page)
        addresses = self._addresses([each["id"] for each in kept])
        rows = []
        for party in kept:
            address = addresses.get(party["id"])
            where = (
                [text_of(address.get(name)) for name in ("street", "postal_code", "city")] if address else [None] * 3
            )
            country = text_of((address.get("country") or {}).get("name")) if address else None
            stamp = max(stamp_of(party), stamp_of(address) if address else "")
            rows.append(self.table.row(party, party["id"], stamp, *where, country))
        return Batch(rows)

    def keys_of(self, prefix: str, page: Sequence[Record]) -> Sequence[str]:
        return [prefix + each["id"] for each in self._customers(page)]

    def _customers(self, page: Sequence[Record]) -> list[Record]:
        """The parties of a page that are no mere contacts."""
        contacts: set[str] = set()
        if self.catalogue.fields(RELATION):
            ids = [each["id"] for each in page]
            relations = self.wire.of(RELATION, "to", ids, ("to",), [contact_types(self.wire)])
            contacts = {reference(relation, "to") for relation in relations}
            for model, name in WITH_PARTY.items():
                if contacts and self.catalogue.fields(model):
                    contacts -= {reference(each, name) for each in self._some(model, name, contacts)}
        return [each for each in page if each["id"] not in contacts]

    def _some(self, model: str, name: str, parties: set[str]) -> list[Record]:
        return self.wire.of(model, name, sorted(parties), (name,))

    def _addresses(self, parties: Sequence[str]) -> dict[str, Record]:
        """One address for each party: the first that is for invoices, else the first."""
        fields = [name for name in ADDRESS_FIELDS if self.catalogue.has(ADDRESS, name)]
        domain: Domain = [["active", "=", True]]
        found: dict[str, Record] = {}
        for address in self.wire.of(ADDRESS, "party", parties, (*fields, "create_date", "write_date"), domain):
            party = reference(address, "party")
            if party not in found or _rank(address) < _rank(found[party]):
                found[party] = address
        return found


def _rank(address: Record) -> tuple[bool, int, int]:
    return not is_true(address.get("invoice")), int(address.get("sequence") or 0), int(address["id"])
