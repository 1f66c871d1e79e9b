"""Names of companies, taken apart into the words that tell them apart and the legal form."""

from typing import NamedTuple

from customers.matching.legal_forms import set_apart, without_form
from customers.matching.letters import pieces

MOST_WORDS = 8


class Name(NamedTuple):
    """`words` in their order, without legal form; none where the name is empty or only a form."""

    words: tuple[str, ...]
    form: str


def name_of(text: str) -> Name:
    """A company's name taken apart: "Müller & Söhne G.m.b.H." gives muller, sohne and gmbh."""
    words, form = without_form(_letters_joined(pieces(set_apart(text).replace("&", " and ").replace("+", " and "))))
    return Name(words[:MOST_WORDS], form)


def _letters_joined(words: list[str]) -> list[str]:
    """Single letters that follow each other are one abbreviation: "s", "p", "a" is "spa"."""
    found: list[str] = []
    open_run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and open_run:
            found[-1] += word
        else:
            found.append(word)
        open_run = single
    return found
