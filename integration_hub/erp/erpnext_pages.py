"""Completes a page of ERPNext's documents: computed fields, their lines, open items and allocations, as text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.adapter import Row
from integration_hub.erp.erpnext_invoices import add_settlement, gross_of
from integration_hub.erp.erpnext_tables import ALWAYS, LEDGER, LEDGER_FIELDS, SCHEDULE
from integration_hub.erp.frappe_lists import FrappeLists, Listing, Record
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.site_time import to_utc
from integration_hub.sources import SourceProblem

ADDRESS = {"_street": "address_line1", "_city": "city", "_postal_code": "pincode", "_country": "country"}
STAMPS = ("modified", "creation")


def columns_of(stream: StreamConfig) -> tuple[str, ...]:
    """Every source column that the stream's declaration names."""
    named = [name for column in stream.columns.values() for name in column.source]
    named += [each.column for each in stream.filters]
    return tuple(dict.fromkeys([*named, *([stream.cursor] if stream.cursor else [])]))


@dataclass(frozen=True)
class ErpNextPages:
    """What is known of the site while its pages are completed; `companies` maps a company to its currency."""

    source: SourceConfig
    lists: FrappeLists
    zone: ZoneInfo
    companies: Mapping[str, str]

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
        self._compute(stream.object, documents)
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
        self._compute(parent.object, documents)
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
            live = [["delinked", "=", 0], ["party_type", "=", "Customer"]]
            either = [["against_voucher_no", "in", names], ["voucher_no", "in", names]]
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

    def _compute(self, doctype: str, documents: Sequence[Record]) -> None:
        for each in documents:
            for name in STAMPS:
                if each.get(name):
                    each[name] = to_utc(self.zone, each[name])
            company = each.get("name") if doctype == "Company" else each.get("company")
            each["_company_currency"] = self.companies.get(str(company), "")
            each["_time_zone"] = self.zone.key
        if doctype in {"Sales Order", "Sales Invoice"}:
            for each in documents:
                each["_gross"] = gross_of(each)
        if doctype == "Sales Invoice":
            for each in documents:
                kind = "debit_note" if str(each["is_debit_note"]) == "1" else "invoice"
                each["_kind"] = "credit_note" if str(each["is_return"]) == "1" else kind
        elif doctype == "Delivery Note":
            for each in documents:
                each["_shipped_on"] = each["posting_date"] if str(each["docstatus"]) == "1" else None
        elif doctype == "Payment Entry":
            for each in documents:
                _pay(each)
        elif doctype == "Customer":
            self._add_addresses(documents)
        elif doctype == "Contact":
            self._add_customers(documents)

    def _add_addresses(self, documents: Sequence[Record]) -> None:
        names = sorted({str(each["customer_primary_address"] or "") for each in documents} - {""})
        found: dict[str, Record] = {}
        if names:
            listing = Listing("Address", ("name", *ADDRESS.values()), [["name", "in", names]])
            found = {str(row["name"]): row for row in self.lists.rows(listing)}
        for each in documents:
            address = found.get(str(each["customer_primary_address"] or ""), {})
            each.update({name: address.get(field) for name, field in ADDRESS.items()})

    def _add_customers(self, documents: Sequence[Record]) -> None:
        names = [str(each["name"]) for each in documents]
        of_contact: dict[str, str] = {}
        if names:
            listing = Listing("Dynamic Link", ("link_name",), [["link_doctype", "=", "Customer"]], parent="Contact")
            for row in self.lists.children(listing, names):
                of_contact.setdefault(str(row["parent"]), str(row["link_name"]))
        for each in documents:
            each["_customer"] = of_contact.get(str(each["name"]))
            each["_name"] = " ".join(part for part in (each["first_name"], each["last_name"]) if part)


def _pay(payment: Record) -> None:
    """Money received is positive, money paid back negative, each in the currency of the customer's account."""
    back = payment["payment_type"] == "Pay"
    sign = "-" if back else ""
    amount = payment["received_amount" if back else "paid_amount"]
    payment["_currency"] = payment["paid_to_account_currency" if back else "paid_from_account_currency"]
    payment["_amount"] = signed(amount, sign)
    payment["_unallocated"] = signed(payment["unallocated_amount"], sign)


def signed(amount: Any, sign: str) -> str:
    """The amount's text with that sign in front."""
    text = str(amount or "0")
    return text.removeprefix("-") if sign and text.startswith("-") else f"{sign}{text}"


def as_rows(records: Sequence[Record], columns: Sequence[str]) -> list[Row]:
    """Records as text in the order of the columns, nothing where they are empty."""
    return [[_text(record.get(name)) for name in columns] for record in records]


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    return "true" if value is True else "false" if value is False else json.dumps(value)
