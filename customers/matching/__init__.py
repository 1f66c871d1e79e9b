"""Finds which ERP customer is which account: proposals with evidence, and those certain enough to link by themselves.

take_in, refresh    inside a publish, before and after links are made
match_all           everything that is to do, in portions; `manage.py match` and the matching run call it
propose             the same for some ERP customers or accounts
evidence            any pair, judged from what the mirror says now
certain_pairs       the proposals that may link by themselves
"""

from customers.matching.judging import Evidence, Match
from customers.matching.pairs import certain_pairs, evidence, propose
from customers.matching.refreshing import match_all, refresh, take_in

__all__ = ["Evidence", "Match", "certain_pairs", "evidence", "match_all", "propose", "refresh", "take_in"]
