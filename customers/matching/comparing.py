"""Compares two records field by field: what is the same, similar, different, or missing on a side."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import Levenshtein

from customers.matching.contacts import label_of
from customers.matching.facts import Facts
from customers.matching.similarity import Common, alike
from customers.matching.tax_ids import TaxId, bare

Verdict = Literal["same", "similar", "different", "missing"]
# From this likeness of names on.
NAME_LEVELS = ((1.0, "same"), (0.93, "close"), (0.84, "near"), (0.7, "loose"))

BEFORE_NAME = 5
"""Fields that stand before name and form."""
UNLIKE = frozenset({"different", "loose, common words"})


class Compared(NamedTuple):
    """One field of a pair. `level` is the finer step that has a weight of its own in weights.py."""

    field: str
    verdict: Verdict
    level: str


def compare(erp: Facts, account: Facts, is_common: Common) -> list[Compared]:
    """Every field, in a fixed order. The same for the pair the other way around."""
    return with_name(compare_but_name(erp, account), compare_name(erp, account, is_common))


def compare_but_name(erp: Facts, account: Facts) -> list[Compared]:
    """Every field but name and form: a tenth of the work, and enough to see that most pairs are none."""
    return [
        _tax(erp.vats, account.vats),
        _registration(erp, account),
        _numbers(erp.numbers, account.numbers),
        _domains(erp.domains, account.domains),
        _phones(erp.phones, account.phones),
        _street(erp, account),
        _postal(erp.postal, account.postal),
        _same_or_not("city", erp.city, account.city, _typed_alike),
        _same_or_not("country", erp.country, account.country),
    ]


def with_name(others: Sequence[Compared], names: Sequence[Compared]) -> list[Compared]:
    """What compare_but_name and compare_name found, in the fixed order."""
    return [*others[:BEFORE_NAME], *names, *others[BEFORE_NAME:]]


@cache
def _missing(field: str) -> Compared:
    return Compared(field, "missing", "missing")


def _tax(first: Sequence[TaxId], second: Sequence[TaxId]) -> Compared:
    if not first or not second:
        return _missing("vat")
    common = set(first) & set(second)
    if common:
        return Compared("vat", "same", "same checked" if any(each.checked for each in common) else "same")
    pairs = [(bare(one.number), bare(other.number)) for one in first for other in second]
    if any(one == other for one, other in pairs):
        return Compared("vat", "similar", "same")
    unchecked = not all(each.checked for each in (*first, *second))
    if unchecked and any(Levenshtein.distance(one, other, score_cutoff=1) <= 1 for one, other in pairs):
        # A number that fails its check is a typing error as likely as another number.
        return Compared("vat", "similar", "similar")
    abroad = {each.number[:2] for each in first}.isdisjoint({each.number[:2] for each in second})
    return Compared("vat", "different", "abroad" if abroad else "unchecked" if unchecked else "different")


def _registration(erp: Facts, account: Facts) -> Compared:
    """Numbers of a register; many countries make their VAT number from it, so that stands in for a missing one."""
    if not (erp.registration or account.registration):
        return _missing("registration")
    own, other = _registered(erp), _registered(account)
    if not own or not other:
        return _missing("registration")
    same = any(one == two or _contains(one, two) or _contains(two, one) for one in own for two in other)
    return Compared("registration", "same" if same else "different", "same" if same else "different")


def _contains(vat: str, registered: str) -> bool:
    """Whether a VAT number is made of a registered one, as in France, Sweden or the Netherlands."""
    return len(registered) >= 8 and registered in vat


def _registered(facts: Facts) -> set[str]:
    return {bare(facts.registration)} if facts.registration else {bare(each.number) for each in facts.vats}


def _numbers(first: Sequence[str], second: Sequence[str]) -> Compared:
    """Accounts are numbered on their own, so another number says nothing."""
    if not first or not second:
        return _missing("number")
    same = bool(set(first) & set(second))
    return Compared("number", "same" if same else "different", "same" if same else "different")


def _domains(first: Sequence[str], second: Sequence[str]) -> Compared:
    if not first or not second:
        return _missing("domain")
    if set(first) & set(second):
        return Compared("domain", "same", "same")
    similar = {label_of(each) for each in first} & {label_of(each) for each in second}
    return Compared("domain", "similar", "similar") if similar else Compared("domain", "different", "different")


def _phones(first: Sequence[str], second: Sequence[str]) -> Compared:
    if not first or not second:
        return _missing("phone")
    if set(first) & set(second):
        return Compared("phone", "same", "same")
    if any(_extended(one, other) for one in first for other in second):
        return Compared("phone", "similar", "similar")
    return Compared("phone", "different", "different")


def _extended(one: str, other: str) -> bool:
    """Whether they differ in the extension only, or one has none."""
    short, long = sorted((one, other), key=len)
    begins = len(short) >= 8 and len(long) - len(short) <= 4 and long.startswith(short)
    return begins or (len(short) == len(long) >= 10 and short[:-2] == long[:-2])


def compare_name(erp: Facts, account: Facts, is_common: Common) -> tuple[Compared, ...]:
    """Name and form; the name alone where a side has none."""
    words, others = erp.name.words, account.name.words
    if not words or not others:
        return (_missing("name"),)
    likeness, shares_rare_word = alike(words, others, is_common)
    level = next((name for least, name in NAME_LEVELS if likeness >= least), "different")
    if level in {"near", "loose"} and not shares_rare_word:
        level = f"{level}, common words"
    verdict: Verdict = "same" if level == "same" else "different" if level in UNLIKE else "similar"
    return Compared("name", verdict, level), _form(erp.name.form, account.name.form)


def _form(one: str, other: str) -> Compared:
    if not one or not other or "other" in {one, other}:
        return _missing("form")
    return Compared("form", "same", "same") if one == other else Compared("form", "different", "different")


def _street(erp: Facts, account: Facts) -> Compared:
    one, other = erp.street, account.street
    if not one.name or not other.name:
        return _missing("street")
    if one.name != other.name and Levenshtein.normalized_similarity(one.name, other.name, score_cutoff=0.75) < 0.75:
        return Compared("street", "different", "different")
    if one.number == other.number:
        return Compared("street", "same", "same")
    return Compared("street", "similar", "similar")


def _postal(one: str, other: str) -> Compared:
    if not one or not other:
        return _missing("postal_code")
    if one == other:
        return Compared("postal_code", "same", "same")
    near = one[:3] == other[:3]
    return Compared("postal_code", "similar" if near else "different", "similar" if near else "different")


def _typed_alike(one: str, other: str) -> bool:
    return one == other or Levenshtein.normalized_similarity(one, other, score_cutoff=0.8) >= 0.8


def _same_or_not(
    field: str, one: str, other: str, alike_enough: Callable[[str, str], bool] = lambda one, other: one == other
) -> Compared:
    if not one or not other:
        return _missing(field)
    same = alike_enough(one, other)
    return Compared(field, "same" if same else "different", "same" if same else "different")
