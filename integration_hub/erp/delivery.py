"""Finds the file to read: the newest complete one that matches a stream's pattern."""

import time
from dataclasses import dataclass
from pathlib import Path

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.sources import NothingNew, SourceProblem

# Names under which senders write before they rename, and the marker itself.
UNFINISHED = (".done", ".part", ".partial", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True)
class Delivery:
    """One file as it was found; `marked` says that its sender put <file>.done beside it."""

    path: Path
    size: int
    modified_ns: int
    marked: bool

    def unchanged(self) -> bool:
        """Whether the file is still exactly as it was found."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.modified_ns)


def newest_complete(source: SourceConfig, stream: StreamConfig) -> Delivery:
    """The newest file of the stream that is completely there.

    Complete means: <file>.done lies beside it, or nobody has written to it for `settle_seconds`. Raises NothingNew
    while the only files are still arriving, and SourceProblem where there is no folder or no file at all.
    """
    directory = Path(source.directory)
    found = _matching(directory, stream)
    if not found:
        raise SourceProblem(
            f'No file matches "{stream.path}" in {directory}.',
            f'The stream "{stream.name}" of {source.label} has nothing to read; what was loaded before stays.',
            "Check that the ERP still delivers, and that directory and path in hub.toml name the right place.",
        )
    settled_before = time.time_ns() - source.settle_seconds * 1_000_000_000
    complete = [each for each in found if each.marked or each.modified_ns <= settled_before]
    if not complete:
        raise NothingNew(
            f"{found[-1].path.name} is still arriving: it changed less than {source.settle_seconds} seconds ago"
        )
    return complete[-1]


def _matching(directory: Path, stream: StreamConfig) -> list[Delivery]:
    """The stream's files, oldest first; equal times are ordered by name, which usually holds the date."""
    if not directory.is_dir():
        raise SourceProblem(
            f"The folder {directory} does not exist.",
            f'The stream "{stream.name}" cannot be read; what was loaded before stays.',
            "Create the folder or mount it, or correct directory in hub.toml.",
        )
    found = []
    for path in directory.glob(stream.path):
        if path.suffix in UNFINISHED or path.name.startswith(".") or not path.is_file():
            continue
        status = path.stat()
        marked = path.with_name(f"{path.name}.done").exists()
        found.append(Delivery(path, status.st_size, status.st_mtime_ns, marked))
    return sorted(found, key=lambda each: (each.modified_ns, each.path.name))
