"""Finds which ERP customer is which account: proposals with evidence, and those certain enough to link by themselves.

take_in, refresh    inside a publish, before and after links are made
match_all           everything that is to do, in portions; `manage.py match` and the matching run call it
propose             the same for some ERP customers or accounts
evidence            any pair, judged from what the mirror says now
follow_decisions    after decisions about a few ERP customers
rejected            the pairs that were decided to be none
to_compare          which of some ERP customers are still to be compared
certain_pairs       the proposals that may link by themselves
"""

from customers.matching.judging import Evidence, Match
from customers.matching.pairs import certain_pairs, evidence, propose
from customers.matching.proposing import rejected
from customers.matching.refreshing import follow_decisions, match_all, refresh, take_in, to_compare

__all__ = [
    "Evidence",
    "Match",
    "certain_pairs",
    "evidence",
    "follow_decisions",
    "match_all",
    "propose",
    "refresh",
    "rejected",
    "take_in",
    "to_compare",
]
