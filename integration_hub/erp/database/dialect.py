"""What one kind of database must answer so that it can be read: how to connect, begin, prove that nothing can be
written, and what its errors mean. The dialects beside this file answer for theirs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, Engine
from sqlalchemy.pool import NullPool

CONNECT_SECONDS = 15
SHOWN_OBJECTS = 4


class Cause(Enum):
    """What went wrong at the source, whatever the dialect calls it."""

    PASSWORD = "password"  # noqa: S105 - a cause, no password
    DATABASE = "database"
    RIGHT = "right"
    SHAPE = "shape"
    WRITE = "write"
    BUSY = "busy"
    AWAY = "away"
    OTHER = "other"


@dataclass(frozen=True)
class Rights:
    """What a session may do: `writable` are phrases of what it could write, empty where it only reads.

    `read_only` says whether the session itself stops a write, None where the dialect has no such session. `product` is
    what the server calls itself, `proven` whether the reading was tried against a real one.
    """

    product: str
    version: str
    role: str
    database: str
    writable: Sequence[str]
    read_only: bool | None
    proof: str
    proven: bool = True


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One kind of database. `driver` is SQLAlchemy's name for it, `module` the package that must be installed.

    `begin` makes a fresh session read-only and opens one snapshot; `rights` looks at what it may do; `cause` says what
    an error means, and `typed` gives a value its own type where the driver hands over text (value, type code).
    `line` makes columns (with type codes and decimals) one row of COPY text on the server, for a driver that is slow
    with many values. `amount` makes a column a number that can be summed exactly, as so many of `amount_unit`.
    `abandon` tells the driver's connection that nobody waits for rows that are still on their way. `patience` are the
    driver's arguments that bound the silence of the server in seconds; `bounded` does it to a connection that stands.
    """

    label: str
    driver: str
    module: str
    package: str
    address: str
    grants: str
    begin: Callable[[Connection], None]
    rights: Callable[[Connection], Rights]
    cause: Callable[[BaseException], Cause]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    connector: Callable[[URL], Callable[[], Any]] | None = None
    typed: Callable[[Any, Any], Any] = lambda value, _code: value
    line: Callable[[Sequence[tuple[Any, Any, int | None]]], Any] | None = None
    amount: Callable[[Any], Any] | None = None
    amount_unit: str = "1"
    is_number: Callable[[Any], bool] = lambda _code: True
    abandon: Callable[[Any], None] = lambda _driver: None
    patience: Callable[[float], Mapping[str, Any]] = lambda _seconds: {}
    bounded: Callable[[Any, float], None] = lambda _driver, _seconds: None
    notes: Sequence[str] = ()

    def engine(self, url: URL, patience: float) -> Engine:
        """An engine that keeps no connection of its own, and waits at most so many seconds for each part of an answer.
        Raises ImportError where the driver is missing.
        """
        options: dict[str, Any] = {"poolclass": NullPool}
        if self.connector is not None:
            options["creator"] = self.connector(url)
        else:
            options["connect_args"] = {**self.arguments, **self.patience(patience)}
        return create_engine(url.set(drivername=self.driver), **options)


def listed(kinds: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """Phrases such as "it may change a, b and 3 more", for the kinds of right that have names."""
    parts = []
    for words, names in kinds:
        if names:
            more = f" and {len(names) - SHOWN_OBJECTS} more" if len(names) > SHOWN_OBJECTS else ""
            parts.append(f"{words} {', '.join(names[:SHOWN_OBJECTS])}{more}")
    return parts
