"""Tryton on PostgreSQL, for what SQLite never shows: transactions that commit after younger ones."""

import contextlib
import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from integration_hub.local import place as places
from tests.erp.tryton_real.environment import HERE, KEY, SEED, Installed, activate, cached, configure

DUMP_SECONDS = 300.0


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server by the address of any of its databases, whose user may create databases."""

    address: str

    def of(self, database: str) -> str:
        """The address of a database of this server."""
        return urlunsplit(urlsplit(self.address)._replace(path=f"/{database}"))

    @property
    def uri(self) -> str:
        """The address as Tryton wants it, which puts the database in."""
        return self.of("")

    @contextlib.contextmanager
    def database(self, name: str) -> Iterator[str]:
        """An empty database for the length of a block; its address."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            connection.execute(drop)
            connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
            try:
                yield self.of(name)
            finally:
                connection.execute(drop)


def dump(tryton: Installed, server: Server, name: str) -> Path:
    """A dump of a Tryton with orders in draft, built on this server if the cache does not hold it."""
    seed = b"".join((HERE / "inside" / each).read_bytes() for each in (*SEED, "race.py"))
    digest = hashlib.sha256(seed + tryton.venv.name.encode()).hexdigest()[:16]
    return cached(f"tryton-{tryton.series}-race-{digest}", lambda place: _build(place, tryton, server, name)) / "dump"


def _build(place: Path, tryton: Installed, server: Server, name: str) -> None:
    with server.database(name) as address:
        configure(place, uri=server.uri)
        activate(tryton, place, name)
        tryton.inside("race", place, "prepare", KEY, database=name)
        _program("pg_dump", "--format=custom", "--no-owner", f"--file={place / 'dump'}", address)


def restore(file: Path, address: str) -> None:
    """Fill an empty database."""
    _program("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={address}", str(file))


def _program(name: str, *arguments: str) -> None:
    subprocess.run(
        [str(places._installed_programs().postgres / name), *arguments],
        check=True,
        timeout=DUMP_SECONDS,
        capture_output=True,
    )
