"""What a search finds: customers by words of name, numbers and city; documents by their exact number."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.urls import reverse

from customers.access import User, visible
from customers.models import Customer
from customers.search import matching
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder

MOST = 25


@dataclass(frozen=True)
class FoundDocument:
    """A document with exactly that number."""

    kind: str
    number: str
    url: str
    day: date | None
    amount: Decimal | None
    currency: str


@dataclass(frozen=True)
class Search:
    """Everything found; `only_url` is set when there is exactly one hit."""

    customers: tuple[Customer, ...]
    documents: tuple[FoundDocument, ...]
    more: bool
    only_url: str


# Only kinds whose number is indexed: a search must never read a whole table.
DOCUMENTS: tuple[tuple[str, type[Model], str, str], ...] = (
    ("order", ErpOrder, "ordered_on", "net_amount"),
    ("delivery", ErpDelivery, "shipped_on", ""),
    ("invoice", ErpInvoice, "issued_on", "net_amount"),
)


def build_search(text: str, user: User) -> Search:
    """Nothing for an empty text; at most 25 customers and 25 documents of each kind."""
    if not text:
        return Search((), (), more=False, only_url="")
    people = visible(Customer.objects.filter(matching(text, "search_text")), user).order_by("gone_at", "name", "pk")
    customers = tuple(people[: MOST + 1])
    documents = tuple(found for kind in DOCUMENTS for found in _documents(text, user, *kind))
    hits = [reverse("customers:detail", args=(one.pk,)) for one in customers] + [one.url for one in documents]
    return Search(customers[:MOST], documents, len(customers) > MOST, hits[0] if len(hits) == 1 else "")


def _documents(text: str, user: User, kind: str, model: Any, day: str, amount: str) -> list[FoundDocument]:
    rows = visible(model.objects.live().filter(number=text), user).order_by(f"-{day}", "key")[:MOST]
    return [
        FoundDocument(
            kind=kind.capitalize(),
            number=row.number,
            url=reverse(f"customers:{kind}", args=(row.key,)),
            day=getattr(row, day),
            amount=getattr(row, amount) if amount else None,
            currency=getattr(row, "currency", ""),
        )
        for row in rows
    ]
