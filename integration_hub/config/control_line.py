"""How control totals are written: a text with places, such as "T;{rows};{sum:Net Total}"."""

import re
from dataclasses import dataclass

PLACE = re.compile(r"\{(rows|any|sum:[^{}]+)\}")
# Blanks around a figure never matter; a sum may have groups, either decimal mark, and its sign behind.
PATTERNS = {"rows": r"\s*(\d+)\s*", "any": r".*?", "sum": r"\s*([-+]?[\d.,]+-?)\s*"}


@dataclass(frozen=True)
class ControlLine:
    """A compiled text: what each group of `pattern` holds is "rows" or the name of a summed column."""

    pattern: re.Pattern[str]
    figures: tuple[str, ...]


def control_line(text: str) -> ControlLine:
    """Compile the text. Raises ValueError, in words, where it has no figure to compare or a place that is unknown."""
    parts, figures, behind = [], [], 0
    for place in PLACE.finditer(text):
        kind, _, column = place.group(1).partition(":")
        parts += [re.escape(text[behind : place.start()]), PATTERNS[kind]]
        if kind != "any":
            figures.append(column or kind)
        behind = place.end()
    rest = text[behind:]
    if not figures:
        raise ValueError("It has neither {rows} nor {sum:COLUMN}, so nothing could be compared.")
    if "{" in "".join(PLACE.split(text)[::2]):
        raise ValueError("It has a place that is none of {rows}, {sum:COLUMN} and {any}.")
    return ControlLine(re.compile("".join([*parts, re.escape(rest)])), tuple(figures))
