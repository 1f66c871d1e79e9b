"""What rows behind a figure say where a rule shares them: the part of what, and how the ship-to party is known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from customers import formats
from customers.models import DocumentPlace
from customers.pages.evidence_rows import EvidenceRow
from customers.pages.sharing import percent_words
from customers.parts import Mine

# The kind of document whose party a row has, and the column with its key.
PLACED_BY = {"order_line": ("order", "order_id"), "allocation": ("open_item", "open_item_id")}
FOUND = {
    "order": "ship-to by its order",
    "delivery": "ship-to by its delivery",
    "invoice": "ship-to by its invoice",
    "item": "ship-to by what it paid",
    "none": "no ship-to known, so with the rest",
    "several": "several ship-to parties, so with the rest",
}


def with_shares(rows: Sequence[EvidenceRow], documents: Sequence[Any], kind: str, whose: Mine) -> list[EvidenceRow]:
    """The same rows, of shared documents with their part and its ground; at most one query."""
    if not whose.parts:
        return list(rows)
    name, column = PLACED_BY.get(kind, (kind, "pk"))
    placed = any(part.places is not None for part in whose.parts)
    keys = [getattr(document, column) for document in documents] if placed else []
    found = dict(DocumentPlace.objects.filter(kind=name, document__in=keys).values_list("document", "found"))
    return [
        replace(
            row,
            text=", ".join(
                filter(None, (row.text, _part(document), FOUND.get(found.get(getattr(document, column), ""), "")))
            ),
        )
        for row, document in zip(rows, documents, strict=True)
    ]


def _part(document: Any) -> str:
    share = getattr(document, "account_share", None)
    if share is None or share == 1:
        return ""
    whole = getattr(document, "whole", None)
    return f"{percent_words(share)} of {'it' if whole is None else formats.money(whole)}"
