"""How alike two names are: word by word, the rare words counting most."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein
from rapidfuzz.fuzz import ratio

COMMON_WEIGHT = 0.3
"""A word that many accounts have in their name, such as the trade, against 1 for one that tells them apart."""
SHORTENED = 0.92
"""A word that is the beginning of the other, as "masch" of "maschinenbau"."""
SHORTEST_BEGINNING = 3
LEAST_ALIKE = 0.72
"""Two words less alike than this have nothing in common."""
RARE_ALIKE = 0.8
CLOSE = 0.93
Common = Callable[[str], bool]


def alike(words: Sequence[str], others: Sequence[str], is_common: Common) -> tuple[float, bool]:
    """0 to 1, the same in both directions, 1 for the same words in whatever order; and whether a word that tells
    companies apart stands in both, typing errors allowed.
    """
    if not words or not others:
        return 0.0, False
    common, common_others = [*map(is_common, words)], [*map(is_common, others)]
    if words == others or sorted(words) == sorted(others):
        return 1.0, not all(common)
    table = [[words_alike(word, other) for other in others] for word in words]
    rare = _shares_rare(table, common, common_others)
    joined, joined_others = "".join(words), "".join(others)
    if joined == joined_others:
        return 1.0, rare
    here = _weighed([*map(max, table)], common)
    there = _weighed([*map(max, zip(*table, strict=True))], common_others)
    value = (here + there) / 2
    if value < CLOSE:
        # What one writes as one word, the other may write as two.
        value = max(value, ratio(joined, joined_others, score_cutoff=85) / 100 - 0.04)
    return min(value, 0.99), rare


def _shares_rare(table: Sequence[Sequence[float]], common: Sequence[bool], common_others: Sequence[bool]) -> bool:
    for row, is_so in zip(table, common, strict=True):
        if is_so or max(row) < RARE_ALIKE:
            continue
        for value, other_is_so in zip(row, common_others, strict=True):
            if value >= RARE_ALIKE and not other_is_so:
                return True
    return False


def _weighed(best: list[float], common: list[bool]) -> float:
    weights = [COMMON_WEIGHT if is_so else 1.0 for is_so in common]
    return sum(weight * value for weight, value in zip(weights, best, strict=True)) / sum(weights)


@lru_cache(maxsize=1 << 17)
def words_alike(word: str, other: str) -> float:
    """0 to 1 for two words, the same in both directions."""
    if word == other:
        return 1.0
    if not (word.isalpha() and other.isalpha()):
        # "Werk 2" is not nearly "Werk 3".
        return 0.0
    if min(len(word), len(other)) >= SHORTEST_BEGINNING and (word.startswith(other) or other.startswith(word)):
        return SHORTENED
    value: float = Levenshtein.normalized_similarity(word, other, score_cutoff=LEAST_ALIKE)
    return value or JaroWinkler.similarity(word, other, score_cutoff=0.93) * 0.85
