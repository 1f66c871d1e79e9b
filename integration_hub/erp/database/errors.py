"""Puts a database's errors into words, the same for every dialect, without its address or password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from integration_hub.config import SourceConfig
from integration_hub.erp.database.dialect import Cause, Dialect
from integration_hub.sources import RightLost, SourceProblem, SourceRefused

KEPT = "Nothing was changed; what was loaded before stays."
LONGEST = 300


@contextmanager
def explained(source: SourceConfig, dialect: Dialect, stream: str = "") -> Iterator[None]:
    """Turn the driver's errors into a SourceProblem that says what to do."""
    try:
        yield
    except exc.DBAPIError as error:
        original = error.orig or error
        raise _problem(source, dialect, stream, dialect.cause(original), original) from error
    except exc.SQLAlchemyError as error:
        # Its text may show the statement, but neither address nor values.
        raise SourceProblem(
            f"{_subject(source, stream)} cannot be read: {_first_line(error)}.",
            KEPT,
            "Correct the query in hub.toml, or the address of the source in the environment.",
        ) from error


def _subject(source: SourceConfig, stream: str) -> str:
    return f'The stream "{stream}" of {source.label}' if stream else source.label


def _problem(source: SourceConfig, dialect: Dialect, stream: str, cause: Cause, error: BaseException) -> SourceProblem:
    subject, text = _subject(source, stream), _first_line(error)
    if cause is Cause.SHAPE:
        return SourceProblem(
            f"{subject} cannot be read: {text}.",
            f"The ERP's tables are not as the query expects, perhaps since an update of the ERP. {KEPT}",
            f'Correct the query of "{stream}" in hub.toml. If all is there, the role may lack the right to see it.',
        )
    if cause is Cause.RIGHT:
        return RightLost(
            f"{subject} cannot be read: {text}.",
            f"The role lacks the right to read it. {KEPT}",
            f"Let the ERP's administrator give this role the right to read: {dialect.grants}.",
        )
    if cause is Cause.WRITE:
        return SourceRefused(
            f"{subject} tried to write to the ERP: {text}.",
            f"The read-only session stopped it. {KEPT}",
            f'Take what writes out of the query of "{stream}" in hub.toml.',
        )
    if cause is Cause.OTHER:
        return SourceProblem(
            f"{subject} answered with an error: {text}.",
            KEPT,
            "Run the query by hand with the same role; correct it in hub.toml, or the data in the ERP.",
        )
    return _unreachable(source, dialect, cause)


def _unreachable(source: SourceConfig, dialect: Dialect, cause: Cause) -> SourceProblem:
    """What has nothing to do with a query. The database's own words name the host or the user: they are not shown."""
    correct = f"Correct the address of {source.label} in the environment (hub.toml names the variable)."
    wait = "Nothing if it ends by itself: the next run tries again."
    problem, meaning, remedy = {
        Cause.PASSWORD: (
            "name or password is not accepted",
            f"{dialect.label} does not accept this role or its password.",
            f"{correct} It is written {dialect.address}.",
        ),
        Cause.DATABASE: (
            "there is no such database, or this role may not enter it",
            f"The database that the address names cannot be opened by {dialect.label}.",
            f"{correct} It is written {dialect.address}.",
        ),
        Cause.BUSY: (
            "it is busy or locked",
            "The ERP has locked a table, as it does during an update, or its database has no room for another session.",
            f"{wait} Otherwise ask the ERP's administrator.",
        ),
        Cause.AWAY: (
            "it does not answer",
            "The ERP's database cannot be reached, or it ended the session.",
            f"{wait.replace('ends', 'comes back')} Otherwise check server and network.",
        ),
    }[cause]
    kind = RightLost if cause in {Cause.PASSWORD, Cause.DATABASE} else SourceProblem
    return kind(
        f"{source.label} cannot be read: {problem}.",
        f"{meaning} {KEPT}",
        remedy,
        transient=cause in {Cause.BUSY, Cause.AWAY},
    )


def _first_line(error: BaseException) -> str:
    """What the database says, without its number; the last argument is the text in every driver."""
    words = error.args[-1] if error.args else error
    while isinstance(words, tuple) and words:
        words = words[-1]
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    line = text.strip().partition("\n")[0].rstrip(".")
    # MySQL names the account as 'user'@'host'; the host is nobody's business.
    return re.sub(r"'([^']*)'@'[^']*'", r"'\1'", line)[:LONGEST]


def missing_driver(source: SourceConfig, dialect: Dialect) -> SourceProblem:
    """What to install for a database whose driver does not come with the product."""
    return SourceProblem(
        f"{source.label} cannot be read: the driver for {dialect.label} is not installed.",
        f"Its package is called {dialect.package}; it does not come with Customer 360. {KEPT}",
        "Install it: pip install -r integration_hub/erp/drivers.txt",
    )
