"""Connects to a PostgreSQL source for reading only, and puts its errors into words."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from integration_hub.config import SourceConfig
from integration_hub.sources import RightLost, SourceProblem, SourceRefused

SQL = Path(__file__).parents[2] / "sql"
CONNECT_SECONDS = 15
# As words of their own: a host may be that of a petroleum company.
SIGN_IN = re.compile(r"\b(password|authentication|role)\b")
LOOK_SECONDS = 0.1
"""How often a wait looks whether it was interrupted, as psycopg's own."""
SHOWN_OBJECTS = 4
# The kinds of right that source_rights.sql finds, the widest first.
RIGHTS = {
    "superuser": "it is or can become the superuser",
    "owner": "it owns",
    "write": "it may change",
    "member": "it belongs to",
    "create in schema": "it may create in the schema",
    "create in database": "it may create in the database",
}
KEPT = "Nothing was changed; what was loaded before stays."

# What every session of ours is, whatever the role's own settings are: read-only, and writing values one way.
SESSION = (
    "set session characteristics as transaction isolation level repeatable read, read only",
    "set default_transaction_read_only = on",
    "set time zone 'UTC'",
    "set datestyle = 'ISO'",
    "set intervalstyle = 'iso_8601'",
    "set bytea_output = 'hex'",
    "set extra_float_digits = 1",
    # A table that the ERP has locked, as during its update, must not hold up every other source.
    "set lock_timeout = '30s'",
    "set idle_in_transaction_session_timeout = 0",
)


class _Patient(psycopg.Connection):
    """A connection that waits only so long for each answer, or next part of one (seconds). TCP notices a server that is
    gone, but not one behind something that acknowledges everything and never answers.
    """

    patience: float | None = None

    def wait(self, gen: Any, interval: float = LOOK_SECONDS, timeout: float | None = None) -> Any:
        limit, began = self.patience if timeout is None else timeout, time.monotonic()
        try:
            return super().wait(gen, interval, limit)
        except errors.OperationalError as error:
            if timeout is not None or limit is None or time.monotonic() - began < limit:
                raise
            # Whatever is under way, nobody will tell.
            self.close()
            raise errors.OperationalError(f"it was silent for {limit:,.0f} seconds (answer_seconds)") from error


def connect(source: SourceConfig) -> psycopg.Connection:
    """A session in which every transaction is one consistent, read-only snapshot. Raises SourceProblem."""
    with explained(source):
        try:
            connection = _Patient.connect(
                source.url,
                connect_timeout=CONNECT_SECONDS,
                application_name="Customer 360",
                client_encoding="UTF8",
                keepalives_idle=30,
                keepalives_interval=10,
                keepalives_count=3,
                autocommit=True,
            )
        except psycopg.ProgrammingError as error:
            # Its text would show the address, which may hold a password.
            raise SourceProblem(
                f"The address of {source.label} is not one that PostgreSQL understands.",
                "Nothing was read.",
                "Write it as postgresql://role:password@host:5432/database in the environment.",
            ) from error
        connection.patience = float(source.answer_seconds)
        for statement in SESSION:
            connection.execute(statement)
        connection.autocommit = False
    return connection


def check_read_only(connection: psycopg.Connection, source: SourceConfig) -> tuple[str, str]:
    """The server's version, and a sentence that proves that nothing can be written. Raises SourceRefused otherwise."""
    with explained(source):
        inventory = connection.execute(_statement("source_inventory")).fetchone()
        writable = connection.execute(_statement("source_rights")).fetchall()
    if inventory is None:
        raise TypeError("the inventory is always one row")
    version, database, role, read_only, readable = inventory
    if writable:
        raise SourceRefused(
            f'The role "{role}" of {source.label} could write to the ERP: {_listed(writable)}.',
            "Customer 360 only reads, and proves it: it does not start with a role that could do more.",
            _grants(database),
        )
    if read_only != "on":
        raise SourceRefused(
            f"The session with {source.label} is not read-only, although it asked to be.",
            "Something between, such as a connection pool, changes the session's settings.",
            "Connect to the server directly, or let the pool keep a session for each client.",
        )
    return version, (
        f'Role "{role}" may read {readable} tables and views of "{database}" and write none; '
        "the session is read-only by itself."
    )


