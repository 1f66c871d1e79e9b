"""Blocks: records that have one in common are looked at as a pair, all others never. A block is the hash of one thing
that a record says, such as its tax number, or the beginning of a word of its name with its city.

A thing that many accounts say tells nobody apart, so blocks with more than MOST_ACCOUNTS accounts are passed over; what
is common alone, as "Maschinenbau", meets in pairs with another word or with the place.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations

from customers.matching.contacts import label_of
from customers.matching.facts import Facts
from customers.matching.tax_ids import bare

MOST_ACCOUNTS = 40
"""Accounts that one block may bring together with an ERP customer."""
MOST_WORDS = 5
PHONE_BEGINS = 8
"""So many digits are the same whatever extension follows."""
VOWELS = str.maketrans("", "", "aeiouyhw")
SOUNDS = str.maketrans({"v": "f", "z": "s", "c": "k", "q": "k", "t": "d", "p": "b", "g": "k"})


def block(kind: str, *values: str) -> int:
    """The number of a block: 64 bits with sign, as PostgreSQL's bigint."""
    text = "\x00".join((kind, *values))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def blocks_of(facts: Facts) -> frozenset[int]:
    """All blocks of a record."""
    return frozenset(block(*each) for each in _blocks(facts))


def identities_of(facts: Facts) -> set[int]:
    """Blocks whose number of records matters to pairs of others: a tax number that two have is certain no more, and a
    name that several accounts have points at none of them.
    """
    found = {block("vat", each.number) for each in facts.vats} | {
        block("bare", bare(each.number)) for each in facts.vats
    }
    if facts.registration:
        found.add(block("bare", bare(facts.registration)))
    if facts.name.words:
        found.add(name_block(facts.name.words))
    return found


def vat_block(number: str) -> int:
    """Every record with this tax number."""
    return block("vat", number)


def bare_block(number: str) -> int:
    """Every record with these digits as a tax or registration number, whatever letters stand before them."""
    return block("bare", number)


def phone_block(number: str) -> int:
    """Every record with a telephone number within its country that begins like this one, as `phone_of` gives it."""
    return block("phone", number[:PHONE_BEGINS])


def name_block(words: tuple[str, ...]) -> int:
    """Every record with these words as its name, in whatever order."""
    return block("name", *sorted(words))


@lru_cache(maxsize=1 << 17)
def word_block(word: str) -> int:
    """Every record with this word in its name."""
    return block("word", word)


def _blocks(facts: Facts) -> Iterator[tuple[str, ...]]:
    for each in facts.vats:
        yield "vat", each.number
        yield "bare", bare(each.number)
    if facts.registration:
        yield "bare", bare(facts.registration)
    for number in facts.numbers:
        yield "number", number
    for domain in facts.domains:
        yield "domain", label_of(domain)
    for phone in facts.phones:
        yield "phone", phone[:PHONE_BEGINS]
    yield from _name_blocks(facts)
    if facts.postal and facts.street.number:
        yield "street", facts.postal, facts.street.name[:4], facts.street.number


def _name_blocks(facts: Facts) -> Iterator[tuple[str, ...]]:
    words = facts.name.words[:MOST_WORDS]
    if not words:
        return
    yield "name", *sorted(facts.name.words)
    yield "whole", "".join(sorted("".join(words)))[:24]
    for word in words:
        yield "word", word
        yield "sound", sound(word)
        if len(word) >= 3 and facts.city:
            yield "city", facts.city[:5], word[:3]
        if len(word) >= 3 and facts.postal:
            yield "postal", facts.postal[:3], word[:3]
    starts = sorted({word[:4] for word in words})
    for pair in combinations(starts, 2):
        yield "pair", *pair


def sound(word: str) -> str:
    """How a word sounds, roughly: its first letter and consonants, double ones once, similar ones the same."""
    spoken = word[1:].translate(VOWELS)
    kept = "".join(letter for place, letter in enumerate(spoken) if place == 0 or letter != spoken[place - 1])
    return (word[:1] + kept).translate(SOUNDS)
