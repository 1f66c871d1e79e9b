"""Finding customers by a telephone number, a tax number, or a number in a register, however it is written.

Matching keeps these numbers of both systems comparable, in an index (match_block): a telephone number within its
country, the others by their digits. So a search is as fast with 200,000 customers as with a few. Records that wait for
the matching run are found after it. Of an account or ERP customer count its own telephone number and those of its first
contacts, as in matching.
"""

import re
from collections.abc import Iterable

from customers.matching.blocks import bare_block, phone_block
from customers.matching.contacts import phone_of
from customers.matching.facts import Facts, read
from customers.matching.tax_ids import bare, tax_id
from customers.models import MatchBlock, MatchRecord, MatchSide

TELEPHONE = re.compile(r"[+(]?[0-9][0-9 ()/.\-–]*")
LONGEST, FEWEST_DIGITS = 40, 6
MOST_RECORDS = 200
"""So many records with one number are looked at: more have it in common only where it tells nobody apart."""


def keys_with_number(text: str) -> dict[MatchSide, set[str]]:
    """The mirror's keys of accounts and of ERP customers that have this number as a whole. Whoever shows them asks
    `visible`. No query is made for a text that is no such number.
    """
    phones, taxes = _telephones(text), _tax_numbers(text)
    blocks = [*map(phone_block, phones), *(bare_block(bare(number)) for number in taxes)]
    found: dict[MatchSide, set[str]] = {side: set() for side in MatchSide}
    if not blocks:
        return found
    records = MatchBlock.objects.filter(block__in=blocks).values_list("record", flat=True)[:MOST_RECORDS]
    for record in MatchRecord.objects.filter(pk__in=list(records)):
        facts = read(record.facts)
        if _has_telephone(facts, phones) or any(_has_tax_number(facts, number) for number in taxes):
            found[MatchSide(record.side)].add(record.key)
    return found


def _telephones(text: str) -> set[str]:
    """A text as a telephone number: within its country, and with the country's code first where no + says so."""
    if len(text) > LONGEST or not TELEPHONE.fullmatch(text):
        return set()
    return {phone_of(text, ""), phone_of(f"+{text.lstrip('+')}", "")} - {""}


def _tax_numbers(text: str) -> set[str]:
    if len(text) > LONGEST or sum(letter.isdigit() for letter in text) < FEWEST_DIGITS:
        return set()
    known = tax_id(text, "")
    return {known.number} if known and bare(known.number) else set()


def _has_telephone(facts: Facts, wanted: Iterable[str]) -> bool:
    """An extension may follow on either side."""
    return any(one.startswith(own) or own.startswith(one) for one in wanted for own in facts.phones)


def _has_tax_number(facts: Facts, wanted: str) -> bool:
    """The letters of the country may be missing on either side; where both have some they are the same."""
    return any(
        own == wanted or (bare(own) == bare(wanted) and not (own[0].isalpha() and wanted[0].isalpha()))
        for own in (*(each.number for each in facts.vats), facts.registration)
        if own
    )
