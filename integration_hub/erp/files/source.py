"""Reads an ERP's files, from a folder or a server: picked up only when complete, refused as a whole, never changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.copy_text import copy_text
from integration_hub.erp.files.archive import refusals
from integration_hub.erp.files.delivery import Folder, newest_complete
from integration_hub.erp.files.deltas import Reading, read_deltas
from integration_hub.erp.files.intake import Intake
from integration_hub.erp.files.local_folder import LocalFolder
from integration_hub.erp.files.sftp import ReadOnlySftp
from integration_hub.erp.files.sftp_folder import SftpFolder
from integration_hub.sources import Extract, SourceCheck, SourceProblem, Totals


@dataclass
class _Progress:
    """`finished` once the last byte of the last file has been handed over."""

    finished: bool = False


class FilesSource:
    """An ERP that delivers files; each holds all rows of its stream, or only the changed ones."""

    def __init__(self, config: SourceConfig) -> None:
        self.name = config.name
        self.streams = config.streams
        self.max_rejected_share = config.max_rejected_share
        self.max_deleted_share = config.max_deleted_share
        self._config = config
        self._server: ReadOnlySftp | None = None

    def close(self) -> None:
        """End the connection to the server, if there is one."""
        if self._server is not None:
            self._server.close()

    def check(self) -> SourceCheck:
        """Look into the folder. Raises SourceProblem when it is missing or may not be read."""
        folder = self._folder(None)
        with _explained(self._config, folder.where):
            count = folder.count()
        return SourceCheck(
            self._config.label,
            f"{self._config.format.upper()} files, {count} in {folder.where}",
            "The connection to the server offers only listing, looking at and reading files; the ERP itself is never "
            "connected."
            if self._config.url
            else "Files are opened for reading only; the ERP itself is never connected.",
            warnings=refusals(self._config),
        )

    @contextmanager
    def extract(self, stream: StreamConfig, cursor: str | None) -> Iterator[Extract]:
        """All rows of the newest complete file; for deltas, the rows of every file behind the one read last.

        `cursor` is the fingerprint of what was loaded last, None to read again anyway. Raises NothingNew for the same
        content, and SourceProblem for a file that is cut, empty, ragged, in another encoding, or holds other totals
        than it says: before any row is handed over.
        """
        as_of = datetime.now(UTC)
        folder = self._folder(stream)
        intake = Intake(self._config, stream, folder)
        with _explained(self._config, folder.where):
            read = self._read(stream, folder, intake, cursor or "")
            intake.finish()
        progress = _Progress()
        plain = read.is_plain
        chunks = read.bodies() if plain else copy_text(read.rows(intake))
        yield Extract(
            columns=read.columns,
            format="csv" if plain else "text",
            chunks=self._told(chunks, progress, folder.where),
            complete=lambda: progress.finished and read.count > 0 and read.unchanged(),
            as_of=as_of,
            fingerprint=read.place,
            expected_rows=lambda: read.count,
            notes=read.notes,
            partial=read.partial,
        )

    def totals(self, stream: StreamConfig) -> Totals | None:
        """The number of records that pass the filters; sums would need the number formats that only the load knows.

        None for deltas, of which no file holds all rows.
        """
        if stream.delivery == "delta":
            return None
        folder = self._folder(stream)
        intake = Intake(self._config, stream, folder)
        with _explained(self._config, folder.where):
            file = intake.accepted(newest_complete(folder, self._config, stream), keep=False)
            columns = file.found.columns
            return Totals(rows=sum(1 for row in intake.rows(file, columns) if _is_kept(stream, columns, row)))

    def _folder(self, stream: StreamConfig | None) -> Folder:
        return SftpFolder(self._config, stream, self._connected) if self._config.url else LocalFolder(self._config)

    def _connected(self) -> ReadOnlySftp:
        """The connection that all streams share, made anew after it broke off."""
        if self._server is None or not self._server.alive:
            self._server = ReadOnlySftp(self._config)
        return self._server

    def _read(self, stream: StreamConfig, folder: Folder, intake: Intake, known: str) -> Reading:
        if stream.delivery == "delta":
            return read_deltas(folder, self._config, stream, intake, known)
        file = intake.accepted(newest_complete(folder, self._config, stream), known)
        return Reading(stream, [file], file.found.fingerprint)

    def _told(self, chunks: Iterator[bytes], progress: _Progress, where: str) -> Iterator[bytes]:
        with _explained(self._config, where):
            yield from chunks
        progress.finished = True


def _is_kept(stream: StreamConfig, columns: Sequence[str], row: Sequence[str | None]) -> bool:
    """Whether the stream's filters keep the row."""
    for each in stream.filters:
        value = row[columns.index(each.column)] or "" if each.column in columns else ""
        if (each.include and value not in each.include) or value in each.exclude:
            return False
    return True


@contextmanager
def _explained(source: SourceConfig, where: str) -> Iterator[None]:
    """Turn what the operating system refuses into a SourceProblem."""
    try:
        yield
    except OSError as error:
        raise SourceProblem(
            f"{error.filename or Path(where)} of {source.label} cannot be read: {error.strerror or error}.",
            "Nothing was changed; what was loaded before stays.",
            "Give the account that runs Customer 360 the right to read the folder and its files; "
            "the next run tries again.",
        ) from error
