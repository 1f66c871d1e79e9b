"""The one rule for texts in CSV files: a spreadsheet that opens the file runs none of them as a formula."""

import re

# OWASP "CSV injection": a text that begins so may run as a formula when the file is opened.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
# Nothing else that begins with a sign is one, however much of it a programming language would read as a number.
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def defused(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula, and without NUL. Numbers
    never pass through here.
    """
    found = text.replace("\0", "")
    return f"'{found}" if text.lstrip(" ").startswith(FORMULA_STARTS) else found


def safe(text: str) -> str:
    """The same for texts among which there are numbers: they stay as they are, -12.50 too."""
    return text if NUMBER.fullmatch(text) else defused(text)
