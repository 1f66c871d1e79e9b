"""A PostgreSQL and a Valkey of this run's own, which may be killed and started again, and a disk that may be full."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from integration_hub.local import postgres, valkey
from integration_hub.local.environment import server_environment
from integration_hub.local.place import Place, elsewhere, prepare
from integration_hub.local.servers import Servers
from integration_hub.local.tether import Tether

DISK_MEGABYTES = 24
NEW = "customer360_new"
SMALL = "alter role hub in database customer360 set default_tablespace = 'small'"


@dataclass
class Ground:
    """The servers of one run, and the folder of everything."""

    folder: Path
    place: Place
    tether: Tether
    servers: Servers
    disk: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """How the servers are reached."""
        return server_environment(self.place)

    def url(self, database: str, user: str = postgres.SUPERUSER) -> str:
        """The address of a database."""
        return postgres.url(self.place, database, user)

    def restart_postgres(self) -> None:
        """End it at once, as a crash does, and start it again; returns once it answers."""
        self._kill(self.servers.postgres, signal.SIGQUIT)
        again = postgres.start(self.place, self.tether)
        self.servers = Servers(self.place, self.tether, again, self.servers.valkey)

    def restart_valkey(self) -> None:
        """Kill it and start an empty one."""
        self.stop_valkey()
        self.start_valkey()

    def stop_valkey(self) -> None:
        """Kill it."""
        self._kill(self.servers.valkey, signal.SIGKILL)

    def start_valkey(self) -> None:
        """Start an empty one."""
        again = valkey.start(self.place, self.tether, durable=False)
        self.servers = Servers(self.place, self.tether, self.servers.postgres, again)

    def _kill(self, server: subprocess.Popen[bytes], number: signal.Signals) -> None:
        server.send_signal(number)
        server.wait(30)
        self.tether.ended(server)

    def flush_all(self) -> None:
        """Empty Valkey."""
        with contextlib.closing(redis.from_url(valkey.url(self.place))) as client:
            client.flushall()

    def fill_disk(self) -> None:
        """Leave no room for the tables of a load."""
        if self.disk is not None:
            with contextlib.suppress(OSError), (self.disk / "ballast").open("wb") as ballast:
                for _ in range(DISK_MEGABYTES * 16):
                    ballast.write(b"\0" * 65536)
                    ballast.flush()

    def free_disk(self) -> None:
        """Give the room back."""
        if self.disk is not None:
            (self.disk / "ballast").unlink(missing_ok=True)

    def keep_as_new(self) -> None:
        """Keep the product's database as it is now, for `make_new`."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {NEW} template customer360 owner hub".encode())

    def make_new(self) -> None:
        """The product's database as it was kept, and an empty queue. Whoever is connected is thrown out."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("drop database customer360 with (force)")
            connection.execute(f"create database customer360 template {NEW} owner hub".encode())
            if self.disk is not None:
                connection.execute(SMALL.encode())
        self.flush_all()

    def use_small_disk(self) -> None:
        """Let every table that is made from now on lie on a disk of a few megabytes: those are the stages of loads.

        Only root may mount one; without it the disk is never full.
        """
        disk = self.place.servers / "small-disk"
        disk.mkdir(mode=0o755, exist_ok=True)
        size = f"size={DISK_MEGABYTES}m"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", disk], capture_output=True, check=False
        ).returncode
        if mounted != 0:
            return
        self.disk = disk
        tables = disk / "tables"
        tables.mkdir(mode=0o700)
        if self.place.owner:
            self.place.owner.give(tables)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create tablespace small location '{tables}'".encode())
            connection.execute("grant create on tablespace small to hub")
            connection.execute(SMALL.encode())


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """Both servers for the length of a block; nothing of them is left behind, however the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    tether = Tether(str(folder))
    made: Ground | None = None
    try:
        tether.remove_afterwards(folder)
        tether.remove_afterwards(elsewhere(folder))
        place = prepare(folder)
        # What was committed must survive the end of the server. That of the machine is not tried, so the disk need
        # not be waited for.
        first = Servers(place, tether, postgres.start(place, tether), valkey.start(place, tether, durable=False))
        made = Ground(folder, place, tether, first)
        with psycopg.connect(made.url("postgres"), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield made
    finally:
        if made is not None:
            made.servers.stop()
            if made.disk is not None:
                subprocess.run(["umount", "-l", made.disk], capture_output=True, check=False)
        tether.close()
        shutil.rmtree(folder, ignore_errors=True)
