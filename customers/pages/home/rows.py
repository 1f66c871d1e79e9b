"""News in words: each row says what it is, of which customer, and since when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min
from django.urls import reverse

from customers import formats
from customers.access import visible
from customers.models import AccountLink, Customer
from customers.pages.home.book import Book
from customers.pages.home.changes import Kind, moves_later
from customers.pages.home.since import Since
from customers.pages.overdue_items import item_note
from customers.rfm_segments import segment_label
from integration_hub.models import SfUser


@dataclass(frozen=True)
class ChangeRow:
    """One piece of news. `counted` is in the reporting currency, None where there is no rate; `url` opens the document,
    `customer_url` the customer, both empty where nothing can be opened.
    """

    label: str
    url: str
    customer: str
    customer_url: str
    day: date | None
    text: str
    counted: Decimal | None


@dataclass(frozen=True)
class Around:
    """What rows need beside themselves, read once for all of them."""

    as_of: date
    customers: Mapping[str, Customer]
    moved_from: Mapping[str, date]
    owners: Mapping[str, str]


def related(kind: Kind) -> tuple[str, ...]:
    """What a kind's rows are read together with."""
    return RELATED.get(kind.name, ())


def describe(found: Sequence[tuple[Kind, Sequence[Any]]], since: Since, book: Book) -> list[tuple[ChangeRow, ...]]:
    """The rows of several kinds in words, in the order given; the queries are the same however many rows there are."""
    rows = [row for _kind, each in found for row in each]
    around = Around(book.as_of, _customers(rows, book), _moved_from(rows, since), _owners(rows))
    return [tuple(WORDS[kind.name](row, around) for row in each) for kind, each in found]


def _customers(rows: Iterable[Any], book: Book) -> Mapping[str, Customer]:
    """By the key of the ERP customer that a document names; of several the first that the reader may see."""
    keys = {row.customer_id for row in rows if isinstance(row.customer_id, str)}
    links = visible(AccountLink.objects.filter(erp_customer__in=keys), book.user).select_related("customer")
    return {link.erp_customer: link.customer for link in links.order_by("-place")}


def _moved_from(rows: Iterable[Any], since: Since) -> Mapping[str, date]:
    """The earliest day that an order was promised for before it was moved, by order."""
    keys = [row.order_id for row in rows if hasattr(row, "open_amount") and hasattr(row, "order_id")]
    moves = moves_later(since).filter(order__in=keys).values("order").annotate(first=Min("was"))
    return dict(moves.values_list("order", "first"))


def _owners(rows: Iterable[Any]) -> Mapping[str, str]:
    customers = [row.customer for row in rows if hasattr(row, "as_of")]
    keys = {key for customer in customers for key in (customer.owner, customer.owner_before) if key}
    return dict(SfUser.objects.filter(key__in=keys).values_list("key", "name"))


def _order(row: Any, around: Around) -> ChangeRow:
    url = reverse("customers:order", args=(row.key,))
    text = row.get_status_display()
    if row.promised_on:
        text += f", promised {formats.day_short(row.promised_on, around.as_of)}"
    return _document(row, around, row.number, url, row.ordered_on, text)


def _payment(row: Any, around: Around) -> ChangeRow:
    url = reverse("customers:payment", args=(row.key,))
    text = row.reference
    if row.counted is None:
        text = f"{formats.money(row.amount, row.currency)}: no rate, so not in the sum"
    return _document(row, around, row.number, url, row.paid_on, text)


def _overdue(row: Any, around: Around) -> ChangeRow:
    invoice = row.invoice
    number = (invoice.number if invoice else "") or row.number
    url = reverse("customers:invoice", args=(invoice.key,)) if invoice else ""
    note = item_note(row)
    text = f"{formats.days(row.days_late)} late" + (f"; {note}" if note else "")
    return _document(row, around, number, url, row.due_on, text)


def _document(row: Any, around: Around, number: str, url: str, day: date | None, text: str) -> ChangeRow:
    customer = around.customers.get(row.customer_id or "")
    name, customer_url = _name(customer) if customer else ("", "")
    return ChangeRow(number or row.key, url, name, customer_url, day, text, row.counted)


def _late(row: Any, around: Around) -> ChangeRow:
    name, customer_url = _name(row.customer)
    before = around.moved_from.get(row.order_id)
    parts = []
    if before and row.promised_on and before < row.promised_on:
        parts.append(f"moved from {formats.day_short(before, around.as_of)}")
    if row.due_on and row.due_on < around.as_of:
        parts.append(f"{formats.days((around.as_of - row.due_on).days)} late")
    url = reverse("customers:order", args=(row.order_id,))
    return ChangeRow(
        row.order.number or row.order_id, url, name, customer_url, row.due_on, ", ".join(parts), row.counted
    )


def _segment(row: Any, _around: Around) -> ChangeRow:
    name, url = _name(row.customer)
    return ChangeRow(name, url, "", "", None, f"{row.segment}; before: {row.segment_then.lower()}", row.counted)


def _rfm(row: Any, around: Around) -> ChangeRow:
    name, url = _name(row.customer)
    text = f"{segment_label(row.rfm_now)}; before: {segment_label(row.rfm_then)}"
    if row.rescaled_on is not None:
        text += f", with the new scales of {formats.day_short(row.rescaled_on, around.as_of)}"
    return ChangeRow(name, url, "", "", None, text, row.counted)


def _owner(row: Any, around: Around) -> ChangeRow:
    customer = row.customer
    name, url = _name(customer)
    owner = around.owners.get(customer.owner, "Nobody")
    before = around.owners.get(customer.owner_before, "")
    text = f"{owner}, before: {before}" if before else f"{owner}, a new account"
    return ChangeRow(name, url, "", "", customer.owner_since.date(), text, row.counted)


def _name(customer: Customer) -> tuple[str, str]:
    return customer.name or "Without a name", reverse("customers:detail", args=(customer.pk,))


WORDS: Mapping[str, Callable[[Any, Around], ChangeRow]] = {
    "orders": _order,
    "payments": _payment,
    "late": _late,
    "overdue": _overdue,
    "segments": _segment,
    "rfm": _rfm,
    "owners": _owner,
}
RELATED: Mapping[str, tuple[str, ...]] = {
    "late": ("order", "customer"),
    "overdue": ("invoice",),
    "segments": ("customer",),
    "rfm": ("customer",),
    "owners": ("customer",),
}
