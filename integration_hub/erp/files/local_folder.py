"""A folder of this machine, or one that is mounted, in which an ERP puts its files."""

import time
from collections.abc import Sequence
from pathlib import Path

from integration_hub.config import SourceConfig
from integration_hub.erp.files.delivery import Delivery, Listed, is_unfinished
from integration_hub.sources import SourceProblem


class LocalFolder:
    """Looks into a folder and below; a link that leads out of it is refused."""

    def __init__(self, config: SourceConfig) -> None:
        self._config = config
        self._directory = Path(config.directory)

    @property
    def where(self) -> str:
        """The folder's path."""
        return str(self._directory)

    def count(self) -> int:
        """How many entries it has."""
        self._check()
        return sum(1 for _ in self._directory.iterdir())

    def matching(self, pattern: str, settle_seconds: int) -> Sequence[Listed]:
        """Regular files; settled are those marked by <file>.done, or untouched for `settle_seconds`."""
        self._check()
        before = time.time_ns() - settle_seconds * 1_000_000_000
        found = []
        for path in self._directory.glob(pattern):
            if is_unfinished(path.name) or not path.is_file():
                continue
            self._refuse_way_out(path)
            status = path.stat()
            marked = path.with_name(f"{path.name}.done").exists()
            name = path.relative_to(self._directory).as_posix()
            settled = marked or status.st_mtime_ns <= before
            found.append(Listed(name, status.st_size, status.st_mtime_ns, settled, marked))
        return found

    def about(self, name: str) -> Listed | None:
        """One file."""
        path = self._directory / name
        if not path.is_file():
            return None
        self._refuse_way_out(path)
        status = path.stat()
        settled = status.st_mtime_ns <= time.time_ns() - self._config.settle_seconds * 1_000_000_000
        return Listed(name, status.st_size, status.st_mtime_ns, settled)

    def content(self, name: str, limit: int) -> bytes:
        """The first bytes of a file."""
        with (self._directory / name).open("rb") as stream:
            return stream.read(limit)

    def fetched(self, listed: Listed) -> Delivery:
        """The file where it lies."""
        path = self._directory / listed.name
        return Delivery(path, listed.size, listed.modified_ns, listed.marked)

    def close(self) -> None:
        """Nothing is open."""

    def _check(self) -> None:
        if not self._directory.is_dir():
            raise SourceProblem(
                f"The folder {self._directory} of {self._config.label} does not exist.",
                "Nothing can be read; what was loaded before stays.",
                "Create the folder or mount it, or correct directory in hub.toml.",
            )

    def _refuse_way_out(self, path: Path) -> None:
        if not path.resolve().is_relative_to(self._directory.resolve()):
            raise SourceProblem(
                f"{path} is a link, or lies behind one, to a file outside of {self._directory}.",
                "It was not read: whoever may write to that folder could have any file of this machine read.",
                "Put the file itself into the folder, or correct directory in hub.toml.",
            )
