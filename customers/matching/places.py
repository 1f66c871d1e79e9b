"""Streets, postal codes and cities made comparable."""

import re
from functools import lru_cache
from typing import NamedTuple

from customers.matching.letters import code, pieces

# Spellings of what a street is called.
KINDS = {
    **dict.fromkeys(("strasse", "str", "street", "st", "straat", "gatan", "g"), "str"),
    **dict.fromkeys(("avenue", "av", "ave"), "av"),
    **dict.fromkeys(("road", "rd"), "rd"),
    **dict.fromkeys(("drive", "dr"), "dr"),
    **dict.fromkeys(("lane", "ln"), "ln"),
    **dict.fromkeys(("boulevard", "blvd", "bd"), "blvd"),
    **dict.fromkeys(("platz", "pl", "place", "square", "sq"), "pl"),
    **dict.fromkeys(("parkway", "pkwy"), "pkwy"),
}
ENDING = re.compile(r"(strasse|str)$")
NUMBER = re.compile(r"\d+[a-z]?")
# What English calls cities otherwise, and what they are called there.
ALSO = {
    "munich": "munchen",
    "cologne": "koln",
    "nuremberg": "nurnberg",
    "hanover": "hannover",
    "vienna": "wien",
    "zuerich": "zurich",
    "geneva": "geneve",
    "genf": "geneve",
    "milan": "milano",
    "mailand": "milano",
    "turin": "torino",
    "rome": "roma",
    "florence": "firenze",
    "venice": "venezia",
    "naples": "napoli",
    "brussels": "bruxelles",
    "prague": "praha",
    "warsaw": "warszawa",
    "lisbon": "lisboa",
    "copenhagen": "kobenhavn",
    "gothenburg": "goteborg",
    "lyons": "lyon",
}


class Street(NamedTuple):
    """The street's words as one text, and the house number."""

    name: str
    number: str


def street_of(text: str) -> Street:
    """ "Industriestr. 12" and "Industriestraße 12" are one."""
    words = pieces(text)
    numbers = [word for word in words if NUMBER.fullmatch(word)]
    rest = [KINDS.get(word, word) for word in words if not NUMBER.fullmatch(word)]
    return Street("".join(ENDING.sub("str", word) for word in rest), numbers[-1] if numbers else "")


@lru_cache(maxsize=1 << 16)
def city_of(text: str) -> str:
    """Without the state that American addresses add."""
    name = "".join(pieces(text.partition(",")[0]))
    return ALSO.get(name, name)


def postal_of(text: str) -> str:
    """Without blanks, dashes and a country before it, as in D-70173."""
    written = re.sub(r"^[A-Za-z]{1,2}-(?=\d)", "", text.strip())
    return code(written)
