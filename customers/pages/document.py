"""What all four document pages have in common: heading, customer, pills, company and rate."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from customers.access import User, prepared_visible
from customers.companies import counts
from customers.models import AccountLink, Customer
from customers.pages.chain_columns import Chain
from customers.pages.identity import Pill
from customers.pages.rate_note import RateNote
from customers.pages.sharing import SHARED, Sharing, sharing_of

COLOURS = {
    "order": {"open": "pill-seg", "done": "pill-good", "cancelled": "pill-bad"},
    "delivery": {"shipped": "pill-good", "cancelled": "pill-bad"},
    "invoice": {"open": "pill-seg", "part_paid": "pill-warn", "paid": "pill-good", "cancelled": "pill-bad"},
}


@dataclass(frozen=True)
class Heading:
    """Who and what a document page is about; `row` is the mirrored document."""

    kind: str
    label: str
    row: Any
    customer: Customer | None
    pills: tuple[Pill, ...]
    chain: Chain
    rate: RateNote | None = None
    sharing: Sharing | None = None

    @property
    def counts(self) -> bool:
        """Whether it is of a company whose documents count."""
        return counts(self.row)

    @property
    def number(self) -> str:
        """The document's number, its key where it has none."""
        return str(self.row.number or self.row.key)


def heading(kind: str, label: str, row: Any, user: User, chain: Chain, *, rate: RateNote | None = None) -> Heading:
    """The heading of a document with a status."""
    customer, sharing = adds_to(kind, row, user)
    return Heading(kind, label, row, customer, pills_of(kind, row), chain, rate, sharing)


def customer_of(kind: str, row: Any, user: User) -> Customer | None:
    """The customer that a document of a kind adds to, where the user may see it; the first of several."""
    return adds_to(kind, row, user)[0]


def adds_to(kind: str, row: Any, user: User) -> tuple[Customer | None, Sharing | None]:
    """The first customer that a document adds to and that the user may see, and who shares it where a rule does."""
    if not row.customer_id:
        return None, None
    links = _links(user, (row.customer_id,))
    if not any(link.method == SHARED or link.places is not None or link.part_to is not None for link in links):
        return (links[0].customer, None) if links else (None, None)
    return sharing_of(kind, row, links, user)


@prepared_visible
def _links(erp_customers: tuple[str, ...]) -> QuerySet[AccountLink]:
    links = AccountLink.objects.filter(erp_customer__in=erp_customers).select_related("customer")
    return links.order_by("place")


def pills_of(kind: str, row: Any) -> tuple[Pill, ...]:
    """Status, hold and whether the ERP still has it."""
    pills = [Pill(row.get_status_display(), COLOURS[kind].get(row.status, ""), row.source_status)]
    if getattr(row, "hold_reason", ""):
        pills.append(Pill(f"On hold: {row.hold_reason}", "pill-warn"))
    if row.deleted_at:
        pills.append(Pill("Gone from the ERP", "pill-warn", row.gone_reason))
    return tuple(pills)
