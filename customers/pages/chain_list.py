"""All documents of one kind around a document, a hundred a page, with the sums of all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from customers.access import User
from customers.addresses import document_address
from customers.models import Customer
from customers.pages.chain import LISTED, list_all
from customers.pages.chain_columns import BY_NAME, Column
from customers.pages.chain_links import Links, links_of_delivery, links_of_invoice, links_of_order, links_of_payment
from customers.pages.chain_shares import (
    Shares,
    shares_of_delivery,
    shares_of_invoice,
    shares_of_order,
    shares_of_payment,
)
from customers.pages.document import customer_of
from customers.pages.line_facts import read_facts
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpOrderLine, ErpPayment


def _around_order(order: ErpOrder, today: date) -> tuple[Links, Shares]:
    lines = list(ErpOrderLine.objects.live().filter(order=order.key).order_by("position", "key"))
    links = links_of_order(order)
    return links, shares_of_order(order, read_facts(order, lines, today).billed, links, today)


def _around_delivery(delivery: ErpDelivery, today: date) -> tuple[Links, Shares]:
    links = links_of_delivery(delivery)
    return links, shares_of_delivery(delivery, links, today)


def _around_invoice(invoice: ErpInvoice, today: date) -> tuple[Links, Shares]:
    links = links_of_invoice(invoice)
    return links, shares_of_invoice(invoice, links, today)


def _around_payment(payment: ErpPayment, today: date) -> tuple[Links, Shares]:
    return links_of_payment(payment), shares_of_payment(payment, today)


AROUND: dict[str, Callable[[Any, date], tuple[Links, Shares]]] = {
    "order": _around_order,
    "delivery": _around_delivery,
    "invoice": _around_invoice,
    "payment": _around_payment,
}


@dataclass(frozen=True)
class ChainList:
    """The list page; `first` and `last` are places in the whole list, `previous` and `following` page numbers or 0."""

    label: str
    number: str
    url: str
    customer: Customer | None
    column: Column
    first: int
    last: int
    previous: int
    following: int


def build_chain_list(kind: str, row: Any, user: User, today: date, query: Mapping[str, Any]) -> ChainList:
    """The page that `query` names: all=<kind>, page=<number from 1>; a page that is none is the first."""
    links, shares = AROUND[kind](row, today)
    text = str(query.get("page", ""))
    wanted = int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 7 and int(text) else 0
    page = min(wanted, max(len(links.of_kind(BY_NAME[str(query["all"])].kind)) - 1, 0) // LISTED)
    column = list_all(str(query["all"]), links, user, row.key, page, shares)
    first = page * LISTED
    return ChainList(
        label=kind.capitalize(),
        number=row.number or row.key,
        url=document_address(kind, row.key),
        customer=customer_of(kind, row, user),
        column=column,
        first=first + 1,
        last=first + len(column.nodes),
        previous=page,
        following=page + 2 if first + len(column.nodes) < column.count else 0,
    )
