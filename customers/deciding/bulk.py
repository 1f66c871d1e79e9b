"""Accepts many proposals at once: above a score, one clear account each, and exactly what a preview showed.

What takes a look at the pair is left to a person: another company by its legal form, country or register, and several
ERP customers of one name for the same account.
"""

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from customers.access import visible
from customers.calendar import current_day
from customers.deciding.acts import LONGEST_REASON, NotDecided, alone, follow
from customers.deciding.acts import name_of as name_of_user
from customers.matching.names import name_of
from customers.models import AccountLink, CustomerRollup, LinkDecision, LinkProposal, LinkStatus, LinkVerdict
from integration_hub import audit
from integration_hub.models import SfAccount

log = logging.getLogger(__name__)
# A second account whose score is so near leaves the choice to a person.
NEAR = Decimal("0.1")
LEAST = Decimal("0.5")
ANOTHER_COMPANY = ("form", "country", "registration")
"""Fields that make a pair two companies when they differ, whatever its score."""
ZERO = Decimal(0)
Chosen = tuple[AccountLink, str, Decimal]
"""The link of an ERP customer, and the one account that it likely is, with its score."""


@dataclass(frozen=True)
class Pair:
    """A proposal that would be accepted, with the ERP customer's money; `account_name` as Salesforce has it."""

    erp_customer: str
    account: str
    score: Decimal
    customer: int
    name: str
    account_name: str
    revenue_12m: Decimal
    overdue_amount: Decimal


@dataclass(frozen=True)
class Plan:
    """What accepting all proposals from a score on would do, the most money first. Left out are `several` ERP customers
    that have more than one likely account, `namesakes` that share their name with others for the same account,
    `unlike` whose legal form, country or register differs, and `conflicts` with stored keys that contradict each other.
    """

    least: Decimal
    pairs: tuple[Pair, ...]
    several: int
    namesakes: int
    unlike: int
    conflicts: int

    @property
    def revenue_12m(self) -> Decimal:
        """The money that would be linked."""
        return sum((pair.revenue_12m for pair in self.pairs), ZERO)

    @property
    def overdue_amount(self) -> Decimal:
        """What is overdue of the same ERP customers."""
        return sum((pair.overdue_amount for pair in self.pairs), ZERO)

    @property
    def accounts(self) -> int:
        """To how many accounts."""
        return len({pair.account for pair in self.pairs})

    @property
    def fingerprint(self) -> str:
        """The same for the same pairs, and for no others."""
        text = "\n".join(f"{pair.erp_customer}\t{pair.account}" for pair in sorted(self.pairs, key=_by_key))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Done:
    """How many were decided, and how many of them stand in conflict with a stored key; `later` says that a worker links
    them.
    """

    decided: int
    conflicts: int
    batch: UUID
    later: bool


def _by_key(pair: Pair) -> str:
    return pair.erp_customer


def plan(user: User, least: Decimal) -> Plan:
    """What would be accepted from a score on (0 to 1), now."""
    likely = _likely(least)
    waiting = visible(AccountLink.objects.filter(status=LinkStatus.UNLINKED, method=""), user)
    open_links = waiting.filter(erp_customer__in=likely.values("erp_customer")).select_related("customer")
    found: dict[str, list[tuple[str, Decimal, bool]]] = defaultdict(list)
    for erp_customer, account, score, unlike in likely.values_list("erp_customer", "account", "score", "unlike"):
        found[erp_customer].append((account, score, unlike))
    chosen, several = [], 0
    for link in open_links:
        candidates = found[link.erp_customer]
        if max(score for _account, score, _unlike in candidates) < least:
            continue
        if len(candidates) == 1:
            chosen.append((link, *candidates[0]))
        else:
            several += 1
    alike = [(link, account, score) for link, account, score, unlike in chosen if not unlike]
    clear = _without_namesakes(alike)
    conflicts = visible(AccountLink.objects.filter(status=LinkStatus.CONFLICT), user)
    above = likely.filter(score__gte=least).values("erp_customer")
    return Plan(
        least,
        _pairs(clear),
        several,
        namesakes=len(alike) - len(clear),
        unlike=len(chosen) - len(alike),
        conflicts=conflicts.filter(erp_customer__in=above).count(),
    )


