"""What Salesforce answers about one written row, whichever way it was sent."""

import re
from dataclasses import dataclass

UNPROCESSED = "UNPROCESSED"
_TAIL = re.compile(r":(?P<fields>[\w.,\s]*)--\s*\Z")


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """The fate of one row by its 18-character id.

    `code`, `text` and `fields` (API names) are empty when it was accepted.
    The code UNPROCESSED is ours: the job ended before Salesforce reached the row.
    """

    id: str
    ok: bool
    code: str = ""
    text: str = ""
    fields: tuple[str, ...] = ()


def refused_row(record_id: str, error: str) -> RowAnswer:
    """The answer behind an sf__Error value, `CODE:message:FIELD,FIELD --`; the message may hold colons and lines."""
    code, _, rest = error.partition(":")
    tail = _TAIL.search(rest)
    text = rest[: tail.start()] if tail else rest
    names = tail["fields"].split(",") if tail else []
    fields = tuple(name.strip() for name in names if name.strip())
    return RowAnswer(record_id, ok=False, code=code.strip() or "UNKNOWN", text=text.strip(), fields=fields)


def unprocessed_row(record_id: str, reason: str) -> RowAnswer:
    """The answer for a row that the job never reached."""
    return RowAnswer(record_id, ok=False, code=UNPROCESSED, text=reason)
