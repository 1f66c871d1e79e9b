"""ERP customers that may be the same company as an account without one: found by stored facts, decided by nobody here.

Only ERP customers that belong to no account are looked at. An account manager sees their name, number and city, because
these may be needed to recognise the company, but no figure and no page: whose customer it is has not been decided yet.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower, Upper

from customers.models import AccountLink, Customer, LinkStatus
from integration_hub.models import ErpCustomer, SfAccount, SfContact
from integration_hub.words import fold

MOST = 5
MOST_READ = 200
ENOUGH = 30
VAT_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z]{7,13}")
SHORTEST_WORD = 3
# Words that say what kind of company it is, not which.
LEGAL_FORMS = frozenset(
    {
        *("gmbh", "mbh", "kgaa", "ohg", "inc", "llc", "ltd", "limited", "plc", "corp", "corporation", "company"),
        *("sas", "sarl", "srl", "spa", "aps", "oyj", "pty", "group", "holding", "the", "and", "und"),
    }
)
# Addresses that anybody can have.
SHARED_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com"),
        *("gmx.de", "gmx.net", "web.de", "t-online.de", "aol.com"),
    }
)


@dataclass(frozen=True)
class Candidate:
    """One ERP customer with what speaks for it in words, the strongest first; `customer` is its own page's key."""

    customer: int
    name: str
    number: str
    city: str
    evidence: tuple[str, ...]
    weight: int


@dataclass(frozen=True)
class _Known:
    """What is known of the account, made comparable."""

    numbers: frozenset[str]
    vat_ids: frozenset[str]
    domains: frozenset[str]
    words: frozenset[str]
    city: str


def find_candidates(account_key: str) -> tuple[Candidate, ...]:
    """At most five, the most likely first; none without an account. Reads only ERP customers without one."""
    account = SfAccount.objects.filter(key=account_key).first()
    if account is None:
        return ()
    known = _known(account)
    alone = Customer.objects.filter(account=None, gone_at=None)
    by_facts = alone.filter(erp_customer__in=_with_same_facts(known).values("key"))
    by_name = alone.filter(_any_word(known.words)) if known.words else alone.none()
    rows = {row.erp_customer: row for found in (by_facts, by_name) for row in found.order_by("pk")[:MOST_READ]}
    masters = ErpCustomer.objects.live().filter(key__in=rows)
    found = [_weighed(known, master, rows[master.key].pk) for master in masters]
    likely = sorted((each for each in found if each.weight >= ENOUGH), key=lambda each: (-each.weight, each.name))
    return tuple(likely[:MOST])


def words_of(name: str) -> frozenset[str]:
    """The words of a name that tell companies apart, folded."""
    words = re.findall(r"[a-z0-9]+", fold(name).replace(".", ""))
    return frozenset(word for word in words if len(word) >= SHORTEST_WORD and word not in LEGAL_FORMS)


def domain_of(address: str) -> str:
    """The domain of an e-mail address or website, without www; empty for one that anybody can have."""
    host = re.sub(r"^[a-z]+://", "", address.strip().lower()).rpartition("@")[2]
    host = host.partition("/")[0].partition(":")[0].removeprefix("www.")
    return host if "." in host and host not in SHARED_DOMAINS else ""


def _known(account: SfAccount) -> _Known:
    emails = SfContact.objects.live().filter(account=account.key).values_list("email", flat=True)[:MOST_READ]
    further = (str(value) for value in account.custom_fields.values() if value)
    vat_ids = (_plain(value) for value in further)
    return _Known(
        numbers=frozenset(filter(None, (account.erp_number.strip().lstrip("0"), account.account_number.strip()))),
        vat_ids=frozenset(value for value in vat_ids if VAT_NUMBER.fullmatch(value)),
        domains=frozenset(filter(None, map(domain_of, (account.website, *emails)))),
        words=words_of(account.name),
        city=fold(account.billing_city),
    )


def _with_same_facts(known: _Known) -> QuerySet[Any]:
    """Unlinked ERP customers with the same number, VAT number or domain."""
    unlinked = AccountLink.objects.filter(status__in=(LinkStatus.UNLINKED, LinkStatus.CONFLICT))
    vat_id = Upper(Func(F("vat_id"), Value("[^A-Za-z0-9]"), Value(""), Value("g"), function="regexp_replace"))
    masters = ErpCustomer.objects.live().filter(key__in=unlinked.values("erp_customer"))
    same = Q(number__in=known.numbers) | Q(plain_vat_id__in=known.vat_ids)
    for domain in sorted(known.domains):
        same |= Q(mail__endswith=f"@{domain}") | Q(site__contains=domain)
    found: QuerySet[Any] = masters.annotate(plain_vat_id=vat_id, mail=Lower("email"), site=Lower("website"))
    return found.filter(same)


def _any_word(words: Iterable[str]) -> Q:
    condition = Q()
    for word in sorted(words):
        condition |= Q(search_text__contains=word)
    return condition


def _weighed(known: _Known, master: ErpCustomer, customer: int) -> Candidate:
    evidence: list[tuple[int, str]] = []
    if _plain(master.vat_id) in known.vat_ids:
        evidence.append((100, f"Same VAT number {master.vat_id}"))
    if master.number and master.number in known.numbers:
        evidence.append((90, f"Same number {master.number}"))
    domain = next((each for each in map(domain_of, (master.email, master.website)) if each in known.domains), "")
    if domain:
        evidence.append((60, f"Same e-mail or web domain {domain}"))
    words = words_of(master.name)
    common = known.words & words
    if common and words == known.words:
        evidence.append((50, "Same name apart from the legal form"))
    elif common and 2 * len(common) >= len(known.words):
        evidence.append((30, f"Name also has “{' '.join(sorted(common))}”"))
    if evidence and known.city and fold(master.city) == known.city:
        evidence.append((5, f"Same city {master.city}"))
    return Candidate(
        customer=customer,
        name=master.name or master.key,
        number=master.number or master.key,
        city=", ".join(filter(None, (master.city, master.country))),
        evidence=tuple(words for _, words in evidence),
        weight=sum(weight for weight, _ in evidence),
    )


def _plain(text: str) -> str:
    """A VAT number without spaces, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()
