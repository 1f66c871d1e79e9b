"""SOQL text to tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import ApiError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))
    |(?P<date>\d{4}-\d{2}-\d{2}(?![\dT]))
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>'(?:\\.|[^'\\])*')
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<op><=|>=|!=|<>|=|<|>|\(|\)|,)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "_": "\\_",
    "%": "\\%",
}


@dataclass(frozen=True)
class Token:
    """A piece of a query: its kind, its text (strings unescaped) and where it starts."""

    kind: str
    text: str
    position: int

    def word(self) -> str:
        """The text in capitals for a name, else the text itself."""
        return self.text.upper() if self.kind == "name" else self.text if self.kind == "op" else ""


def tokens(query: str) -> list[Token]:
    """All tokens and an `end` token; ApiError 400 MALFORMED_QUERY for a character that starts none."""
    found: list[Token] = []
    position = 0
    while position < len(query):
        match = _TOKEN.match(query, position)
        if match is None:
            raise malformed(query, position, f"unexpected char: '{query[position]}'")
        kind = str(match.lastgroup)
        if kind == "string":
            found.append(Token(kind, _unescape(query, match), position))
        elif kind != "space":
            found.append(Token(kind, match[0], position))
        position = match.end()
    found.append(Token("end", "<EOF>", position))
    return found


def _unescape(query: str, match: re.Match[str]) -> str:
    def one(escape: re.Match[str]) -> str:
        if escape[1] not in _ESCAPES:
            raise malformed(query, match.start(), f"Illegal string literal: {escape[0]}")
        return _ESCAPES[escape[1]]

    return re.sub(r"\\(.)", one, match[0][1:-1], flags=re.DOTALL)


def caret(query: str, position: int) -> str:
    """The part of the query around a position, a caret under it, and `ERROR at Row:r:Column:c`."""
    before = query[:position]
    row, column = before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
    start, end = max(0, position - 35), min(len(query), position + 25)
    excerpt = " ".join(query[start:end].split("\n"))
    return f"\n{excerpt}\n{' ' * (position - start)}^\nERROR at Row:{row}:Column:{column}\n"


def malformed(query: str, position: int, message: str) -> ApiError:
    """The refusal of a query that does not follow the grammar."""
    return ApiError(400, "MALFORMED_QUERY", caret(query, position) + message)