@contextmanager
def explained(source: SourceConfig, stream: str = "") -> Iterator[None]:
    """Turn the driver's errors into a SourceProblem that says what to do."""
    subject = f'The stream "{stream}" of {source.label}' if stream else source.label
    try:
        yield
    except (errors.UndefinedColumn, errors.UndefinedTable, errors.UndefinedFunction, errors.SyntaxError) as error:
        raise SourceProblem(
            f"{subject} cannot be read: {_first_line(error)}.",
            f"The ERP's tables are not as the query expects, perhaps since an update of the ERP. {KEPT}",
            f'Correct the query of "{stream}" in hub.toml.',
        ) from error
    except errors.InsufficientPrivilege as error:
        raise SourceProblem(
            f"{subject} cannot be read: {_first_line(error)}.",
            f"The role lacks the right to read it. {KEPT}",
            "Let the ERP's administrator run: GRANT USAGE ON SCHEMA ... and GRANT SELECT ON ... for this role.",
        ) from error
    except errors.ReadOnlySqlTransaction as error:
        raise SourceRefused(
            f"{subject} tried to write to the ERP: {_first_line(error)}.",
            f"The read-only session stopped it. {KEPT}",
            f'Take the writing function out of the query of "{stream}" in hub.toml.',
        ) from error
    except psycopg.OperationalError as error:
        raise _not_now(source, error) from error
    except psycopg.Error as error:
        raise SourceProblem(
            f"{subject} answered with an error: {_first_line(error)}.",
            KEPT,
            "Run the query by hand with the same role; correct it in hub.toml, or the data in the ERP.",
        ) from error


def _not_now(source: SourceConfig, error: psycopg.OperationalError) -> SourceProblem:
    text = _first_line(error)
    if error.sqlstate is None and "memory" in text:
        # Not the server's: the library found no room on our side.
        raise MemoryError(text) from error
    transient, kind = False, SourceProblem
    if SIGN_IN.search(text) or error.sqlstate in {"28P01", "28000"}:
        kind = RightLost
        meaning, remedy = (
            "The ERP's database does not accept this role or its password.",
            f"Correct the address of {source.label} in the environment (hub.toml names the variable).",
        )
    elif "database" in text and "does not exist" in text:
        kind = RightLost
        meaning, remedy = (
            "The server runs, but has no such database.",
            f"Correct the address of {source.label} in the environment (hub.toml names the variable).",
        )
    elif isinstance(error, errors.LockNotAvailable):
        transient = True
        meaning, remedy = (
            "The ERP has locked a table, as it does during an update.",
            "Nothing if it ends by itself: the next run tries again. Otherwise ask the ERP's administrator.",
        )
    else:
        transient = True
        meaning, remedy = (
            "The ERP's database cannot be reached, or it ended the session.",
            "Nothing if it comes back by itself: the next run tries again. Otherwise check server and network.",
        )
    return kind(f"{source.label} cannot be read: {text}.", f"{meaning} {KEPT}", remedy, transient=transient)


def _first_line(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error)
    return text.strip().partition("\n")[0].rstrip(".")


def _listed(writable: list[tuple[str, str]]) -> str:
    """What the role could write, a few names for each kind of right."""
    parts = []
    for kind, words in RIGHTS.items():
        names = [name for each, name in writable if each == kind]
        if names:
            more = f" and {len(names) - SHOWN_OBJECTS} more" if len(names) > SHOWN_OBJECTS else ""
            parts.append(f"{words} {', '.join(names[:SHOWN_OBJECTS])}{more}")
    return "; ".join(parts)


def _grants(database: str) -> str:
    grants = (
        "CREATE ROLE customer360_reader LOGIN PASSWORD '...'",
        f'GRANT CONNECT ON DATABASE "{database}" TO customer360_reader',
        "GRANT USAGE ON SCHEMA public TO customer360_reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO customer360_reader",
    )
    return (
        "Let the database's administrator create a role that only reads, and use it in the source's address: "
        f"{'; '.join(grants)}. Before PostgreSQL 15 also: REVOKE CREATE ON SCHEMA public FROM PUBLIC."
    )


def _statement(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
