"""Takes in a delivered file: fetched, unpacked, inspected, compared with its totals, and kept; or refused, and kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.files.archive import archive_of
from integration_hub.erp.files.delivery import Delivery, Folder, Listed, fetched
from integration_hub.erp.files.inspection import Inspection, fingerprint, inspect
from integration_hub.erp.files.packed import BLOCK, BadFileError, opened
from integration_hub.erp.files.records import WithoutTrailer, delimited, json_objects, opened_text
from integration_hub.erp.files.sheets import write_csv
from integration_hub.erp.files.spool import Spool
from integration_hub.sources import NothingNew, SourceProblem


class SameContentError(NothingNew):
    """The file holds exactly what was read last."""


@dataclass(frozen=True)
class Accepted:
    """A file that will be loaded, from `path`; `delivery` is what was found."""

    delivery: Delivery
    path: Path
    found: Inspection


class Intake:
    """The files of one stream on their way from its folder to the stage."""

    def __init__(self, source: SourceConfig, stream: StreamConfig, folder: Folder) -> None:
        self._source, self._stream, self._folder = source, stream, folder
        self._sheet = source.format == "xlsx"
        # From its conversion on, a sheet is a CSV file like any other.
        self.reading = replace(source, format="csv", encoding="utf-8", delimiter="") if self._sheet else source
        self._archive = archive_of(source, stream)
        self._used: set[Path] = set()

    def is_known(self, listed: Listed) -> bool:
        """Whether a file of that name and content was accepted before. Raises SourceProblem for one that is refused."""
        delivery = self._fetched(listed)
        try:
            return self._archive.has(delivery.name, fingerprint(self._converted(delivery).path))
        except BadFileError as error:
            raise self._refused(delivery, error) from error

    def accepted(self, listed: Listed, known: str = "", *, keep: bool = True) -> Accepted:
        """The file, inspected and kept. Raises SameContentError where its hash begins with `known`, NothingNew when
        it changed while it was read, and SourceProblem for one that is refused.
        """
        delivery = self._fetched(listed)
        try:
            readable = self._converted(delivery)
            if known and fingerprint(readable.path).startswith(known):
                raise SameContentError(f"{delivery.name} has the same content as the file loaded before")
            found = inspect(readable, self.reading, self._stream)
        except BadFileError as error:
            raise self._refused(delivery, error) from error
        kept = self._archive.accept(delivery, found.fingerprint) if keep else delivery.path
        self._used.add(kept)
        return Accepted(delivery, readable.path if self._sheet else kept, found)

    def finish(self) -> None:
        """Clear spool and archive of files that are neither in use nor young enough."""
        self._archive.clear(self._used)
        if self._sheet or self._source.url:
            Spool(self._source.name, self._stream.name).keep_only(self._used)

    def _fetched(self, listed: Listed) -> Delivery:
        delivery = fetched(self._folder, self._stream, listed)
        self._used.add(delivery.path)
        return delivery

    def _converted(self, delivery: Delivery) -> Delivery:
        if not self._sheet:
            return delivery
        spool, sheet = Spool(self._source.name, self._stream.name), self._stream.sheet
        place = spool.place(f"{delivery.name}-{sheet}.csv", delivery.size, delivery.modified_ns)
        spool.made(place, lambda stream: write_csv(delivery.path, sheet, stream))
        self._used.add(place)
        return replace(delivery, path=place, shown=delivery.shown or str(delivery.path))

    def _refused(self, delivery: Delivery, error: BadFileError) -> SourceProblem:
        kept = self._archive.refuse(delivery, str(error))
        return SourceProblem(
            f"{delivery.shown or delivery.path} cannot be read. {error}",
            "The file was not loaded at all and nothing was deleted; what was loaded before stays. "
            f"It is kept, with this reason, as {kept}.",
            "Deliver the file again; the next run takes the newest complete one.",
        )

    def rows(self, accepted: Accepted, columns: Sequence[str]) -> Iterator[Sequence[str | None]]:
        """The file's rows with their values in the order of `columns`."""
        with opened_text(accepted.path, self.reading) as text:
            yield from self._records(text, accepted.found, columns)

    def _records(self, text: TextIO, found: Inspection, columns: Sequence[str]) -> Iterator[Sequence[str | None]]:
        lines = WithoutTrailer(text) if self._stream.trailer else text
        if self.reading.format == "jsonl":
            return ([record.get(name) for name in columns] for record in json_objects(lines))
        rows = delimited(lines, self.reading)
        next(rows)
        if tuple(columns) == found.columns:
            return rows
        places = [found.columns.index(name) for name in columns]
        return ([row[place] for place in places] for row in rows)


def body(accepted: Accepted) -> Iterator[bytes]:
    """The bytes between header line and trailer, for a file that goes to the stage as it is; ends with a line end."""
    with opened(accepted.path) as stream:
        left = accepted.found.body - len(stream.readline())
        block = b"\n"
        while left > 0 and (block := stream.read(min(BLOCK, left))):
            left -= len(block)
            yield block
        if not block.endswith(b"\n"):
            yield b"\n"
