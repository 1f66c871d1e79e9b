"""Keeps proposals up to date: a little of it inside the publish, the rest in a run of its own, portion by portion.

What is still to do is never remembered, only read from what is stored: records whose texts changed since they were made
(`print`), and ERP customers whose proposals are due. A killed run, or a publish that leaves more than it may do itself,
loses nothing. match_state says that there is something to look for.

Whether a pair is certain depends on all other records. So while the records are behind the mirror nothing is matched,
and no proposal counts as certain.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from customers.matching import store
from customers.matching.counting import StoredCounts
from customers.matching.proposing import Matcher, make_due
from customers.models import LinkProposal, MatchBlock, MatchRecord, MatchSide, MatchState
from customers.statements import fetch, run
from integration_hub import locks

MOST_IN_A_PUBLISH = 1_000
"""Changed records, and ERP customers whose proposals are due, that a publish takes care of itself: some seconds."""
PORTION = 2_000
BULK = 20_000
"""From so many changed records of one side on, match_block is emptied and filled in one go."""
OF_CUSTOMERS, OF_ACCOUNTS = frozenset({"erp_customer", "erp_contact"}), frozenset({"sf_account", "sf_contact"})


class Publication(Protocol):
    """What is known of a publish: whether every row was read again."""

    @property
    def full(self) -> bool: ...


def state() -> MatchState:
    """The one row."""
    return MatchState.objects.get_or_create(pk=1)[0]


def take_in(publication: Publication, changed: set[str]) -> None:
    """Before links are made: bring the records of what the publish touched up to date, so that no pair counts as
    certain on grounds that have changed. Reads the publish's temporary tables.
    """
    if not publication.full and not changed & (OF_CUSTOMERS | OF_ACCOUNTS):
        return
    everything = publication.full or not MatchRecord.objects.exists()
    keys: dict[MatchSide, list[str] | None] = dict.fromkeys(MatchSide)
    if not everything:
        touched = fetch("match_touched")
        keys = {side: [str(key) for of, key in touched if of == side] for side in MatchSide}
    stale = {side: store.stale(side, keys[side]) for side in MatchSide}
    gone = store.gone(None if everything else [key for each in keys.values() for key in each or ()])
    changed_records = sum(map(len, stale.values())) + len(gone)
    if changed_records > MOST_IN_A_PUBLISH and not state().behind:
        withdraw()
        MatchState.objects.filter(pk=1).update(pending=True, behind=True)
    elif changed_records and not state().behind:
        take_in_records(stale, gone)
        # What links by itself, or does no longer, does so in this publish.
        _match_few()


def take_in_records(stale: Mapping[MatchSide, Sequence[str]], gone: Sequence[int], *, match: bool = True) -> None:
    """Make these records anew, drop those that are gone, and find out whose proposals that concerns. Changed accounts
    are compared at once; without `match`, while other records may be behind, their ERP customers are due instead.
    """
    concerned = store.remove(gone) if gone else set()
    if keys := stale.get(MatchSide.ERP):
        concerned |= store.remake(MatchSide.ERP, keys)[1]
    if keys := stale.get(MatchSide.ACCOUNT):
        accounts, blocks = store.remake(MatchSide.ACCOUNT, keys)
        concerned |= blocks
        if match:
            Matcher().match_accounts(accounts)
        else:
            make_due(accounts)
    if concerned:
        # More accounts than are counted say so, before and after: nothing depends on one more or less.
        counted = StoredCounts().most_accounts + sum(map(len, stale.values())) + len(gone)
        run("match_due", blocks=list(concerned), most=counted)
    run("match_uncertain")


def refresh() -> None:
    """After links are made, as the last step of a publish: proposals that have become pointless fall away, and those
    that are due are found, or left for the matching run where there are many.
    """
    run("match_proposals_gone")
    run("match_proposals_rejected", rejected_of=None)
    if not state().behind:
        _match_few()


def _match_few() -> None:
    """Match what is due, or leave it to the matching run where that is much."""
    due = open_records(MOST_IN_A_PUBLISH + 1)
    if len(due) > MOST_IN_A_PUBLISH:
        MatchState.objects.filter(pk=1).update(pending=True)
    elif due:
        Matcher().match_customers(due)


def follow_decisions(customers: Sequence[str]) -> None:
    """After decisions about a few ERP customers, in their transaction: what was rejected is proposed no more, and those
    without an account are compared at once, unless the records are behind.
    """
    run("match_proposals_rejected", rejected_of=list(customers))
    if not state().behind and (due := open_records(len(customers), customers)):
        Matcher().match_customers(due)


def withdraw() -> None:
    """No proposal counts as certain until its ERP customer is matched again."""
    LinkProposal.objects.filter(certain=True).update(certain=False)
    MatchRecord.objects.filter(side=MatchSide.ERP, due=False).update(due=True)


def open_records(most: int, customers: Sequence[str] | None = None, *, after: int = 0) -> list[int]:
    """ERP customers without an account whose proposals are due, in order of their records, from beyond one."""
    keys = None if customers is None else list(customers)
    return [int(pk) for (pk,) in fetch("match_open", most=most, customers=keys, after=after)]


def to_compare(customers: Sequence[str]) -> set[str]:
    """Those of these ERP customers whose proposals are still to be found."""
    due = MatchRecord.objects.filter(side=MatchSide.ERP, key__in=customers, due=True)
    return set(due.values_list("key", flat=True))


def match_all(*, anew: bool = False) -> int:
    """Do everything that is to do, a portion at a time, each in a transaction of its own that keeps publishes waiting
    for some seconds; the number of ERP customers that were matched. `anew` finds all proposals again.
    """
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        state()
        if anew:
            withdraw()
    matched = 0
    while True:
        _take_in_all()
        matched += _match_due()
        if not MatchState.objects.filter(pk=1, behind=True).exists():
            return matched


def _match_due() -> int:
    """Match what is due, until nothing is or a publish left the records behind; how many ERP customers."""
    matcher, matched, last = Matcher(), 0, 0
    while True:
        with transaction.atomic():
            locks.wait_in_transaction(locks.PUBLISH)
            if state().behind:
                return matched
            # From the start again at the end: meanwhile others may have become due.
            due = open_records(PORTION, after=last) or open_records(PORTION)
            if not due:
                MatchState.objects.filter(pk=1).update(pending=False, matched_at=timezone.now())
                return matched
            matcher.match_customers(due)
        matched, last = matched + len(due), due[-1]


def _take_in_all() -> None:
    """Bring every record up to date: many of them in portions, the last ones with publishes kept waiting."""
    behind = state().behind or state().filling or not MatchRecord.objects.exists()
    while behind or not _take_in_rest():
        for side in MatchSide:
            _take_in_side(side)
        behind = False


def _take_in_rest() -> bool:
    """Leave no record behind, unless they are too many to keep publishes waiting: then False."""
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        stale = {side: store.stale(side) for side in MatchSide}
        if sum(map(len, stale.values())) > BULK:
            return False
        take_in_records(stale, store.gone(), match=False)
        MatchState.objects.filter(pk=1).update(behind=False, filling=False)
        return True


def _take_in_side(side: MatchSide) -> None:
    stale = store.stale(side)
    if len(stale) >= BULK or state().filling:
        _take_in_bulk(side, stale)
        return
    for start in range(0, len(stale), MOST_IN_A_PUBLISH):
        with transaction.atomic():
            locks.wait_in_transaction(locks.PUBLISH)
            take_in_records({side: stale[start : start + MOST_IN_A_PUBLISH]}, [], match=False)


def _take_in_bulk(side: MatchSide, stale: Sequence[str]) -> None:
    """Make very many records, and fill match_block when they are done."""
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        MatchState.objects.filter(pk=1).update(filling=True, behind=True, pending=True)
        withdraw()
    for start in range(0, len(stale), PORTION):
        with transaction.atomic():
            store.remake(side, stale[start : start + PORTION], fill=False)
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        MatchBlock.objects.filter(side=side).delete()
        run("match_fill", side=str(side))
    run("match_analyze")
