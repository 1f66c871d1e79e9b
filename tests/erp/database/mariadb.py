"""A MariaDB server of a test's own: started on a socket in a folder of its own, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql

# Debian keeps servers where only root looks.
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
START_SECONDS = 60
READER = "secret"


@dataclass(frozen=True)
class Server:
    """A running server, reached through its socket; `admin` may do everything."""

    socket: Path
    process: "subprocess.Popen[bytes]"

    def url(self, role: str = "reader", password: str = READER, database: str = "erp") -> str:
        """The address as it stands in hub.toml."""
        return f"mysql://{role}:{password}@localhost/{database}?unix_socket={self.socket}"

    def run(self, *statements: str, database: str | None = "erp") -> None:
        """Run statements as administrator and commit them."""
        with self.connected(database) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def connected(self, database: str | None = "erp", *, local_infile: bool = False) -> "pymysql.Connection":
        """A connection of the administrator's."""
        return pymysql.connect(
            unix_socket=str(self.socket), user="admin", database=database, charset="utf8mb4", local_infile=local_infile
        )


def missing() -> str:
    """Which program this machine lacks; empty where all are there."""
    lacking = [name for name in ("mariadbd", "mariadb-install-db") if shutil.which(name, path=PLACES) is None]
    return ", ".join(lacking)


@contextmanager
def server(*options: str) -> Iterator[Server]:
    """A fresh server with an empty database `erp` and a role `reader` that may only read it."""
    # A socket's path may have 107 characters at most, which a test's own folder would exceed.
    with tempfile.TemporaryDirectory(prefix="mdb-") as name:
        folder = Path(name)
        data, socket, first = folder / "data", folder / "s", folder / "init.sql"
        account = ["--user=mysql"] if os.geteuid() == 0 else []
        if account:
            # The server does not run as root, and makes socket and data in here.
            shutil.chown(folder, "mysql")
        # The server reads this as it starts, so nobody else's way in is needed.
        first.write_text(
            "create database erp character set utf8mb4;\n"
            "create user admin@localhost;\n"
            "grant all on *.* to admin@localhost with grant option;\n"
            "create user reader@localhost identified by 'secret';\n"
            "grant select on erp.* to reader@localhost;\n"
        )
        made = [_found("mariadb-install-db"), "--no-defaults", f"--datadir={data}", *account]
        made += ["--skip-test-db", "--auth-root-authentication-method=socket"]
        subprocess.run(made, check=True, capture_output=True)
        started = [_found("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={socket}", *account]
        started += ["--skip-networking", f"--init-file={first}", f"--pid-file={folder / 'pid'}", *options]
        started += ["--innodb-flush-log-at-trx-commit=0", "--max-allowed-packet=64M"]
        process = subprocess.Popen(started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            running = Server(socket, process)
            _wait(running)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait(running: Server) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            running.connected().close()
            return
        except pymysql.err.OperationalError:
            if running.process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)


def _found(name: str) -> str:
    found = shutil.which(name, path=PLACES)
    if found is None:
        raise FileNotFoundError(name)
    return found
