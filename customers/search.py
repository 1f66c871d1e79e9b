"""Finding customers by words of their name, numbers and city, people and deals by theirs, documents by their number."""

from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Collate, Left

from customers.models import Customer
from customers.models.customer import START
from customers.statements import fetch
from integration_hub.words import HasWords, fold, words_of, words_query

AnyModel = TypeVar("AnyModel", bound=Model)
MOST_WORDS = 8
LONGEST_NUMBER = 120
# A shorter number is looked for whole: half the documents begin with each digit.
SHORTEST_BEGINNING = 3
# How far ERPs fill document numbers with zeros in front (SAP: 10 digits).
PADDED_TO = 12
LAST = chr(0x10FFFF)
MOST_NEAR = 200
MISTYPED_LENGTHS = range(4, 16)


def read_words(text: str) -> list[str]:
    """The words to look for, at most eight."""
    return words_of(text[:400])[:MOST_WORDS]


def with_words(rows: "QuerySet[AnyModel]", columns: Sequence[str], words: Sequence[str]) -> "QuerySet[AnyModel]":
    """Rows whose columns hold, in any order, words that begin with these. The columns must be those of an index."""
    return rows.filter(HasWords(columns, words))


def beginning_with(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Customers whose name begins so, by name."""
    start = fold(" ".join(text.split()))[:START]
    named: QuerySet[Any] = customers.annotate(start=Collate(Left("search_text", START), "C"))
    return named.filter(start__startswith=start).order_by("start")


def matching(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """Customers that every word of the text tells of; a single letter begins the name, an empty text tells of all."""
    words = read_words(text)
    if not words:
        return customers.none() if text.strip() else customers
    if len(words) == 1 and len(words[0]) == 1:
        return beginning_with(customers, words[0])
    return with_words(customers, ["search_text"], words)


def nearly_matching(text: str) -> list[int]:
    """Ids of customers, of whoever owns them, where one word of the text that no customer has is replaced by one that
    differs by a letter left out, added, wrong or swapped. Whoever shows them asks `visible`.
    """
    words = read_words(text)
    if not any(mistyped(word) for word in words):
        return []
    unknown = [word for word in words if not with_words(Customer.objects.all(), ["search_text"], [word]).exists()]
    if len(unknown) != 1:
        return []
    others = [word for word in words if word != unknown[0]]
    queries = [words_query(others, word) for word in sorted(mistyped(unknown[0]))]
    return [pk for (pk,) in fetch("search_nearly", queries=queries, most=MOST_NEAR)] if queries else []


def mistyped(word: str) -> set[str]:
    """Every word one slip away, for words of 4 to 15 unaccented letters."""
    if len(word) not in MISTYPED_LENGTHS or not (word.isascii() and word.isalpha()):
        return set()
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {before + after[1:] for before, after in splits if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in splits if len(after) > 1}
    for letter in ascii_lowercase:
        found |= {before + letter + after for before, after in splits}
        found |= {before + letter + after[1:] for before, after in splits if after}
    return found - {word}


def number_probes(text: str) -> tuple[list[str], list[str]]:
    """First and last number of each range to look through: as typed, in capitals and small letters, with leading zeros
    and without.
    """
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_NUMBER:
        return [], []
    forms = [text, text.upper(), text.lower()]
    if text.isascii() and text.isdigit():
        bare = text.lstrip("0") or text
        forms += [bare.rjust(length, "0") for length in range(len(bare), PADDED_TO + 1)]
    lows = list(dict.fromkeys(forms))
    return lows, [low + (LAST if len(text) >= SHORTEST_BEGINNING else "") for low in lows]


def document_keys(text: str, most: int) -> dict[str, list[str]]:
    """By kind of document the keys of those whose number, or customer's order number, begins so: at most `most` for
    each form of the number, the lowest first. Whoever shows them asks `visible`.
    """
    low, high = number_probes(text)
    found: dict[str, list[str]] = {}
    if low:
        for kind, key in fetch("search_documents", low=low, high=high, most=most):
            found.setdefault(kind, []).append(key)
    return found
