"""A real SFTP server on this machine that serves a folder, writes down every request, and can be made to fail."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko.sftp_attr import SFTPAttributes

READING = {"list_folder", "stat", "open:r", "close"}


@dataclass
class Faults:
    """What the server does wrong, how many times."""

    break_off: int = 0  # closes the connection in the middle of a file
    cut: int = 0  # says the file is at its end too early
    trickle: float = 0  # seconds before each piece of a file
    stall: int = 0  # says nothing for a while in the middle of a file
    change: int = 0  # the file grows while it is read
    forbid: bool = False  # no folder may be listed


@dataclass
class Server:
    """Address, key, what was asked, and the folder that is served."""

    folder: Path
    host_key: paramiko.PKey
    password: str
    client_key: paramiko.PKey
    port: int = 0
    requests: list[str] = field(default_factory=list)
    sign_ins: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    transports: list[paramiko.Transport] = field(default_factory=list)
    clock_behind: int = 0  # seconds

    def took(self, name: str) -> bool:
        """Whether that fault is to happen now."""
        left: int = getattr(self.faults, name)
        setattr(self.faults, name, max(left - 1, 0))
        return left > 0


class _Door(paramiko.ServerInterface):  # type: ignore[misc]
    def __init__(self, server: Server) -> None:
        self._server = server

    def get_allowed_auths(self, username):
        return "password,publickey"

    def check_auth_password(self, username, password):
        self._server.sign_ins.append(password)
        good = (username, password) == ("reader", self._server.password)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        self._server.sign_ins.append("key")
        good = username == "reader" and key == self._server.client_key
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):  # type: ignore[misc]
    def __init__(self, server: Server, path: Path) -> None:
        super().__init__(os.O_RDONLY)
        self._server, self._path = server, path
        self._content = path.read_bytes()
        # Those of now: a client that comes back after a break must not lose its new connection to an old request.
        self._transports = list(server.transports)
        # Only files that take several requests can break in the middle.
        long = len(self._content) > 100_000
        self._breaks = long and server.took("break_off")
        self._cut = long and server.took("cut")
        self._stalls = long and server.took("stall")
        if long and server.took("change"):
            path.write_bytes(self._content + b"9,90\n")

    def read(self, offset, length):
        if self._breaks and offset > 60_000:
            for transport in self._transports:
                transport.close()
            return paramiko.SFTP_FAILURE
        time.sleep(self._server.faults.trickle)
        if self._stalls and offset > 60_000:
            self._stalls = False
            time.sleep(2.5)
        if self._cut and offset > 60_000:
            return b""
        return self._content[offset : offset + length]

    def close(self):
        self._server.requests.append("close")


class _Sftp(paramiko.SFTPServerInterface):  # type: ignore[misc]
    """Answers reading; anything else would be done too if it were asked for, and stands in `requests`."""

    def __init__(self, door, server: Server) -> None:
        super().__init__(door)
        self._server = server

    def _real(self, path: str) -> Path:
        return self._server.folder / path.strip("/")

    def _about(self, path: Path) -> SFTPAttributes:
        found = SFTPAttributes.from_stat(path.lstat(), path.name)
        found.st_mtime = int(found.st_mtime or 0) - self._server.clock_behind
        return found

    def list_folder(self, path):
        self._server.requests.append("list_folder")
        if self._server.faults.forbid:
            return paramiko.SFTP_PERMISSION_DENIED
        if not self._real(path).is_dir():
            return paramiko.SFTP_NO_SUCH_FILE
        return [self._about(each) for each in self._real(path).iterdir()]

    def stat(self, path):
        self._server.requests.append("stat")
        real = self._real(path)
        return self._about(real) if real.exists() else paramiko.SFTP_NO_SUCH_FILE

    lstat = stat

    def open(self, path, flags, attr):
        self._server.requests.append("open:r" if flags == os.O_RDONLY else f"open:{flags}")
        real = self._real(path)
        return _Handle(self._server, real) if real.exists() else paramiko.SFTP_NO_SUCH_FILE

    def _writing(self, name):
        self._server.requests.append(name)
        return paramiko.SFTP_OK

    def remove(self, path):
        return self._writing("remove")

    def rename(self, oldpath, newpath):
        return self._writing("rename")

    def posix_rename(self, oldpath, newpath):
        return self._writing("posix_rename")

    def mkdir(self, path, attr):
        return self._writing("mkdir")

    def rmdir(self, path):
        return self._writing("rmdir")

    def chattr(self, path, attr):
        return self._writing("chattr")

    def symlink(self, target_path, path):
        return self._writing("symlink")


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a folder until the block is left."""
    server = Server(folder, paramiko.ECDSAKey.generate(), "right-" + "x" * 12, paramiko.ECDSAKey.generate())
    line = socket.create_server(("127.0.0.1", 0))
    server.port = line.getsockname()[1]
    ending = threading.Event()

    def answer() -> None:
        while not ending.is_set():
            try:
                connection, _ = line.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(server.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Sftp, server)
            server.transports.append(transport)
            try:
                transport.start_server(server=_Door(server))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        ending.set()
        line.shutdown(socket.SHUT_RDWR)
        line.close()
        for transport in server.transports:
            transport.close()
        thread.join(timeout=5)


def age(path: Path, minutes: float) -> None:
    """Set back when a file was written."""
    then = time.time() - minutes * 60
    os.utime(path, (then, then))
