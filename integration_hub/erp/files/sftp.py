"""A connection to an SFTP server whose key is pinned, through which files can be listed, looked at and read, only."""

import base64
import hashlib
import posixpath
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import paramiko

from integration_hub.config import SourceConfig
from integration_hub.sources import AnswerTooSlow, SourceProblem
from integration_hub.whole_answer import TooSlow

KEPT = "Nothing was read; what was loaded before stays."
BLOCK = 256 * 1024
LIMITED_BYTES = 256 * 1024 * 1024
"""Each of so many bytes of a file may take answer_seconds."""
REQUESTS = 64  # that are under way at the same time; without a limit a large file would be asked for all at once


@dataclass(frozen=True)
class RemoteFile:
    """A regular file on the server; `modified` in seconds of the server's clock."""

    name: str
    size: int
    modified: int


class ReadOnlySftp:
    """All that is ever asked of the server. There is no way to write here, and no other use of the connection."""

    def __init__(self, config: SourceConfig) -> None:
        self.where = shown_address(config)
        self._whole = config.answer_seconds
        self._transport = _connected(config)
        with _explained(self.where):
            client = paramiko.SFTPClient.from_transport(self._transport)
            if client is None:
                raise paramiko.SSHException("the server opened no SFTP session")
            client.get_channel().settimeout(config.timeout_seconds)
        self._client = client

    def listed(self, folder: str) -> list[RemoteFile]:
        """The regular files in a folder; links, and names that no file can have, are left out."""
        with _explained(f"{self.where}: {folder}"), self._limited():
            found: list[Any] = self._client.listdir_attr(folder)
        return [
            RemoteFile(each.filename, each.st_size or 0, each.st_mtime or 0)
            for each in found
            if _is_regular(each.st_mode) and "/" not in each.filename and "\0" not in each.filename
        ]

    def about(self, path: str) -> RemoteFile:
        """Size and time of one file."""
        with _explained(f"{self.where}: {path}"), self._limited():
            found: Any = self._client.stat(path)
        return RemoteFile(posixpath.basename(path), found.st_size or 0, found.st_mtime or 0)

    def content(self, path: str, size: int) -> Iterator[bytes]:
        """The first `size` bytes of a file, asked for ahead."""
        with _explained(f"{self.where}: {path}"), self._limited(size), self._client.open(path, "r") as stream:
            stream.prefetch(size, REQUESTS)
            left = size
            while left and (block := stream.read(min(BLOCK, left))):
                left -= len(block)
                yield block

    @contextmanager
    def _limited(self, size: int = 0) -> Iterator[None]:
        """End the connection where the block, which gets so many bytes, takes longer than it may as a whole: the
        timeout of the channel bounds the silence only, and a server may send a byte now and then.
        """
        seconds, ended = self._whole * (1 + size // LIMITED_BYTES), threading.Event()

        def end() -> None:
            ended.set()
            self._transport.close()

        alarm = threading.Timer(seconds, end)
        alarm.daemon = True
        alarm.start()
        try:
            yield
        except (paramiko.SSHException, EOFError, OSError) as error:
            if ended.is_set():
                raise TooSlow(f"{seconds:,.0f}") from error
            raise
        finally:
            alarm.cancel()

    @property
    def alive(self) -> bool:
        """Whether the connection still stands."""
        return bool(self._transport.is_active())

    def close(self) -> None:
        """End the connection."""
        self._transport.close()


def shown_address(config: SourceConfig) -> str:
    """The server's address, without anything secret."""
    parts = urlsplit(config.url)
    port = f":{parts.port}" if parts.port else ""
    return f"sftp://{parts.hostname}{port}{parts.path.rstrip('/')}"


def remote_folder(config: SourceConfig) -> str:
    """The folder on the server; the one after signing in where the address has no path."""
    return unquote(urlsplit(config.url).path) or "."


def _is_regular(mode: int | None) -> bool:
    # Some servers do not say what an entry is.
    return mode is None or stat.S_IFMT(mode) in {0, stat.S_IFREG}


@contextmanager
def _explained(place: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise SourceProblem(
            f"{place} does not exist on the server.", KEPT, "Correct url or path in hub.toml, or create the folder."
        ) from error
    except PermissionError as error:
        raise SourceProblem(
            f"{place} may not be read.", KEPT, "Give the user on the server the right to list and read that folder."
        ) from error
    except TooSlow as error:
        raise AnswerTooSlow(
            f"{place} was not here whole after {error} seconds.",
            f"The server, or a network in between, sends hardly anything. {KEPT}",
            "Nothing if it happens once: it is tried again. Otherwise set answer_seconds higher in hub.toml.",
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise SourceProblem(
            f"The connection broke off at {place}: {error or type(error).__name__}.",
            KEPT,
            "Nothing to do if it happens once: it is tried again by itself.",
            transient=True,
        ) from error


def _connected(config: SourceConfig) -> paramiko.Transport:
    """A connection after the server's key was compared, and only then signed in."""
    address = urlsplit(config.url)
    host, port = str(address.hostname), address.port or 22
    try:
        line = socket.create_connection((host, port), timeout=config.timeout_seconds)
    except OSError as error:
        raise _unreachable(host, port, str(error.strerror or error)) from error
    transport = paramiko.Transport(line)
    transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = config.timeout_seconds
    try:
        transport.start_client(timeout=config.timeout_seconds)
        _check_host(transport.get_remote_server_key(), config, host)
        _sign_in(transport, config, unquote(str(address.username or config.username)))
    except (paramiko.SSHException, EOFError, OSError) as error:
        transport.close()
        raise _unreachable(host, port, str(error) or type(error).__name__) from error
    except SourceProblem:
        transport.close()
        raise
    return transport


def _unreachable(host: str, port: int, why: str) -> SourceProblem:
    return SourceProblem(
        f"The SFTP server {host}:{port} cannot be reached: {why}.",
        KEPT,
        "Check that the server runs, that a firewall lets this machine through, and host and port in hub.toml.",
        transient=True,
    )


def fingerprint_of(key: paramiko.PKey) -> str:
    """A key's fingerprint as ssh-keygen shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def _check_host(key: paramiko.PKey, config: SourceConfig, host: str) -> None:
    """Raise SourceProblem for a server that is not the one it should be, before anything secret is sent to it."""
    found = fingerprint_of(key)
    if found in config.host_key.split():
        return
    if not config.host_key:
        raise SourceProblem(
            f"The server {host} is not known yet. Its key ({key.get_name()}) has the fingerprint {found}.",
            "Nobody signed in there: without a known key any machine on the way could pretend to be the server.",
            f'Ask the owner of the server whether that is its fingerprint, then add host_key = "{found}" to hub.toml.',
        )
    raise SourceProblem(
        f"The server {host} has another key than it should: {key.get_name()} with the fingerprint {found}.",
        "Nobody signed in there: somebody may pretend to be the server. What was loaded before stays.",
        "Ask the owner of the server. Only if its key was really changed, put the new fingerprint into host_key.",
    )


def _sign_in(transport: paramiko.Transport, config: SourceConfig, username: str) -> None:
    try:
        if config.private_key_file:
            transport.auth_publickey(username, _private_key(config))
        else:
            transport.auth_password(username, config.password, fallback=False)
    except paramiko.AuthenticationException as error:
        what = "key" if config.private_key_file else "password"
        raise SourceProblem(
            f'The server did not let "{username}" sign in with the given {what}.',
            KEPT,
            f"Correct the user in url and the {what}, or have the account unlocked. Too many tries may lock it.",
        ) from error


def _private_key(config: SourceConfig) -> paramiko.PKey:
    path = Path(config.private_key_file)
    try:
        key: paramiko.PKey = paramiko.PKey.from_path(path, config.password.encode() or None)
    except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
        raise SourceProblem(
            f"The private key {path} cannot be used: {type(error).__name__}.",
            KEPT,
            "Check the file, the right to read it, and, where the key has a password, that password = is set.",
        ) from error
    return key
