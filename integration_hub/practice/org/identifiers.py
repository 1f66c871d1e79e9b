"""Salesforce record ids: 15 case-sensitive characters and the 3-character suffix that makes 18."""

from __future__ import annotations

import re

SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
POD = "5i0"
"""The three characters after the key prefix, which in a real org name the instance."""

_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def suffix(id15: str) -> str:
    """The checksum of a 15-character id: one character per block of five, one bit per upper-case letter."""
    letters = []
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(id15[start : start + 5]) if "A" <= char <= "Z")
        letters.append(SUFFIX_ALPHABET[bits])
    return "".join(letters)


def to_18(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None when it is neither or the suffix is wrong.

    A suffix in the wrong letter case is accepted, as Salesforce does; the first 15 characters never change.
    """
    if not _SHAPE.fullmatch(text):
        return None
    whole = text[:15] + suffix(text[:15])
    if len(text) == 18 and text[15:].upper() != whole[15:]:
        return None
    return whole


def numbered(prefix: str, number: int) -> str:
    """The 18-character id number `number` of the object with this three-character key prefix."""
    digits = []
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    id15 = prefix + POD + "".join(reversed(digits))
    return id15 + suffix(id15)


class Mint:
    """Hands out record ids, counting per key prefix."""

    def __init__(self, counters: dict[str, int] | None = None) -> None:
        self.counters = dict(counters or {})

    def new(self, prefix: str) -> str:
        """The next unused id of this key prefix."""
        self.counters[prefix] = self.counters.get(prefix, _start(prefix)) + 1
        return numbered(prefix, self.counters[prefix])


def _start(prefix: str) -> int:
    """Where counting begins: elsewhere for each object, so that ids of different objects never look alike."""
    return 2_000_000 + sum(BASE62.index(char) * 7919 * (1 + 61 * place) for place, char in enumerate(prefix))