def _without_namesakes(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Those that share account and name with no other: which of several ERP customers of one name an account is, or
    whether it is all of them, no score can say.
    """
    names = [(account, name_of(link.customer.name).words or link.customer.name) for link, account, _ in chosen]
    counted = Counter(names)
    return [each for each, name in zip(chosen, names, strict=True) if counted[name] == 1]


def _likely(least: Decimal) -> QuerySet[Any]:
    """Proposals of accounts that are there and not rejected, down to where a second one leaves a doubt; `unlike` says
    that they are of two companies.
    """
    rejected = LinkDecision.objects.filter(
        erp_customer=OuterRef("erp_customer"),
        account=OuterRef("account"),
        verdict=LinkVerdict.REJECT,
        undone_at=None,
    )
    live = SfAccount.objects.live().filter(key=OuterRef("account"))
    differs = (Q(evidence__contains=[{"field": field, "verdict": "different"}]) for field in ANOTHER_COMPANY)
    unlike = ExpressionWrapper(reduce(or_, differs), output_field=BooleanField())
    found: QuerySet[Any] = LinkProposal.objects.annotate(unlike=unlike)
    return found.filter(Exists(live), ~Exists(rejected), score__gte=least - NEAR)


def _pairs(clear: Sequence[Chosen]) -> tuple[Pair, ...]:
    as_of = current_day()
    money = _money(as_of, [link.customer_id for link, _account, _score in clear]) if as_of else {}
    names = dict(SfAccount.objects.filter(key__in={account for _, account, _ in clear}).values_list("key", "name"))
    pairs = [
        Pair(
            link.erp_customer,
            account,
            score,
            link.customer_id,
            link.customer.name,
            names.get(account, account),
            *money.get(link.customer_id, (ZERO, ZERO)),
        )
        for link, account, score in clear
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.revenue_12m, -pair.overdue_amount, pair.erp_customer)))


def _money(as_of: date, customers: list[int]) -> dict[int, tuple[Decimal, Decimal]]:
    rows = CustomerRollup.objects.filter(as_of=as_of, customer__in=customers)
    return {
        pk: (revenue, overdue) for pk, revenue, overdue in rows.values_list("customer", "revenue_12m", "overdue_amount")
    }


def accept_all(user: User, least: Decimal, fingerprint: str, reason: str) -> Done:
    """Accept exactly what the preview with this fingerprint showed. Raises NotDecided where that changed meanwhile."""
    with alone():
        wanted = plan(user, least)
        if not wanted.pairs:
            raise NotDecided("There is nothing to accept: it was decided already, or the score is too high.")
        if wanted.fingerprint != fingerprint:
            raise NotDecided("What would be accepted changed since it was shown. Look at it again, and accept then.")
        batch, keys = uuid4(), [pair.erp_customer for pair in wanted.pairs]
        LinkDecision.objects.bulk_create(
            _decisions(user, wanted, batch, reason.strip()[:LONGEST_REASON]), batch_size=500
        )
        later = follow(user, keys)
        torn = AccountLink.objects.filter(erp_customer__in=keys, status=LinkStatus.CONFLICT)
        conflicts = 0 if later else torn.count()
        told = {"from_score": least, "decisions": len(keys), "batch": batch, "reason": reason.strip()}
        audit.record("link.decided_many", "link", str(batch), after=told, who=user.get_username())
    log.info("Login %s accepted %s proposals at once from score %s on", user.pk, len(keys), least)
    return Done(len(keys), conflicts, batch, later)


def _decisions(user: User, wanted: Plan, batch: UUID, reason: str) -> list[LinkDecision]:
    keys = [pair.erp_customer for pair in wanted.pairs]
    shown: dict[tuple[str, str], Any] = {
        (erp_customer, account): evidence
        for erp_customer, account, evidence in LinkProposal.objects.filter(erp_customer__in=keys).values_list(
            "erp_customer", "account", "evidence"
        )
    }
    now = timezone.now()
    return [
        LinkDecision(
            at=now,
            by=user,
            by_name=name_of_user(user),
            verdict=LinkVerdict.ACCEPT,
            erp_customer=pair.erp_customer,
            account=pair.account,
            reason=reason,
            score=pair.score,
            evidence=shown.get((pair.erp_customer, pair.account)),
            batch=batch,
        )
        for pair in wanted.pairs
    ]
