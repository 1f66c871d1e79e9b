"""The form of log lines: one event a line, as text or JSON, in UTC; nothing of a query in them.

A SOQL text holds customers' names, a token request's address could hold a secret.
"""

import json
import logging
import re
from datetime import UTC, datetime

_QUERY = re.compile(r"\?[^\s\"']*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class WithoutQueries(logging.Filter):
    """Cuts everything behind the question mark off the addresses of a record; lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record where an argument looks like an address with a query."""
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(each) for each in record.args)
        return True


class Line(logging.Formatter):
    """Instant in UTC, level, logger, message. A line break in the message is written as a space: what somebody typed
    must not look like a line of its own. Only a traceback follows on lines of its own, indented.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback where there is one."""
        message = _CONTROL.sub(" ", record.getMessage())
        line = f"{_instant(record)} {record.levelname} {record.name} {message}"
        if record.exc_info:
            line += "".join(f"\n    {each}" for each in self.formatException(record.exc_info).splitlines())
        return line


class JsonLine(logging.Formatter):
    """One JSON object a line: at, level, logger, process, message, and traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The object; JSON escapes line breaks by itself."""
        told = {
            "at": _instant(record),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cut(value: object) -> object:
    if isinstance(value, str):
        return _QUERY.sub("?...", value)
    if isinstance(value, Exception):
        return type(value).__name__
    return value
