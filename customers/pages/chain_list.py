"""All documents of one kind around a document, a hundred a page, with the sums of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from customers.access import User
from customers.addresses import document_address
from customers.models import Customer
from customers.pages.chain import BY_NAME, LISTED, Column, list_all
from customers.pages.chain_links import Links
from customers.pages.document import customer_of


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


def build_chain_list(kind: str, row: Any, links: Links, user: User, query: Mapping[str, Any]) -> ChainList:
    """The page that `query` names: all=<kind>, page=<number from 1>; a page that is none is the first."""
    text = str(query.get("page", ""))
    wanted = int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 7 and int(text) else 0
    page = min(wanted, max(len(links.of_kind(BY_NAME[str(query["all"])].kind)) - 1, 0) // LISTED)
    column = list_all(str(query["all"]), links, user, row.key, page)
    first = page * LISTED
    return ChainList(
        label=kind.capitalize(),
        number=row.number or row.key,
        url=document_address(kind, row.key),
        customer=customer_of(row.customer_id, user),
        column=column,
        first=first + 1,
        last=first + len(column.nodes),
        previous=page,
        following=page + 2 if first + len(column.nodes) < column.count else 0,
    )
