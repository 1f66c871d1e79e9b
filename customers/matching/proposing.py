"""Finds the accounts that ERP customers may belong to, and writes them as proposals."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, groupby

from django.db import connection
from django.utils import timezone

from customers.matching.blocks import MOST_ACCOUNTS, bare_block, name_block, vat_block
from customers.matching.comparing import Compared, compare_but_name
from customers.matching.counting import StoredCounts
from customers.matching.facts import Facts
from customers.matching.judging import Match, Scored, likely, promising, told
from customers.matching.store import Keyed, Known, facts_of_records
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
WHOLE = 720_720
"""What a block counts that one account has; one of several is divided by their number. Whole numbers, so that a sum is
the same in whatever order it is made.
"""
LEAST_IN_COMMON = WHOLE // 20
"""A pair is compared when its blocks in common count so much together."""
MOST_SHARING = 60
"""ERP customers that are compared with one changed account."""
MOST_CUSTOMERS = 400
HOPELESS = 0.019
"""A pair that cannot get so far, whatever its names are, is not scored: below LEAST_SCORE, however that is rounded."""
Proposal = tuple[str, str, Match]
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
            whole=WHOLE,
            least=LEAST_IN_COMMON,
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
        self, pairs: Iterable[tuple[int, ...]], customers: Mapping[int, Keyed], accounts: Mapping[int, Keyed]
    ) -> list[Proposal]:
        """The likely ones of the pairs, which come in order of their ERP customers; of each the best, best first."""
        pending = []
        for customer_record, account_record in pairs:
            erp, account = customers[customer_record], accounts[account_record]
            others = compare_but_name(erp[1], account[1])
            if promising(others, HOPELESS):
                pending.append((erp, account, others))
        self._count_names_ahead(pending)
        refused = rejected(sorted({erp[0] for erp, _, _ in pending}))
        kept = []
        for erp, account, others in pending:
            if (erp[0], account[0]) in refused:
                continue
            pair = likely(erp[1], account[1], others, self._counts, HOPELESS)
            if pair and pair.score >= LEAST_SCORE:
                kept.append((erp, account, pair))
        best: list[tuple[Keyed, Keyed, Scored]] = []
        for _, group in groupby(kept, key=lambda each: each[0][0]):
            best += sorted(group, key=lambda each: (-each[2].score, each[1][0]))[:MOST_PROPOSALS]
        self._count_numbers_ahead(account[1] for _, account, _ in best)
        return [(erp[0], account[0], told(erp[1], account[1], pair, self._counts)) for erp, account, pair in best]

    def _count_names_ahead(self, pending: Sequence[tuple[Keyed, Keyed, Sequence[Compared]]]) -> None:
        """What scoring will ask for, in two queries instead of one for each word."""
        names = {account[1].name.words for _, account, _ in pending}
        self._counts.look_up(MatchSide.ACCOUNT, map(name_block, filter(None, names)))
        own = {erp[1].name.words for erp, _, _ in pending}
        self._counts.look_up(MatchSide.ERP, map(name_block, filter(None, own)))
        names |= own
        self._counts.look_up_words(set(chain.from_iterable(names)))

    def _count_numbers_ahead(self, accounts: Iterable[Facts]) -> None:
        """What certainty will ask for."""
        numbers = {block for facts in accounts for block in _number_blocks(facts)}
        for side in MatchSide:
            self._counts.look_up(side, numbers)


def rejected(customers: Sequence[str]) -> dict[tuple[str, str], int]:
    """The accounts that these ERP customers were decided not to be, with the winners these were merged into: the
    decision's id by the keys of both.
    """
    return {(erp, account): int(pk) for erp, account, pk in fetch("match_rejected", rejected_of=list(customers))}


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
        whole=WHOLE,
        least=LEAST_IN_COMMON,
        most=MOST_SHARING,
    )


def _number_blocks(facts: Facts) -> Iterable[int]:
    yield from (vat_block(each.number) for each in facts.vats)
    yield from (bare_block(bare(each.number)) for each in facts.vats)
    if facts.registration:
        yield bare_block(bare(facts.registration))


def _write(proposals: Sequence[Proposal], at: datetime | None = None) -> int:
    found_at = at or timezone.now()
    columns = "erp_customer, account, score, certain, shared, evidence, found_at"
    with connection.cursor() as cursor, cursor.copy(f"copy link_proposal ({columns}) from stdin") as copy:
        for customer, account, match in proposals:
            evidence = json.dumps(match.evidence)
            copy.write_row(
                (customer, account, match.score, match.certain, match.shared, evidence, found_at.isoformat())
            )
    return len(proposals)
