"""The tabs of the customer page with their counts."""

from dataclasses import dataclass

from django.urls import reverse

from customers.models import CustomerRollup
from customers.pages.document_lists import LISTINGS, all_documents
from customers.pages.identity import Identity
from customers.pages.people import build_people


@dataclass(frozen=True)
class Tab:
    """One tab; the overview has no count."""

    label: str
    url: str
    count: int | None
    current: bool


# Lists whose length the roll-up keeps; the publish that changes rows recomputes it in the same transaction.
STORED = {"invoices": "invoice_count", "deliveries": "delivery_count"}


def build_tabs(identity: Identity, rollup: CustomerRollup | None, current: str) -> tuple[Tab, ...]:
    """Overview, one tab per list, contacts. Counts are the lengths of the lists they open."""
    tabs = [Tab("Overview", reverse("customers:detail", args=(identity.pk,)), None, current == "overview")]
    for name, listing in LISTINGS.items():
        if rollup is not None and name in STORED:
            count: int = getattr(rollup, STORED[name])
        else:
            count = all_documents(listing, identity).count()
        tabs.append(Tab(listing.label, reverse(f"customers:{name}", args=(identity.pk,)), count, current == name))
    people = len(build_people(identity.account, identity.keys))
    tabs.append(Tab("Contacts", reverse("customers:contacts", args=(identity.pk,)), people, current == "contacts"))
    return tuple(tabs)
