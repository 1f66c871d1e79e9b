"""Judges a pair: its score, the evidence for it, and whether it is certain enough to be linked by itself."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol, TypedDict

from customers.matching.blocks import bare_block, name_block, vat_block
from customers.matching.comparing import Compared, Verdict, compare_but_name, compare_name, with_name
from customers.matching.facts import Facts
from customers.matching.tax_ids import bare
from customers.matching.weights import BASE, BEST_NAME, log_odds, probability, shared_name, weight

PLACES = Decimal("0.00001")
TOLD: Mapping[str, Sequence[Verdict]] = {"form": ("different",), "registration": ("same", "different")}
"""Fields that are evidence only with these verdicts; all others always."""
LIKE = frozenset({"same", "close", "near"})
"""Levels of a name that let an exact identifier speak for itself."""


LEAST_DIGITS = 4
"""A shorter number of a register is a placeholder, or that of anybody."""


class Evidence(TypedDict):
    """One field of a pair, as LinkProposal.evidence holds it; `weight` is the logarithm of odds it adds."""

    field: str
    erp: str
    account: str
    verdict: Verdict
    weight: float


class Match(NamedTuple):
    """`score` 0 to 1. `certain`: an exact identifier that nobody else has is the same, nothing speaks against it.
    `shared`: it would be, if no other record had the identifier.
    """

    score: Decimal
    certain: bool
    evidence: list[Evidence]
    shared: bool = False


class Counts(Protocol):
    """How many live records say the same thing: each counted up to a limit that is beyond what matters."""

    def customers(self, block: int) -> int:
        """ERP customers with this block."""

    def accounts(self, block: int) -> int:
        """Accounts with this block."""

    def is_common(self, word: str) -> bool:
        """Whether so many accounts have this word in their name that it tells none of them apart."""


class Scored(NamedTuple):
    """A pair with its score; `weights` are those of the fields in `compared`."""

    score: Decimal
    compared: Sequence[Compared]
    weights: Sequence[float]


def judge(erp: Facts, account: Facts, counts: Counts) -> Match:
    """Score, certainty and evidence of one pair."""
    names = compare_name(erp, account, counts.is_common)
    return told(erp, account, scored(erp, account, compare_but_name(erp, account), names, counts), counts)


def likely(erp: Facts, account: Facts, others: Sequence[Compared], counts: Counts, least: float) -> Scored | None:
    """The score of a pair whose fields but the name are compared already; None where it is surely below `least`."""
    names = compare_name(erp, account, counts.is_common)
    if _sum((*others, *names)) < log_odds(least):
        return None
    return scored(erp, account, others, names, counts)


def promising(others: Sequence[Compared], least: float) -> bool:
    """Whether a pair with these fields, the name not among them, reaches a score if its name is the very same."""
    return _sum(others) + BEST_NAME >= log_odds(least)


def _sum(fields: Iterable[Compared]) -> float:
    total = BASE
    for each in fields:
        total += weight(each.field, each.level)
    return total


def scored(erp: Facts, account: Facts, others: Sequence[Compared], names: Sequence[Compared], counts: Counts) -> Scored:
    """The score of what the fields were compared to be."""
    compared = with_name(others, names)
    weights = [weight(each.field, each.level) for each in compared]
    for place, each in enumerate(compared):
        if each.field == "name" and each.level in LIKE:
            customers = counts.customers(name_block(erp.name.words))
            accounts = counts.accounts(name_block(account.name.words)) if each.level == "same" else 1
            weights[place] += shared_name(customers, accounts)
    return Scored(Decimal(probability(BASE + sum(weights))).quantize(PLACES), compared, weights)


def told(erp: Facts, account: Facts, pair: Scored, counts: Counts) -> Match:
    """A scored pair with its certainty and evidence."""
    blocks = _identifiers(erp, account, pair.compared)
    certain = bool(blocks) and all(counts.customers(each) == 1 == counts.accounts(each) for each in blocks)
    evidence = _evidence(erp, account, pair.compared, pair.weights)
    return Match(pair.score, certain, evidence, shared=bool(blocks) and not certain)


def _evidence(erp: Facts, account: Facts, compared: Sequence[Compared], weights: Sequence[float]) -> list[Evidence]:
    """The strongest first; fields that neither side has are left out."""
    found = [
        Evidence(
            field=each.field,
            erp=_shown(erp, each.field),
            account=_shown(account, each.field),
            verdict=each.verdict,
            weight=round(value, 2),
        )
        for each, value in zip(compared, weights, strict=True)
        if each.verdict in TOLD.get(each.field, ("same", "similar", "different", "missing"))
    ]
    told = [each for each in found if each["erp"] or each["account"]]
    return sorted(told, key=lambda each: (each["verdict"] == "missing", -abs(each["weight"])))


def _shown(facts: Facts, field: str) -> str:
    """The text that a finding rests on. A tax number stands in for that of the register it is made from."""
    if field == "registration":
        return facts.shown.get("registration") or facts.shown.get("vat", "")
    return facts.shown.get("name" if field == "form" else field, "")


def _identifiers(erp: Facts, account: Facts, compared: Sequence[Compared]) -> list[int]:
    """The blocks of a number that passes its check and is the same, if all else confirms it: certain where no other
    record on either side has them.
    """
    levels = {each.field: each.level for each in compared}
    if not _is_confirmed(levels) or _is_contradicted(levels):
        return []
    if levels["vat"] == "same checked" and len(erp.vats) == len(account.vats) == 1:
        return [vat_block(erp.vats[0].number)]
    if levels["registration"] == "same" and levels["vat"] == "missing" and _is_same_entry(erp, account):
        return [bare_block(bare(account.registration))]
    return []


def _is_same_entry(erp: Facts, account: Facts) -> bool:
    """Whether the very entry of a register is the same. Where the ERP has none, its checked tax number may be made of
    it; where they are made from one another but not the same text, who else has it cannot be counted.
    """
    if erp.registration:
        # Without check digits, and HRB 4711 is another company than HRA 4711; name and place were compared before.
        return erp.registration == account.registration and len(bare(erp.registration)) >= LEAST_DIGITS
    own = erp.vats[0] if len(erp.vats) == 1 else None
    return own is not None and own.checked and bare(own.number) == bare(account.registration)


def _is_confirmed(levels: dict[str, str]) -> bool:
    """A tax number may be that of the whole group: name and place or telephone must say so too."""
    placed = levels["street"] == "same" or levels["postal_code"] == "same" or levels["city"] == "same"
    return levels["name"] in LIKE and (placed or levels["phone"] in {"same", "similar"})


def _is_contradicted(levels: dict[str, str]) -> bool:
    """Another legal form, country or register is another company, another place perhaps its sister."""
    if "different" in (levels["registration"], levels["country"], levels["form"], levels["city"]):
        return True
    elsewhere = levels["postal_code"] == "different" and levels["street"] == "different"
    return elsewhere and levels["phone"] != "same"
