"""A private place for files that were fetched from a server or converted: each is made once, and kept while in use."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import BinaryIO

from integration_hub.erp.files.kept_files import PART, fitting, is_leftover, private_folder, written

SEEN = "seen.json"


class Spool:
    """Files of one stream. A name holds size and time of what it was made from, so that a newer one is made anew."""

    def __init__(self, source: str, stream: str) -> None:
        self.folder = private_folder("spool", source, stream)

    def place(self, name: str, size: int, modified_ns: int) -> Path:
        """Where the file made from that one lies, or will."""
        return self.folder / f"{size}-{modified_ns}--{fitting(name.replace('/', '__')[::-1])[::-1]}"

    def made(self, place: Path, make: Callable[[BinaryIO], None]) -> Path:
        """The file, made now if it is not there whole."""
        if not place.is_file():
            with written(place) as stream:
                make(stream)
        return place

    def keep_only(self, used: Collection[Path]) -> None:
        """Remove what is no longer in use."""
        for path in self.folder.iterdir():
            if (path not in used and path.name != SEEN and path.suffix != PART) or is_leftover(path):
                path.unlink(missing_ok=True)
