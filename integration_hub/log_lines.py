"""Keeps queries out of the log: a SOQL text holds customers' names, a token request's address could hold a secret."""

import logging
import re

_QUERY = re.compile(r"\?[^\s\"']*")


class WithoutQueries(logging.Filter):
    """Cuts everything behind the question mark off the addresses of a record; lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record where an argument looks like an address with a query."""
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(each) for each in record.args)
        return True


def _cut(value: object) -> object:
    if isinstance(value, str):
        return _QUERY.sub("?...", value)
    if isinstance(value, Exception):
        return type(value).__name__
    return value
