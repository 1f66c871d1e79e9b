"""Fields of ERPNext's documents that are computed here; their names begin with _."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from integration_hub.erp.erpnext.frappe_lists import FrappeLists, Listing, Record
from integration_hub.erp.erpnext.invoices import gross_of
from integration_hub.erp.erpnext.site_time import to_utc

ADDRESS = {"_street": "address_line1", "_city": "city", "_postal_code": "pincode", "_country": "country"}
STAMPS = ("modified", "creation")


@dataclass(frozen=True)
class ErpNextFields:
    """What is known of the site: `companies` maps a company to its currency."""

    lists: FrappeLists
    zone: ZoneInfo
    companies: Mapping[str, str]

    def add(self, doctype: str, documents: Sequence[Record]) -> None:
        """Add the computed fields of a page; stamps become UTC. Raises SourceProblem."""
        own = OF_DOCTYPE.get(doctype)
        for each in documents:
            for name in STAMPS:
                if each.get(name):
                    each[name] = to_utc(self.zone, each[name])
            each["_company_currency"] = self.companies.get(str(each.get("company")), "")
            each["_time_zone"] = self.zone.key
            if own is not None:
                own(each)
        if doctype == "Customer":
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


def _contact(document: Record) -> None:
    document["_name"] = " ".join(part for part in (document["first_name"], document["last_name"]) if part)


def _order(document: Record) -> None:
    document["_gross"] = gross_of(document)


def _delivery(document: Record) -> None:
    document["_shipped_on"] = document["posting_date"] if str(document["docstatus"]) == "1" else None


def _invoice(document: Record) -> None:
    document["_gross"] = gross_of(document)
    kind = "debit_note" if str(document["is_debit_note"]) == "1" else "invoice"
    document["_kind"] = "credit_note" if str(document["is_return"]) == "1" else kind


def _payment(document: Record) -> None:
    """Money received is positive, money paid back negative, each in the currency of the customer's account."""
    back = document["payment_type"] == "Pay"
    document["_currency"] = document["paid_to_account_currency" if back else "paid_from_account_currency"]
    document["_amount"] = _signed(document["received_amount" if back else "paid_amount"], back=back)
    document["_unallocated"] = _signed(document["unallocated_amount"], back=back)


def _signed(amount: object, *, back: bool) -> str:
    text = str(amount or "0")
    if not back:
        return text
    return text.removeprefix("-") if text.startswith("-") else f"-{text}"


OF_DOCTYPE: Mapping[str, Callable[[Record], None]] = {
    "Contact": _contact,
    "Sales Order": _order,
    "Delivery Note": _delivery,
    "Sales Invoice": _invoice,
    "Payment Entry": _payment,
}
