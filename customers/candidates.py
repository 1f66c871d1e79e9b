"""ERP customers that may be the same company as an account without one: its proposals, decided by nobody here.

Only ERP customers that belong to no account are shown. An account manager sees their name, number and city, because
these may be needed to recognise the company, but no figure and no page: whose customer it is has not been decided yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from customers.matching.contacts import domain_of
from customers.matching.names import name_of
from customers.models import AccountLink, Customer, LinkDecision, LinkProposal, LinkStatus, LinkVerdict
from integration_hub.models import ErpCustomer

__all__ = ["Candidate", "domain_of", "find_candidates", "words_of"]
MOST = 5
# Fields of the evidence in words; of each the ERP's text is shown.
SAME = {
    "vat": "Same VAT number",
    "registration": "Same registration number",
    "number": "Same number",
    "domain": "Same e-mail or web domain",
    "phone": "Same telephone number",
    "street": "Same street",
    "city": "Same city",
}
SIMILAR = {
    "vat": "Similar VAT number",
    "domain": "Similar web domain",
    "phone": "Same telephone number, other extension",
}
OBJECTIONS = {"name": "other name", "vat": "other VAT number", "country": "other country", "form": "other legal form"}


@dataclass(frozen=True)
class Candidate:
    """One ERP customer with what speaks for it in words, the strongest first, then what speaks against it; `customer`
    is its own page's key.
    """

    customer: int
    name: str
    number: str
    city: str
    evidence: tuple[str, ...]


def find_candidates(account_key: str) -> tuple[Candidate, ...]:
    """At most five, the most likely first; none without an account. What was rejected or ignored is left out."""
    proposals = list(_undecided(account_key).order_by("-score", "erp_customer")[:MOST])
    keys = [each.erp_customer for each in proposals]
    masters = {each.key: each for each in ErpCustomer.objects.live().filter(key__in=keys)}
    pages = dict(
        Customer.objects.filter(account=None, gone_at=None, erp_customer__in=keys).values_list("erp_customer", "pk")
    )
    return tuple(
        _candidate(masters[each.erp_customer], pages[each.erp_customer], each.evidence)
        for each in proposals
        if each.erp_customer in masters and each.erp_customer in pages
    )


def _undecided(account_key: str) -> QuerySet[LinkProposal]:
    standing = LinkDecision.objects.filter(erp_customer=OuterRef("erp_customer"), undone_at=None)
    rejected = standing.filter(verdict=LinkVerdict.REJECT, account=OuterRef("account"))
    ignored = standing.filter(verdict=LinkVerdict.IGNORE)
    found: QuerySet[LinkProposal] = LinkProposal.objects.filter(account=account_key)
    linked = AccountLink.objects.filter(erp_customer=OuterRef("erp_customer"), status=LinkStatus.LINKED)
    return found.exclude(Exists(rejected)).exclude(Exists(ignored)).exclude(Exists(linked))


def words_of(name: str) -> frozenset[str]:
    """The words of a name that tell companies apart, folded."""
    return frozenset(name_of(name).words)


def _candidate(master: ErpCustomer, customer: int, evidence: Sequence[Mapping[str, Any]]) -> Candidate:
    return Candidate(
        customer=customer,
        name=master.name or master.key,
        number=master.number or master.key,
        city=", ".join(filter(None, (master.city, master.country))),
        evidence=in_words(evidence),
    )


def in_words(evidence: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What speaks for a pair, one statement each, and what speaks against it in the last."""
    found = [words for each in evidence if (words := _in_favour(each))]
    against = [
        OBJECTIONS[each["field"]] for each in evidence if each["verdict"] == "different" and each["field"] in OBJECTIONS
    ]
    return (*found, f"But {', '.join(against)}") if against else tuple(found)


def _in_favour(each: Mapping[str, Any]) -> str:
    field, verdict = each["field"], each["verdict"]
    if field == "name" and verdict == "same":
        return "Same name apart from the legal form"
    if field == "name" and verdict == "similar":
        return "Similar name"
    words = {"same": SAME, "similar": SIMILAR}.get(verdict, {}).get(field)
    return f"{words} {each['erp']}" if words else ""
