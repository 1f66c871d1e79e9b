"""Reads files of changed rows, several at a time: later rows count; the stream moves on only when it is published."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.files.delivery import Folder
from integration_hub.erp.files.intake import Accepted, Intake, SameContentError, body
from integration_hub.erp.files.sequence import SHOWN_HASH, Due, Place, due_files, numbers
from integration_hub.sources import NothingNew, SourceProblem


@dataclass
class Reading:
    """The files that are read now, in order, and where the stream stands once they are published.

    `why` says what had to wait; `left_out` counts lines of documents that came again in a later file.
    """

    stream: StreamConfig
    files: Sequence[Accepted]
    place: str
    partial: bool = False
    why: str = ""
    left_out: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Of all files; later ones may have them in another order."""
        return self.files[0].found.columns

    @property
    def count(self) -> int:
        """Rows that are handed over, once they all were."""
        return sum(each.found.rows for each in self.files) - self.left_out

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know."""
        found = [note for each in self.files for note in each.found.notes] + ([self.why] if self.why else [])
        return tuple(dict.fromkeys(found))

    @property
    def is_plain(self) -> bool:
        """Whether the bytes can go to the stage as they are."""
        alone = len(self.files) == 1 or not self.stream.parent
        return alone and all(each.found.plain and each.found.columns == self.columns for each in self.files)

    def unchanged(self) -> bool:
        """Whether all files are still as they were found."""
        return all(each.delivery.unchanged() for each in self.files)

    def bodies(self) -> Iterator[bytes]:
        """The bytes of plain files."""
        for each in self.files:
            yield from body(each)

    def rows(self, intake: Intake) -> Iterator[Sequence[str | None]]:
        """The rows of all files.

        A document comes with all its lines each time: of one that comes again later the earlier lines are left out.
        """
        places = self._places()
        again = self._coming_again(intake, places) if places else [set[tuple[str | None, ...]]()] * len(self.files)
        for each, later in zip(self.files, again, strict=True):
            for row in intake.rows(each, self.columns):
                if later and tuple(row[place] for place in places) in later:
                    self.left_out += 1
                else:
                    yield row

    def _places(self) -> list[int]:
        """Where the reference to a line's document stands."""
        if len(self.files) == 1 or not self.stream.parent:
            return []
        mapped = self.stream.columns.get(self.stream.parent)
        names = mapped.source if mapped else (self.stream.parent,)
        return [self.columns.index(name) for name in names if name in self.columns]

    def _coming_again(self, intake: Intake, places: Sequence[int]) -> list[set[tuple[str | None, ...]]]:
        """For each file the documents of all later ones."""
        found: list[set[tuple[str | None, ...]]] = [set()]
        for each in reversed(self.files[1:]):
            documents = {tuple(row[place] for place in places) for row in intake.rows(each, self.columns)}
            found.append(found[-1] | documents)
        return found[::-1]


def read_deltas(folder: Folder, source: SourceConfig, stream: StreamConfig, intake: Intake, known: str) -> Reading:
    """Take in the files behind the place that `known` tells.

    Raises NothingNew where there are none, and SourceProblem for a gap and where the first one is refused.
    """
    place = Place.of(known)
    due = due_files(folder, source, stream, place, intake.is_known)
    files, why = _prefix(stream, intake, due, place)
    last = files[-1]
    latest = max([each.delivery.modified_ns for each in files] + ([place.modified_ns] if place else []))
    reached = Place(numbers(stream, last.delivery.name), latest, last.found.fingerprint)
    return Reading(stream, files, reached.text, partial=not due.whole, why=why)


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
