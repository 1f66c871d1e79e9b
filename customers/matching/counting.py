"""Counts how many records say the same thing, each up to a limit, and remembers it for the length of one matching."""

from collections.abc import Iterable

from customers.matching.blocks import word_block
from customers.models import MatchRecord, MatchSide
from customers.statements import fetch

COMMON_SHARE, COMMON_LEAST = 0.002, 4
"""A word is common that more accounts have in their name than this share of all, and more than this number."""
ENOUGH = 50
"""Beyond that it does not matter how many more have the same name or number."""
MOST_REMEMBERED = 1_000_000


class StoredCounts:
    """Counts of match_block. What was not asked for ahead is looked up one by one."""

    def __init__(self) -> None:
        accounts = MatchRecord.objects.filter(side=MatchSide.ACCOUNT).count()
        self._common = max(COMMON_LEAST, int(accounts * COMMON_SHARE))
        self._most = {MatchSide.ERP: ENOUGH, MatchSide.ACCOUNT: max(ENOUGH, self._common + 1)}
        self._words: dict[str, bool] = {}
        self._known: dict[MatchSide, dict[int, int]] = {MatchSide.ERP: {}, MatchSide.ACCOUNT: {}}

    def look_up(self, side: MatchSide, blocks: Iterable[int]) -> None:
        """Count these ahead, with one query."""
        known = self._known[side]
        if len(known) > MOST_REMEMBERED:
            known.clear()
        missing = [block for block in set(blocks) if block not in known]
        if missing:
            known.update(fetch("match_counts", blocks=missing, side=str(side), most=self._most[side]))

    @property
    def most_accounts(self) -> int:
        """How far accounts are counted."""
        return self._most[MatchSide.ACCOUNT]

    def customers(self, block: int) -> int:
        """ERP customers with this block."""
        return self._count(MatchSide.ERP, block)

    def accounts(self, block: int) -> int:
        """Accounts with this block."""
        return self._count(MatchSide.ACCOUNT, block)

    def is_common(self, word: str) -> bool:
        """Whether so many accounts have this word in their name that it tells none of them apart."""
        found = self._words.get(word)
        if found is None:
            found = self._words[word] = self.accounts(word_block(word)) > self._common
        return found

    def look_up_words(self, words: Iterable[str]) -> None:
        """Count these ahead, with one query."""
        if len(self._words) > MOST_REMEMBERED:
            self._words.clear()
        self.look_up(MatchSide.ACCOUNT, [word_block(word) for word in words if word not in self._words])

    def _count(self, side: MatchSide, block: int) -> int:
        found = self._known[side].get(block)
        if found is None:
            self.look_up(side, [block])
            found = self._known[side][block]
        return found
