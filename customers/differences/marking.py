"""The parts in which two values differ, so that a page can mark them."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

Pieces = tuple[tuple[str, bool], ...]
TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
# Comparing takes the square of the length; nobody reads a value of that many words side by side.
MOST_TOKENS = 200


def marked_pair(first: str, second: str) -> tuple[Pieces, Pieces]:
    """Both values in pieces, and whether each piece differs; case makes no difference. A text that is only in one of
    them differs as a whole.
    """
    one, two = TOKENS.findall(first), TOKENS.findall(second)
    if len(one) > MOST_TOKENS or len(two) > MOST_TOKENS:
        return ((first, True),), ((second, True),)
    matcher = SequenceMatcher(None, _folded(one), _folded(two), autojunk=False)
    here: list[tuple[str, bool]] = []
    there: list[tuple[str, bool]] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        here.append(("".join(one[start:end]), kind != "equal"))
        there.append(("".join(two[other_start:other_end]), kind != "equal"))
    return _joined(here), _joined(there)


def _folded(tokens: Sequence[str]) -> list[str]:
    return [" " if token.isspace() else token.casefold() for token in tokens]


def _joined(pieces: Sequence[tuple[str, bool]]) -> Pieces:
    return tuple((text, differs) for text, differs in pieces if text)
