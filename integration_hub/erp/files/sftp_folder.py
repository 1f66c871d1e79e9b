"""A folder on an SFTP server: what is new there is fetched into the spool, and read from there."""

import json
import os
import posixpath
import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from typing import BinaryIO

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.files.delivery import Delivery, Listed, is_unfinished
from integration_hub.erp.files.kept_files import written
from integration_hub.erp.files.sftp import ReadOnlySftp, RemoteFile, remote_folder, shown_address
from integration_hub.erp.files.spool import SEEN, Spool
from integration_hub.sources import AnswerTooSlow, NothingNew, SourceProblem

TRIES = 3
CLOCK_ERROR = 15 * 60  # seconds by which the server's clock may differ from ours
SECOND = 1_000_000_000


class SftpFolder:
    """The files of one stream on a server.

    A server's clock is not ours: a file counts as settled when it was seen with the same size and time for
    `settle_seconds`, or is older than any clock is wrong.
    """

    def __init__(self, config: SourceConfig, stream: StreamConfig | None, connect: Callable[[], ReadOnlySftp]) -> None:
        self._config, self._connect = config, connect
        self._spool = Spool(config.name, stream.name) if stream else None
        self._listed: dict[str, RemoteFile] = {}

    @property
    def where(self) -> str:
        """The address."""
        return shown_address(self._config)

    @cached_property
    def _server(self) -> ReadOnlySftp:
        return self._connect()

    def count(self) -> int:
        """How many files the folder has."""
        return len(self._server.listed(remote_folder(self._config)))

    def matching(self, pattern: str, settle_seconds: int) -> Sequence[Listed]:
        """Regular files in the pattern's folder."""
        folder, wanted = posixpath.split(pattern)
        for each in self._server.listed(self._path(folder)):
            self._listed[posixpath.join(folder, each.name)] = each
        names = [
            name
            for name in self._listed
            if posixpath.dirname(name) == folder and fnmatchcase(posixpath.basename(name), wanted)
        ]
        since = self._seen_since([name for name in names if not is_unfinished(name)])
        return [self._as_listed(name, since[name], settle_seconds) for name in since]

    def about(self, name: str) -> Listed | None:
        """One file of a folder that was looked through."""
        if name not in self._listed:
            return None
        return self._as_listed(name, self._listed[name].modified, self._config.settle_seconds)

    def content(self, name: str, limit: int) -> bytes:
        """The first bytes of a file."""
        return b"".join(self._server.content(self._path(name), min(limit, self._listed[name].size)))

    def fetched(self, listed: Listed) -> Delivery:
        """The file in the spool. Raises NothingNew when it changed meanwhile, SourceProblem when it cannot be had."""
        if self._spool is None:
            raise TypeError("a folder that is only looked into fetches nothing")
        place = self._spool.place(listed.name, listed.size, listed.modified_ns)
        if not place.is_file():
            self._spool.made(place, lambda stream: self._download(listed, stream))
        os.utime(place, ns=(listed.modified_ns, listed.modified_ns))
        shown = f"{self.where}/{listed.name}"
        return Delivery(place, listed.size, listed.modified_ns, listed.marked, shown)

    def close(self) -> None:
        """The connection belongs to the source."""

    def _path(self, name: str) -> str:
        return posixpath.join(remote_folder(self._config), name)

    def _as_listed(self, name: str, since: float, settle_seconds: int) -> Listed:
        found, now = self._listed[name], time.time()
        marked = f"{name}.done" in self._listed
        old = found.modified <= now - settle_seconds - CLOCK_ERROR
        settled = marked or old or since <= now - settle_seconds
        return Listed(name, found.size, found.modified * SECOND, settled, marked)

    def _seen_since(self, names: Sequence[str]) -> dict[str, float]:
        """When each file was first seen with its size and time, by our clock; kept between runs."""
        now = time.time()
        if self._spool is None:
            return dict.fromkeys(names, now)
        file = self._spool.folder / SEEN
        before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        seen = {}
        for name in names:
            found = self._listed[name]
            known = before.get(name, [])
            same = known[:2] == [found.size, found.modified]
            seen[name] = [found.size, found.modified, known[2] if same else now]
        # Patterns of one stream (deltas and full files) are looked through one after the other.
        seen = {**{name: each for name, each in before.items() if name in self._listed}, **seen}
        if seen != before:
            with written(file) as stream:
                stream.write(json.dumps(seen).encode())
        return {name: float(seen[name][2]) for name in names}

    def _download(self, listed: Listed, to: BinaryIO) -> None:
        """Read the file from its start, anew after a connection that broke off, until all of it is here."""
        problem: SourceProblem | None = None
        for _ in range(TRIES):
            to.seek(0)
            to.truncate()
            try:
                to.writelines(self._server.content(self._path(listed.name), listed.size))
            except SourceProblem as broken:
                if not broken.transient or isinstance(broken, AnswerTooSlow):
                    raise
                problem = broken
                self._reconnect()
                continue
            now = self._server.about(self._path(listed.name))
            if (now.size, now.modified * SECOND) != (listed.size, listed.modified_ns):
                raise NothingNew(f"{listed.name} is still arriving: it changed while it was read")
            if to.tell() == listed.size:
                return
        raise problem or SourceProblem(
            f"{self.where}/{listed.name} has {listed.size:,} bytes, but the server sent fewer, {TRIES} times.",
            "Nothing of it was loaded; what was loaded before stays.",
            "It is tried again by itself; if it stays so, have the file delivered again.",
            transient=True,
        )

    def _reconnect(self) -> None:
        self._server.close()
        del self._server
