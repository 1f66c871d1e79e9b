"""Words of a text as searches see them: folded, and split at blanks and ASCII punctuation.

The database's function search_words (migration 0008) does the same, so that an index over it answers; tests hold both
against each other.
"""

import re
import unicodedata
from collections.abc import Sequence

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, Func, Value

LONGEST = 100
_BETWEEN = re.compile(r"[\s!-/:-@\[-`{-~]+")

_PIECES = re.compile(r"[\s!-/:-@\[-`{-~]+|[^\s!-/:-@\[-`{-~]+")


def fold(text: str) -> str:
    """Lower case without accents, so that Müller, MULLER and muller are one."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f").lower().replace("ß", "ss")


def words_of(text: str) -> list[str]:
    """The folded words of a text in their order; numbers without leading zeros, as both forms are indexed."""
    found = [word for word in _BETWEEN.split(fold(text)) if word]
    return [(word.lstrip("0") or word if word.isascii() and word.isdigit() else word)[:LONGEST] for word in found]


def pieces_of(value: str, text: str) -> list[tuple[str, bool]]:
    """The value in pieces, and whether each is the beginning of a word that the text asks for."""
    asked = sorted(words_of(text), key=len, reverse=True)
    pieces: list[tuple[str, bool]] = []
    for piece in _PIECES.findall(value):
        folded = fold(piece)
        zeros = len(piece) - len(piece.lstrip("0"))
        length = next((len(word) for word in asked if folded.startswith(word)), 0)
        if not length and zeros:
            length = next((zeros + len(word) for word in asked if folded[zeros:].startswith(word)), 0)
        if length and len(folded) != len(piece):
            length = len(piece)
        pieces += [(part, meant) for part, meant in ((piece[:length], True), (piece[length:], False)) if part]
    return pieces


class SearchWords(Func):
    """The words of one or several columns together, for an index and for the condition that uses it."""

    function = "search_words"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class HasWords(Func):
    """Whether the columns hold words that begin with all of these, which come from `words_of`."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, columns: Sequence[str], words: Sequence[str]) -> None:
        super().__init__(SearchWords(*columns), _Query(Value(words_query(words))))


class _Query(Func):
    template = "(%(expressions)s)::tsquery"


def words_query(beginnings: Sequence[str], whole: str = "") -> str:
    """The text of a tsquery; words from `words_of` hold no letter that means something in it."""
    return " & ".join([*(f"'{word}':*" for word in beginnings), *([f"'{whole}'"] if whole else [])])
