"""Salesforce ids: 15 characters whose letter case counts, or 18 with a suffix that makes them safe without it."""

import re

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def to_18(text: str) -> str:
    """The 18-character form of a 15- or 18-character id; blanks around it are dropped.

    ValueError when it is no id, or when the suffix does not belong to its first 15 characters (an id that went through
    something that changes letter case).
    """
    given = text.strip()
    if not _ID.fullmatch(given):
        raise ValueError(f"{given[:40]!r} is no Salesforce id: it needs 15 or 18 letters and digits.")
    whole = given[:15] + _suffix(given[:15])
    if len(given) == 18 and given[15:].upper() != whole[15:]:
        raise ValueError(f"{given!r} is no Salesforce id: its last three characters do not fit the others.")
    return whole


def is_id(text: str) -> bool:
    """Whether the text is a Salesforce id of either length."""
    try:
        to_18(text)
    except ValueError:
        return False
    return True


def _suffix(first: str) -> str:
    """One character per block of five: bit j is set where character j is a capital letter."""
    blocks = (first[start : start + 5] for start in (0, 5, 10))
    return "".join(_SUFFIX[sum(1 << bit for bit, char in enumerate(block) if "A" <= char <= "Z")] for block in blocks)
