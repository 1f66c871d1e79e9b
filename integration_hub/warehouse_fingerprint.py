"""A 64-bit fingerprint of each row's text as it was delivered, kept with the row in the mirror.

A delivered row whose key and fingerprint are in the mirror is unchanged: it is neither cast nor compared. The
fingerprint covers the columns that the stream uses and, through its seed, how they are read, so that another mapping,
or another version of the product that reads a type differently, compares every value again. A row without one is
compared too.

Two different texts of one key share a fingerprint by chance once in 2^64 (2 * 10^19) changes: a million changes a day
miss one in fifty million years. A sync that is asked for in full, and every reconciliation, compare the values
themselves all the same.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from psycopg import sql

from integration_hub.columns import ColumnMap
from integration_hub.sources import Digest
from integration_hub.warehouse import execute, fetch
from integration_hub.warehouse_delta import Delta


def fingerprint(texts: Sequence[sql.Composable], seed: int) -> sql.Composable:
    """The formula over a row's texts; PostgreSQL 14 or later, here as in a source.

    The record's own hash adds up over its columns, so that two rows that swap a value would keep their sum: hashing
    it once more takes that away.
    """
    return sql.SQL("hashint8extended(hash_record_extended(row({}), 0), {})").format(
        sql.SQL(", ").join(texts), sql.Literal(seed)
    )


def seed_of(columns: ColumnMap) -> int:
    """Differs wherever a column, its place in the delivery, its declaration, its reading or a filter does."""
    parts = [sql.SQL("{} {}").format(sql.Identifier(each.column), each.value) for each in columns.columns]
    read = sql.SQL(";").join([columns.kept, *columns.used.values(), *parts]).as_string(None)
    return int.from_bytes(hashlib.sha256(read.encode()).digest()[:8], signed=True)


def staged_fingerprint(columns: ColumnMap) -> sql.Composable:
    """The fingerprint of a row `s` of the stage."""
    return fingerprint(tuple(columns.used.values()), seed_of(columns))


def mirror_digest(columns: ColumnMap) -> Digest | None:
    """Count and sum over the source's live rows; None where there are none or one of them has no fingerprint."""
    ((rows, marked, total),) = fetch(
        sql.SQL(
            "select count(*), count(fingerprint), sum(fingerprint) from {} where source = {} and deleted_at is null"
        ).format(sql.Identifier(columns.target.table), sql.Literal(columns.source))
    )
    return Digest(int(rows), int(total)) if rows and rows == marked else None


def set_aside_same(delta: Delta) -> Delta:
    """Take rows that differ in their text only, such as "1.0" and "1.00", out of the changes."""
    kept = execute(
        sql.SQL("create temp table {} as select new_key as key, fingerprint from {} where is_same").format(
            delta.renewals, delta.changes
        )
    )
    if not kept:
        return delta
    execute(sql.SQL("delete from {} where is_same").format(delta.changes))
    return replace(delta, renewed=kept)


def renew_fingerprints(delta: Delta) -> None:
    """Keep the new text's fingerprint with rows whose values are the same; they count as unchanged."""
    execute(
        sql.SQL("update {} as m set fingerprint = r.fingerprint from {} as r where m.key = r.key").format(
            delta.mirror, delta.renewals
        )
    )
