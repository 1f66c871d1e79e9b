"""Finds the accounts that ERP customers may belong to, and writes them as proposals."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.utils import timezone

from customers.matching.blocks import MOST_ACCOUNTS, bare_block, name_block, vat_block, word_block
from customers.matching.counting import StoredCounts
from customers.matching.facts import Facts
from customers.matching.judging import Match, judge
from customers.matching.store import facts_of_records
from customers.matching.tax_ids import bare
from customers.models import LinkProposal, MatchRecord, MatchSide
from customers.statements import fetch, run

LEAST_SCORE = Decimal("0.02")
"""Pairs less likely than this are no proposal."""
MOST_PROPOSALS = 5
MOST_CANDIDATES = 10
"""Accounts that are compared with one ERP customer: those with the most, and the rarest, in common. On the tuning sets
the true one is among the first 8 as often as among the first 20.
"""
LEAST_IN_COMMON = 0.05
"""A pair is compared when one over the number of accounts, summed over the blocks in common, is at least this."""
MOST_SHARING = 60
"""ERP customers that are compared with one changed account."""
MOST_CUSTOMERS = 400
Proposal = tuple[str, str, Match]
Known = dict[int, tuple[str, Facts]]
MOST_KNOWN = 250_000


class Matcher:
    """Counts and accounts that one matching has met, so that each is read once."""

    def __init__(self) -> None:
        self._counts = StoredCounts()
        self._accounts: Known = {}

    def match_customers(self, records: Sequence[int]) -> int:
        """Find all proposals of these ERP customers anew; how many there are. They are due no more."""
        customers = facts_of_records(records)
        pairs = fetch(
            "match_candidates",
            records=list(records),
            most_accounts=MOST_ACCOUNTS,
            least=str(LEAST_IN_COMMON),
            most=MOST_CANDIDATES,
        )
        found = self._judged(pairs, customers, self._known_accounts(account for _, account in pairs))
        LinkProposal.objects.filter(erp_customer__in=[key for key, _ in customers.values()]).delete()
        written = _write(found)
        MatchRecord.objects.filter(pk__in=records).update(due=False)
        return written

    def match_accounts(self, records: Sequence[int]) -> int:
        """Compare changed accounts with the ERP customers that have something in common with them; how many of these
        pairs are proposals. An ERP customer that had as many proposals as there may be, and loses one, is due.
        """
        pairs = _sharing(records)
        customers = facts_of_records({customer for customer, _ in pairs})
        accounts = facts_of_records(records)
        found = self._judged(pairs, customers, accounts)
        run("match_account_proposals_gone", accounts=[key for key, _ in accounts.values()], most=MOST_PROPOSALS)
        _write(found)
        return run("match_proposals_over", customers=[key for key, _, _ in found], most=MOST_PROPOSALS)

    def _known_accounts(self, asked: Iterable[int]) -> Known:
        """Those asked for at least."""
        if len(self._accounts) > MOST_KNOWN:
            self._accounts.clear()
        self._accounts |= facts_of_records({each for each in asked if each not in self._accounts})
        return self._accounts

    def _judged(
        self, pairs: Sequence[tuple[int, ...]], customers: Known, accounts: Mapping[int, tuple[str, Facts]]
    ) -> list[Proposal]:
        """The likely ones of the pairs, which come in order of their ERP customers; of each the best, best first."""
        self._count_ahead(pairs, customers, accounts)
        found: list[Proposal] = []
        for customer, group in groupby(pairs, key=itemgetter(0)):
            key, erp = customers[customer]
            judged = [
                (key, accounts[account][0], judge(erp, accounts[account][1], self._counts)) for _, account in group
            ]
            likely = [each for each in judged if each[2].score >= LEAST_SCORE]
            found += sorted(likely, key=lambda each: (-each[2].score, each[1]))[:MOST_PROPOSALS]
        return found

    def _count_ahead(
        self, pairs: Sequence[tuple[int, ...]], customers: Known, accounts: Mapping[int, tuple[str, Facts]]
    ) -> None:
        """What judging will ask for, in two queries instead of one for each word."""
        met = [accounts[each][1] for each in {account for _, account in pairs}]
        words = {word for facts in (*met, *(facts for _, facts in customers.values())) for word in facts.name.words}
        numbers = {block for facts in met for block in _number_blocks(facts)}
        names = {name_block(facts.name.words) for facts in met if facts.name.words}
        self._counts.look_up(MatchSide.ACCOUNT, {*map(word_block, words), *names, *numbers})
        self._counts.look_up(MatchSide.ERP, numbers)


def make_due(accounts: Sequence[int]) -> None:
    """ERP customers that have something in common with these accounts, or have a proposal of theirs, are due."""
    keys = MatchRecord.objects.filter(pk__in=accounts).values_list("key", flat=True)
    run("match_account_proposals_gone", accounts=list(keys), most=1)
    MatchRecord.objects.filter(pk__in={customer for customer, _ in _sharing(accounts)}).update(due=True)


def _sharing(accounts: Sequence[int]) -> list[tuple[int, ...]]:
    return fetch(
        "match_sharing",
        records=list(accounts),
        most_accounts=MOST_ACCOUNTS,
        most_customers=MOST_CUSTOMERS,
        least=str(LEAST_IN_COMMON),
        most=MOST_SHARING,
    )


def _number_blocks(facts: Facts) -> Iterable[int]:
    yield from (vat_block(each.number) for each in facts.vats)
    yield from (bare_block(bare(each.number)) for each in facts.vats)
    if facts.registration:
        yield bare_block(bare(facts.registration))


def _write(proposals: Sequence[Proposal], at: datetime | None = None) -> int:
    found_at = at or timezone.now()
    columns = "erp_customer, account, score, certain, evidence, found_at"
    with connection.cursor() as cursor, cursor.copy(f"copy link_proposal ({columns}) from stdin") as copy:
        for customer, account, match in proposals:
            copy.write_row(
                (customer, account, match.score, match.certain, json.dumps(match.evidence), found_at.isoformat())
            )
    return len(proposals)
