"""Turns what our own database, disk or Redis refuses into words for a person."""

import psycopg
from django.conf import settings
from django.db import DatabaseError
from psycopg import errors
from redis.exceptions import RedisError

from integration_hub.sources import SourceProblem

KEPT = "Nothing half done is visible: the last published data stay."


def explain(error: Exception) -> SourceProblem:
    """The problem, its meaning and its remedy. A bug keeps its own text; its traceback is in the log."""
    if isinstance(error, SourceProblem):
        return error
    if isinstance(error, DatabaseError | psycopg.Error):
        return _of_database(error)
    if isinstance(error, RedisError):
        return SourceProblem(
            f"Redis does not answer: {_line(error)}.",
            "Runs wait in PostgreSQL; pages are not affected.",
            "Start Redis again; the scheduler rings for the waiting runs within a minute.",
            transient=True,
        )
    if isinstance(error, MemoryError):
        limit = settings.WORKER_MEMORY_MB
        return SourceProblem(
            f"The run needed more memory than {f'the {limit:,} MB that it may take' if limit else 'there is'}.",
            KEPT,
            "Look for a row or file in the source that is far too large. If all of it is right, raise WORKER_MEMORY_MB "
            "in the environment, and MemoryMax of the worker's service with it.",
        )
    if isinstance(error, OSError):
        name = f" ({error.filename})" if error.filename else ""
        return SourceProblem(
            f"The operating system refused: {error.strerror or error}{name}.",
            KEPT,
            "Check free space and rights of that place; the next run tries again.",
            transient=True,
        )
    return SourceProblem(
        f"An error of Customer 360 stopped the run: {type(error).__name__}: {_line(error)}.",
        KEPT,
        "Please report it with the log of the worker.",
    )


def _of_database(error: Exception) -> SourceProblem:
    cause = error.__cause__ or error
    if isinstance(cause, errors.DiskFull):
        return SourceProblem(
            f"The database's disk is full: {_line(cause)}.",
            KEPT,
            "Free space on the database's disk; the next run tries again.",
            transient=True,
        )
    if isinstance(cause, errors.LockNotAvailable | errors.DeadlockDetected | errors.QueryCanceled):
        return SourceProblem(
            f"The database kept this run waiting too long: {_line(cause)}.",
            KEPT,
            "Nothing to do: it is tried again. If it stays, look for long transactions in the database.",
            transient=True,
        )
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return SourceProblem(
            f"The connection to the warehouse database broke: {_line(cause)}.",
            KEPT,
            "Nothing to do if the database comes back: the run is tried again.",
            transient=True,
        )
    return SourceProblem(
        f"The database refused a statement: {_line(cause)}.",
        KEPT,
        "This is an error of Customer 360: please report it with the log of the worker.",
    )


def _line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
