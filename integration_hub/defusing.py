"""Text for files that a spreadsheet opens: none of it runs there as a formula."""

# OWASP "CSV injection": a text that begins so may run as a formula when the file is opened.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula. Numbers never pass
    through here.
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text.replace("\0", "")
