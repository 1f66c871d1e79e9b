"""What others ask of matching: any pair with its evidence, some records matched at once, and what is certain."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from customers.matching import store
from customers.matching.counting import StoredCounts
from customers.matching.judging import Match, judge
from customers.matching.proposing import Matcher
from customers.matching.refreshing import PORTION, open_records, state, take_in_records, withdraw
from customers.models import LinkProposal, MatchRecord, MatchSide
from integration_hub import locks


def evidence(erp_customer: str, account: str) -> Match | None:
    """Any pair of live records, linked or not, judged from what the mirror says now; None where one is not live."""
    customers = store.mirrored(MatchSide.ERP, [erp_customer])
    accounts = store.mirrored(MatchSide.ACCOUNT, [account])
    if erp_customer not in customers or account not in accounts:
        return None
    return judge(customers[erp_customer][1], accounts[account][1], StoredCounts())


def certain_pairs() -> QuerySet[LinkProposal]:
    """Proposals that may be linked without anybody looking: at most one of each ERP customer, and of each account.

    In SQL: link_proposal where certain. `take_in` withdraws it, before links are made, from every pair whose grounds
    the publish has changed.
    """
    return LinkProposal.objects.filter(certain=True)


def propose(*, customers: Sequence[str] = (), accounts: Sequence[str] = ()) -> int:
    """Match these ERP customers and accounts now, with whatever of them has changed; how many proposals there are of
    these ERP customers. Those with an account get none.
    """
    with transaction.atomic():
        locks.wait_in_transaction(locks.PUBLISH)
        stale = {
            MatchSide.ERP: store.stale(MatchSide.ERP, customers),
            MatchSide.ACCOUNT: store.stale(MatchSide.ACCOUNT, accounts),
        }
        take_in_records(stale, store.gone([*customers, *accounts]))
        MatchRecord.objects.filter(side=MatchSide.ERP, key__in=customers).update(due=True)
        matcher = Matcher()
        while due := open_records(PORTION, customers):
            matcher.match_customers(due)
        if state().behind:
            # Who else has the same number is not known yet.
            withdraw()
    return LinkProposal.objects.filter(erp_customer__in=customers).count()
