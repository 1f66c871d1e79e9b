"""What a search shows of documents: number, the customer's own order number, whose it is, when, how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse

from customers import formats
from customers.access import User, sees_all, visible
from customers.companies import counting
from customers.models import AccountLink
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is called, what tells it from others, an amount or a day at its right. `exact` when the
    text is its whole number.
    """

    label: str
    detail: str
    aside: str
    url: str
    exact: bool = False
    bad: bool = False
    gone: bool = False


@dataclass(frozen=True)
class Group:
    """Hits of one kind; `more_url` leads to all of them where there are more and a list shows them."""

    label: str
    icon: str
    hits: tuple[Hit, ...]
    more: bool = False
    more_url: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of document: its table, the columns with its day and amount, and the URL that opens it."""

    label: str
    icon: str
    model: type[Model]
    day: str
    amount: str
    url: str


DOCUMENTS: Mapping[str, Kind] = {
    "order": Kind("Orders", "package", ErpOrder, "ordered_on", "net_amount", "customers:order"),
    "delivery": Kind("Deliveries", "truck", ErpDelivery, "shipped_on", "", "customers:delivery"),
    "invoice": Kind("Invoices", "receipt", ErpInvoice, "issued_on", "net_amount", "customers:invoice"),
    "payment": Kind("Payments", "credit-card", ErpPayment, "paid_on", "amount", "customers:payment"),
}


def build_documents(keys: Mapping[str, Sequence[str]], text: str, user: User, most: int) -> list[Group]:
    """One group for each kind with keys of which the user may see some; the whole number first, then the newest."""
    seen = keys if sees_all(user) else _seen(keys, user)
    found = {kind: _rows(DOCUMENTS[kind], seen[kind], text, most) for kind in DOCUMENTS if seen.get(kind)}
    whose = {row.customer_id for rows in found.values() for row in rows}
    links = visible(AccountLink.objects.filter(erp_customer__in=whose), user).order_by("-place")
    names = dict(links.values_list("erp_customer", "customer__name")) if whose else {}
    return [_group(DOCUMENTS[kind], rows, names, text, most) for kind, rows in found.items() if rows]


def _seen(keys: Mapping[str, Sequence[str]], user: User) -> dict[str, list[str]]:
    """Those of which the user may see the customer. Asked by itself, and once for all kinds: together with the rows the
    planner would read every document of all customers seen.
    """
    whose: dict[str, dict[str, str]] = {}
    for kind, some in keys.items():
        model: Any = DOCUMENTS[kind].model
        whose[kind] = dict(model.objects.live().filter(key__in=some).values_list("key", "customer_id"))
    customers = {customer for found in whose.values() for customer in found.values() if customer}
    links = AccountLink.objects.filter(erp_customer__in=customers)
    mine = dict(visible(links, user).values_list("erp_customer", "places")) if customers else {}
    return {
        kind: _taken(kind, [key for key, customer in found.items() if customer in mine], found, mine, user)
        for kind, found in whose.items()
    }


def _taken(
    kind: str, keys: list[str], whose: Mapping[str, str], places: Mapping[str, list[str] | None], user: User
) -> list[str]:
    """Of documents that go to accounts by ship-to party, only those that go to one which the user may see."""
    shared = [key for key in keys if places[whose[key]] is not None]
    if not shared:
        return keys
    model: Any = DOCUMENTS[kind].model
    seen = set(visible(model.objects.filter(key__in=shared), user).values_list("key", flat=True))
    return [key for key in keys if key in seen or key not in set(shared)]


def _rows(kind: Kind, keys: Sequence[str], text: str, most: int) -> list[Any]:
    model: Any = kind.model
    # As in every list: a document of a company that does not count is found beside those it belongs to.
    rows = list(counting(model).filter(key__in=keys))
    rows.sort(key=lambda row: (getattr(row, kind.day) is not None, getattr(row, kind.day), row.key), reverse=True)
    rows.sort(key=lambda row: not is_number(text, row.number))
    return rows[: most + 1]


def _group(kind: Kind, rows: Sequence[Any], names: Mapping[str, str], text: str, most: int) -> Group:
    hits = tuple(_hit(kind, row, names.get(row.customer_id, ""), text) for row in rows[:most])
    return Group(kind.label, kind.icon, hits, more=len(rows) > most)


def _hit(kind: Kind, row: Any, customer: str, text: str) -> Hit:
    reference: str = getattr(row, "customer_reference", "")
    amount = formats.money(getattr(row, kind.amount), row.currency) if kind.amount else ""
    parts = (customer, f"Customer’s number {reference}" if reference else "", formats.day(getattr(row, kind.day)))
    return Hit(
        label=row.number or row.key,
        detail=" · ".join(part for part in parts if part),
        aside=amount,
        url=reverse(kind.url, args=(row.key,)),
        exact=is_number(text, row.number) or is_number(text, reference),
    )


def is_number(text: str, number: str) -> bool:
    """Whether a text is this whole number, leading zeros and letter case aside."""
    return bool(number) and text.casefold().lstrip("0") == number.casefold().lstrip("0")
