"""Reads an ERP's files, from a folder or a server: picked up only when complete, refused as a whole, never changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.archive import refusals
from integration_hub.erp.copy_text import copy_text
from integration_hub.erp.delivery import Folder, newest_complete
from integration_hub.erp.intake import Accepted, Intake, SameContentError, body
from integration_hub.erp.local_folder import LocalFolder
from integration_hub.erp.sequence import SHOWN_HASH, Due, Place, due_files, numbers
from integration_hub.erp.sftp import ReadOnlySftp
from integration_hub.erp.sftp_folder import SftpFolder
from integration_hub.sources import Extract, NothingNew, SourceCheck, SourceProblem, Totals


@dataclass(frozen=True)
class _Files:
    """What is read now, in order, and where the stream stands then; `why` says what had to wait."""

    files: Sequence[Accepted]
    place: str
    partial: bool = False
    why: str = ""


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
        first, progress = read.files[0].found, _Progress()
        plain = all(each.found.plain and each.found.columns == first.columns for each in read.files)
        rows = sum(each.found.rows for each in read.files)
        notes = [note for each in read.files for note in each.found.notes] + ([read.why] if read.why else [])
        yield Extract(
            columns=first.columns,
            format="csv" if plain else "text",
            chunks=self._told(_plain(read) if plain else copy_text(_rows(intake, read)), progress, folder.where),
            complete=lambda: progress.finished and rows > 0 and all(each.delivery.unchanged() for each in read.files),
            as_of=as_of,
            fingerprint=read.place,
            expected_rows=lambda: rows,
            notes=tuple(dict.fromkeys(notes)),
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

    def _read(self, stream: StreamConfig, folder: Folder, intake: Intake, known: str) -> _Files:
        if stream.delivery == "full":
            file = intake.accepted(newest_complete(folder, self._config, stream), known)
            return _Files([file], file.found.fingerprint)
        place = Place.of(known)
        due = due_files(folder, self._config, stream, place, intake.is_known)
        files, why = _prefix(stream, intake, due, place)
        last = files[-1]
        latest = max([each.delivery.modified_ns for each in files] + ([place.modified_ns] if place else []))
        reached = Place(numbers(stream, last.delivery.name), latest, last.found.fingerprint)
        return _Files(files, reached.text, partial=not due.whole, why=why)

    def _told(self, chunks: Iterator[bytes], progress: _Progress, where: str) -> Iterator[bytes]:
        with _explained(self._config, where):
            yield from chunks
        progress.finished = True


def _prefix(stream: StreamConfig, intake: Intake, due: Due, place: Place | None) -> tuple[list[Accepted], str]:
    """The files up to the first that is refused or has other columns, and why it ends there; at least one.

    The same content twice in a row changes nothing and is left out, unless a number has to be counted up.
    """
    files: list[Accepted] = []
    last, number = (place.content, place.numbers) if place else ("", ())
    for listed in due.files:
        counted = stream.sequence and numbers(stream, listed.name) != number
        try:
            file = intake.accepted(listed, "" if counted else last)
        except SameContentError:
            if listed is due.files[-1] and not files:
                raise
            continue
        except NothingNew as nothing:
            if not files:
                raise
            return files, f"{nothing.reason}."
        except SourceProblem as problem:
            if not files:
                raise
            return files, f"{problem.problem} The files before it were read; the next run stops at it."
        if files and set(file.found.columns) != set(files[0].found.columns):
            return files, f"{listed.name} has other columns than the files before it; the next run reads it."
        files.append(file)
        last, number = file.found.fingerprint[:SHOWN_HASH], numbers(stream, listed.name)
    return files, due.why


def _plain(read: _Files) -> Iterator[bytes]:
    for each in read.files:
        yield from body(each)


def _rows(intake: Intake, read: _Files) -> Iterator[Sequence[str | None]]:
    for each in read.files:
        yield from intake.rows(each, read.files[0].found.columns)


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
