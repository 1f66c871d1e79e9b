"""Reads an ERP's file deliveries: CSV, TSV or JSON Lines, picked up only when complete, refused as a whole when cut."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.copy_text import copy_text
from integration_hub.erp.delivery import Delivery, newest_complete
from integration_hub.erp.inspection import BLOCK, Inspection, fingerprint, inspect
from integration_hub.erp.records import BadFileError, delimited, json_objects, opened, opened_text
from integration_hub.sources import Extract, NothingNew, SourceCheck, SourceProblem, Totals


@dataclass
class _Progress:
    """`finished` once the last byte of the file has been handed over."""

    finished: bool = False


class FilesSource:
    """An ERP that drops files into a folder; every file holds all rows of its stream."""

    def __init__(self, config: SourceConfig) -> None:
        self.name = config.name
        self.streams = config.streams
        self.max_rejected_share = config.max_rejected_share
        self.max_deleted_share = config.max_deleted_share
        self._config = config

    def check(self) -> SourceCheck:
        """Look into the folder. Raises SourceProblem when it is missing or may not be read."""
        directory = Path(self._config.directory)
        with _explained(self._config, directory):
            if not directory.is_dir():
                raise SourceProblem(
                    f"The folder {directory} of {self._config.label} does not exist.",
                    "Nothing can be read; what was loaded before stays.",
                    "Create the folder or mount it, or correct directory in hub.toml.",
                )
            count = sum(1 for _ in directory.iterdir())
        return SourceCheck(
            self._config.label,
            f"{self._config.format.upper()} files, {count} in {directory}",
            "Files are opened for reading only; the ERP itself is never connected.",
        )

    @contextmanager
    def extract(self, stream: StreamConfig, cursor: str | None) -> Iterator[Extract]:
        """All rows of the newest complete file.

        `cursor` is the fingerprint of the file that was loaded last, None to read it again anyway. Raises NothingNew
        for the same content, and SourceProblem for a file that is cut, empty, ragged or in another encoding: before
        any row is handed over.
        """
        as_of = datetime.now(UTC)
        with _explained(self._config, Path(self._config.directory)):
            delivery = newest_complete(self._config, stream)
            found = self._inspected(delivery, cursor)
        progress = _Progress()
        yield Extract(
            columns=found.columns,
            format="csv" if found.plain else "text",
            chunks=self._chunks(delivery, found, progress),
            complete=lambda: progress.finished and found.rows > 0 and delivery.unchanged(),
            as_of=as_of,
            fingerprint=found.fingerprint,
            expected_rows=lambda: found.rows,
            notes=found.notes,
        )

    def totals(self, stream: StreamConfig) -> Totals:
        """The number of records that pass the filters; sums would need the number formats that only the load knows."""
        with _explained(self._config, Path(self._config.directory)):
            delivery = newest_complete(self._config, stream)
            found = self._inspected(delivery, None)
            with opened_text(delivery.path, self._config) as text:
                return Totals(rows=sum(1 for row in self._records(text, found) if _is_kept(stream, found.columns, row)))

    def _inspected(self, delivery: Delivery, known: str | None) -> Inspection:
        try:
            if known and fingerprint(delivery.path) == known:
                raise NothingNew(f"{delivery.path.name} has the same content as the file loaded before")
            return inspect(delivery, self._config)
        except BadFileError as error:
            raise SourceProblem(
                f"{delivery.path} cannot be read. {error}",
                "The file was not loaded at all and nothing was deleted; what was loaded before stays.",
                "Deliver the file again; the next run takes the newest complete one.",
            ) from error

    def _chunks(self, delivery: Delivery, found: Inspection, progress: _Progress) -> Iterator[bytes]:
        with _explained(self._config, delivery.path):
            if found.plain:
                with opened(delivery.path) as stream:
                    stream.readline()
                    yield from iter(lambda: stream.read(BLOCK), b"")
            else:
                with opened_text(delivery.path, self._config) as text:
                    yield from copy_text(self._records(text, found))
        progress.finished = True

    def _records(self, text: TextIO, found: Inspection) -> Iterator[Sequence[str | None]]:
        if self._config.format == "jsonl":
            return ([record.get(name) for name in found.columns] for record in json_objects(text))
        rows = delimited(text, self._config)
        next(rows)
        return rows


def _is_kept(stream: StreamConfig, columns: Sequence[str], row: Sequence[str | None]) -> bool:
    """Whether the stream's filters keep the row."""
    for each in stream.filters:
        value = row[columns.index(each.column)] or "" if each.column in columns else ""
        if (each.include and value not in each.include) or value in each.exclude:
            return False
    return True


@contextmanager
def _explained(source: SourceConfig, path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a SourceProblem."""
    try:
        yield
    except OSError as error:
        raise SourceProblem(
            f"{error.filename or path} of {source.label} cannot be read: {error.strerror or error}.",
            "Nothing was changed; what was loaded before stays.",
            "Give the account that runs Customer 360 the right to read the folder and its files; "
            "the next run tries again.",
        ) from error
