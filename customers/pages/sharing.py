"""Who shares a document, and which part of an ERP customer is an account's, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from customers.access import User, sees_all
from customers.models import AccountLink, Customer, DocumentPlace
from customers.parts import PartKey, parts_among
from integration_hub.models import ErpCustomer

SHARED = "shared"
ZERO = Decimal(0)
FOUND = {
    "stated": "as the document says",
    "order": "by the order that it came from",
    "delivery": "by the delivery that it came from",
    "invoice": "by its invoice",
    "item": "by what it paid",
    "none": "Nobody knows where it was delivered, so it goes with the rest",
    "several": "It came from deliveries to several parties, so it goes with the rest",
}


@dataclass(frozen=True)
class Sharing:
    """The accounts that a document adds to by a rule, those the reader may see, each with its part in words; `others`
    counts those not seen, `why` says how the ship-to party is known, `url` leads to the rule where the reader may.
    """

    accounts: tuple[tuple[Customer, str], ...]
    others: int
    why: str
    url: str


def percent_words(share: Decimal) -> str:
    """A part of 1 as a per cent without zeros at its end: 33.33%."""
    return f"{format((share * 100).normalize(), 'f')}%"


def sharing_of(kind: str, row: Any, links: Sequence[AccountLink], user: User) -> tuple[Customer | None, Sharing]:
    """The first customer among some links that a document of a kind adds to, and everybody that it adds to."""
    divided = [link for link in links if link.part_to is not None]
    url = reverse("customers:link_case", args=[row.customer_id]) if sees_all(user) else ""
    if divided:
        shown = tuple(
            (link.customer, percent_words((link.part_to or ZERO) - (link.part_from or ZERO))) for link in divided
        )
        others = AccountLink.objects.filter(erp_customer=row.customer_id).count() - len(divided)
        return divided[0].customer, Sharing(shown, others, "", url)
    place = DocumentPlace.objects.filter(kind=kind, document=row.key).first()
    goes_to = place.place if place else ""
    taking = [link for link in links if link.places is not None and (goes_to in link.places) != link.is_rest]
    why = FOUND[place.found if place else "none"]
    if goes_to:
        master = ErpCustomer.objects.filter(key=goes_to).first()
        why = f"Delivered to {(master.name or master.number) if master else goes_to}, {why}"
    shown = tuple((link.customer, "") for link in taking)
    return (taking[0].customer if taking else None), Sharing(shown, 0, why, url)


def shares_of(customer: Customer, erp_customers: set[str | None]) -> dict[str, str]:
    """By ERP customer that a rule shares by per cent, how much of it is a customer's, in words."""
    links = AccountLink.objects.filter(customer=customer, erp_customer__in=erp_customers, part_to__isnull=False)
    return {link.erp_customer: percent_words((link.part_to or ZERO) - (link.part_from or ZERO)) for link in links}


def part_words(keys: Sequence[str], *, short: bool = False) -> tuple[str, ...]:
    """Which part of each shared ERP customer is meant by these keys, in words; one query, none where no part is.
    `short` leaves out whose.
    """
    parts = parts_among(keys)
    if not parts:
        return ()
    wanted = {*map(str, parts), *(place for part in parts for place in part.places or ())}
    names = {row.key: row.number or row.name or row.key for row in ErpCustomer.objects.filter(key__in=wanted)}
    return tuple(_short(part, names) if short else _words(part, names) for part in parts)


def _words(part: PartKey, names: dict[str, str]) -> str:
    number = names.get(str(part), str(part))
    if part.share is not None:
        return (
            f"{percent_words(part.share)} of ERP {number}: figures count that part, and lists show it beside the whole"
        )
    return f"Of ERP {number} {_short(part, names)}"


def _short(part: PartKey, names: dict[str, str]) -> str:
    if part.share is not None:
        return percent_words(part.share)
    parties = ", ".join(names.get(place, place) for place in part.places or ())
    if part.is_rest:
        return f"what does not go to {parties}" if parties else "everything"
    return f"what goes to {parties}"
