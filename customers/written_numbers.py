"""Numbers as people type them into forms and addresses: 1234.50 or 1,234.50, and what could mean two numbers is asked
back. The companies here write 2,5 and 150.000 as often as 2.5 and 150,000, so neither is guessed at.
"""

import re
from decimal import Decimal

LONGEST = 40
# Commas stand between thousands, a point before the decimals.
_NUMBER = re.compile(r"[-\u2212]?(\d{1,18}|[1-9]\d{0,2}(,\d{3})+)(\.\d{1,6})?")
_TWO_MEANINGS = re.compile(r"[-\u2212]?[1-9]\d{0,2}\.\d{3}")
# The other way round: points between thousands, a comma before the decimals.
_TURNED = re.compile(r"([-\u2212]?(?:\d{1,18}|[1-9]\d{0,2}(?:\.\d{3})+))(?:,(\d{1,6}))?")


class BadNumber(ValueError):
    """A text is no number, or could be two; the message quotes it and says what to type, without a full stop."""


def plain(text: str) -> str:
    """A text without the spaces that stand between thousands, and with an ordinary minus."""
    return re.sub(r"[\s\u00a0\u202f]", "", text).replace("\u2212", "-")


def read_number(text: str, example: str = "1234.50") -> Decimal:
    """The number that a text means, up to 18 digits before the point and six after it. Raises BadNumber, which shows
    the example where nothing better can be guessed.
    """
    written, quoted = plain(text), f"“{text.strip()[:LONGEST]}”"
    if _TWO_MEANINGS.fullmatch(written):
        whole, after = written.split(".")
        fraction = after.rstrip("0")
        # A number of three decimals needs a fourth, or it would be asked back again.
        small = f"{whole}.{after}0" if len(fraction) == 3 else f"{whole}.{fraction}" if fraction else whole
        raise BadNumber(f"{quoted} can mean {whole}{after} or {small}; type the one you mean")
    if _NUMBER.fullmatch(written):
        return Decimal(written.replace(",", ""))
    if (turned := _TURNED.fullmatch(written)) and len(written) <= LONGEST:
        whole, after = turned[1].replace(".", ""), turned[2]
        raise BadNumber(f"{quoted} is no number here; type {whole}{f'.{after}' if after else ''}")
    raise BadNumber(f"{quoted} is no number; type one such as {example}")
