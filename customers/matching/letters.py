"""Text made comparable: lower case, without accents, with umlauts the same whether written as ü, ue or u."""

import re

from integration_hub.words import fold

# Letters that Unicode does not take apart.
PLAIN = str.maketrans({"ł": "l", "ø": "o", "æ": "a", "œ": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
# "ue" after a vowel or q is no umlaut: Bauer, Queens.
WRITTEN_OUT = re.compile(r"(?<![aeiouyq])([aou])e")
NO_LETTER = re.compile(r"[\W_]+")
NO_CODE = re.compile(r"[^A-Z0-9]+")


def plain(text: str) -> str:
    """Folded, in one spelling."""
    return WRITTEN_OUT.sub(r"\1", fold(text).translate(PLAIN))


def pieces(text: str) -> list[str]:
    """The words of a text in one spelling; other scripts than the Latin one stay as they are."""
    return NO_LETTER.sub(" ", plain(text)).split()


def code(text: str) -> str:
    """A number or identifier without blanks, dots and dashes, in capitals."""
    return NO_CODE.sub("", text.upper())
