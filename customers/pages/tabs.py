"""The tabs of the customer page with their counts."""

from dataclasses import dataclass

from customers.hidden import may_show
from customers.pages.document_lists import LISTINGS, OPPORTUNITIES, all_documents
from customers.pages.products import build_products
from customers.pages.scope import Scope


@dataclass(frozen=True)
class Tab:
    """One tab; the count is None where the page is no list of documents."""

    label: str
    url: str
    count: int | None
    current: bool


# Lists whose length the roll-up keeps; the publish that changes rows recomputes it in the same transaction.
STORED = {
    "orders": "listed_order_count",
    "deliveries": "delivery_count",
    "invoices": "invoice_count",
    "payments": "payment_count",
}
WITHOUT_COUNT = {"products": "Products", "timeline": "Timeline"}


def build_tabs(scope: Scope, current: str) -> tuple[Tab, ...]:
    """Overview, one tab per list, contacts, products, timeline. Counts are the lengths of the lists they open."""
    tabs = [Tab("Overview", scope.url("detail"), None, current == "overview")]
    count: int | None
    for name, listing in LISTINGS.items():
        if scope.rollup is not None and name in STORED and not scope.past:
            count = getattr(scope.rollup, STORED[name])
        elif listing is OPPORTUNITIES:
            # Salesforce says what is open now, not what was.
            count = None if scope.past else scope.deals.every
        else:
            count = all_documents(listing, scope).count()
        tabs.append(Tab(listing.label, scope.url(name), count, current == name))
    tabs.append(Tab("Contacts", scope.url("contacts"), len(scope.people) + scope.more_people, current == "contacts"))
    tabs += [
        Tab(label, scope.url(name), None, current == name)
        for name, label in WITHOUT_COUNT.items()
        if name != "products" or may_show(build_products, scope.hidden)
    ]
    return tuple(tabs)
