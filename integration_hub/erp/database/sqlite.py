"""SQLite: a file, opened so that it cannot be written. Its numbers are 64-bit integers or doubles, never decimals."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Integer, cast, func
from sqlalchemy.engine import URL

from integration_hub.erp.database.dialect import Cause, Dialect, Rights

BUSY_SECONDS = 30
WORDS = (
    (Cause.WRITE, ("readonly database", "query only")),
    (Cause.BUSY, ("database is locked", "database table is locked", "schema has changed")),
    (Cause.DATABASE, ("unable to open", "not a database", "malformed", "is encrypted", "disk i/o", "no database file")),
    (Cause.RIGHT, ("access to", "not authorized", "permission denied", "authorization denied")),
    (Cause.SHAPE, ("no such", "syntax error", "ambiguous column", "incomplete input", "unrecognized token", "misuse")),
    (Cause.SHAPE, ("wrong number of arguments", "one statement at a time", "do not have the same number")),
)


def connector(url: URL) -> Callable[[], sqlite3.Connection]:
    """Opens the file for reading only; SQLite itself refuses every write to it."""
    path = Path(url.database or "").expanduser().absolute()

    def connected() -> sqlite3.Connection:
        if not path.is_file():
            raise sqlite3.OperationalError("no database file there")
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        connection.execute("pragma query_only = on")
        return connection

    return connected


def begin(connection: Connection) -> None:
    """One snapshot for everything that this session reads: it begins with the first row that is read."""
    connection.exec_driver_sql("begin")
    connection.exec_driver_sql("select count(*) from sqlite_master").scalar()


def rights(connection: Connection) -> Rights:
    """SQLite knows no roles: what cannot be written is the opened file."""
    version = connection.exec_driver_sql("select sqlite_version()").scalar()
    query_only = connection.exec_driver_sql("pragma query_only").scalar()
    readable = connection.exec_driver_sql("select count(*) from sqlite_master where type in ('table', 'view')").scalar()
    return Rights(
        product="SQLite",
        version=str(version),
        role="",
        database="",
        writable=(),
        read_only=bool(query_only),
        proof=f"The file with {readable} tables and views is opened for reading only, so SQLite refuses every write",
    )


def cause(error: BaseException) -> Cause:
    """What SQLite's words mean; it has few numbers."""
    text = str(error).lower()
    return next((each for each, words in WORDS if any(word in text for word in words)), Cause.OTHER)


def amount(column: Any) -> Any:
    """Ten-thousandths as integers, because SQLite adds up everything else as doubles."""
    return cast(func.round(column * 10000), Integer)


SQLITE = Dialect(
    label="SQLite",
    driver="sqlite",
    module="sqlite3",
    package="Python's sqlite3",
    address="sqlite:////folder/erp.db",
    grants="Give the account that runs Customer 360 the right to read the file and its folder",
    begin=begin,
    rights=rights,
    cause=cause,
    connector=connector,
    amount=amount,
    amount_unit="0.0001",
    notes=("SQLite keeps decimals as doubles: they are rounded to the decimals of their column here.",),
)
