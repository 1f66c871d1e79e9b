"""Finds the file to read: the newest complete one that matches a stream's pattern, in whatever folder it lies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Protocol

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.sources import NothingNew, SourceProblem

# Names under which senders write before they rename, and the marker itself.
UNFINISHED = (".done", ".part", ".partial", ".tmp", ".filepart", ".crdownload")
LARGEST_CONTROL = 64 * 1024  # bytes


@dataclass(frozen=True)
class Listed:
    """One file as a folder lists it; `name` is its path below the folder, `settled` that nobody writes to it now."""

    name: str
    size: int
    modified_ns: int
    settled: bool = True
    marked: bool = False


@dataclass(frozen=True)
class Delivery:
    """One file on this machine as it was found; `marked` says that its sender put <file>.done beside it.

    `shown` is what a person knows it as, where that is not its path; `control` the content of its control file.
    """

    path: Path
    size: int
    modified_ns: int
    marked: bool
    shown: str = ""
    control: str = ""

    @property
    def name(self) -> str:
        """The file's own name."""
        return PurePosixPath(self.shown or self.path.name).name

    def unchanged(self) -> bool:
        """Whether the file is still exactly as it was found."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.modified_ns)


class Folder(Protocol):
    """Where an ERP puts its files. Nothing in it is ever written, renamed or removed."""

    @property
    def where(self) -> str:
        """What a person knows the folder as."""

    def count(self) -> int:
        """How many entries it has. Raises SourceProblem or OSError when it cannot be looked into."""

    def matching(self, pattern: str, settle_seconds: int) -> Sequence[Listed]:
        """The regular files of that name pattern, without those of unfinished transfers, in no order."""

    def about(self, name: str) -> Listed | None:
        """One file of a folder that was looked through; None where there is no such file."""

    def content(self, name: str, limit: int) -> bytes:
        """The first bytes of a small file."""

    def fetched(self, listed: Listed) -> Delivery:
        """The file on this machine. Raises NothingNew when it changed meanwhile."""

    def close(self) -> None:
        """End the connection, if there is one."""


def is_unfinished(name: str) -> bool:
    """Whether a name is one of a transfer that is under way, or hidden, or a mark."""
    path = PurePosixPath(name)
    return path.suffix.lower() in UNFINISHED or path.name.startswith(".")


def control_name(stream: StreamConfig, name: str) -> str:
    """The name of a file's control file, in the same folder."""
    path = PurePosixPath(name)
    stem = path.name.split(".", 1)[0]
    return str(path.with_name(stream.control.replace("{name}", path.name).replace("{stem}", stem)))


def found_files(folder: Folder, source: SourceConfig, stream: StreamConfig, pattern: str) -> list[Listed]:
    """The stream's files in `folder`; one is settled only together with its control file."""
    found = list(folder.matching(pattern, source.settle_seconds))
    if not stream.control:
        return found
    # Also those of which the file itself was removed.
    control = stream.control.replace("{name}", "*").replace("{stem}", "*")
    files = [each for each in found if not fnmatchcase(PurePosixPath(each.name).name, control)]
    return [_with_control(folder, stream, each) for each in files]


def _with_control(folder: Folder, stream: StreamConfig, listed: Listed) -> Listed:
    there = folder.about(control_name(stream, listed.name))
    settled = listed.settled and there is not None and (there.settled or listed.marked)
    return replace(listed, settled=settled)


def newest_complete(folder: Folder, source: SourceConfig, stream: StreamConfig) -> Listed:
    """The newest file of the stream that is completely there; of equal times the last by name, which holds the date.

    Complete means: <file>.done lies beside it, or nobody has written to it for `settle_seconds`; and its control file
    is there. Raises NothingNew while the only files are still arriving, and SourceProblem where there is no file.
    """
    found = found_files(folder, source, stream, stream.path)
    if not found:
        raise no_file(folder, source, stream)
    complete = [each for each in found if each.settled]
    if not complete:
        raise still_arriving(max(found, key=_by_time), source, stream)
    return max(complete, key=_by_time)


def _by_time(listed: Listed) -> tuple[int, str]:
    return listed.modified_ns, listed.name


def still_arriving(listed: Listed, source: SourceConfig, stream: StreamConfig) -> NothingNew:
    """Why a file is not read yet."""
    control = f", or {control_name(stream, listed.name)} is not there" if stream.control else ""
    return NothingNew(
        f"{listed.name} is still arriving: it changed less than {source.settle_seconds} seconds ago{control}"
    )


def no_file(folder: Folder, source: SourceConfig, stream: StreamConfig) -> SourceProblem:
    """There is nothing at all to read."""
    return SourceProblem(
        f'No file matches "{stream.path}" in {folder.where}.',
        f'The stream "{stream.name}" of {source.label} has nothing to read; what was loaded before stays.',
        "Check that the ERP still delivers, and that the folder and path in hub.toml name the right place.",
    )


def fetched(folder: Folder, stream: StreamConfig, listed: Listed) -> Delivery:
    """The file on this machine, with the content of its control file."""
    delivery = folder.fetched(listed)
    if not stream.control:
        return delivery
    said = folder.content(control_name(stream, listed.name), LARGEST_CONTROL)
    return replace(delivery, control=said.decode("utf-8", errors="replace"))
