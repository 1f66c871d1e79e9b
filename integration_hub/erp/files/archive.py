"""Keeps every delivered file: the accepted ones as they came, the refused ones with the reason in words."""

import hashlib
import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.files.delivery import Delivery
from integration_hub.erp.files.kept_files import fitting, remove_older, written
from integration_hub.sources import NothingNew

REFUSED, REASON = "refused", ".reason.txt"
SHOWN_DAYS, SHOWN = 7, 5
HASH = 12  # characters of a hash in a name
GLOB_MARKS = str.maketrans({mark: f"[{mark}]" for mark in "[]*?"})


@dataclass(frozen=True)
class Archive:
    """The archive of one stream: <folder>/<day written>/<name>--<hash>.csv, and refused/<name>--<hash>.csv."""

    folder: Path
    days: int

    def accept(self, delivery: Delivery, fingerprint: str) -> Path:
        """Keep a file that is about to be loaded, once; the copy, from which it is loaded.

        Raises NothingNew when the file changed while it was read, and SourceProblem on a full disk.
        """
        day = datetime.fromtimestamp(delivery.modified_ns / 1e9, UTC).date().isoformat()
        kept = self.folder / day / _kept_name(delivery.name, fingerprint[:HASH])
        if not (kept.is_file() and kept.stat().st_size == delivery.size):
            _copy(delivery, kept)
        return kept

    def has(self, name: str, fingerprint: str) -> bool:
        """Whether a file of that name and content was accepted before."""
        kept = _kept_name(name, fingerprint[:HASH]).translate(GLOB_MARKS)
        return any(self.folder.glob(f"*/{kept}"))

    def refuse(self, delivery: Delivery, reason: str) -> Path:
        """Keep a file that cannot be loaded, with the time and the reason beside it; the same file only once."""
        mark = hashlib.sha256(f"{delivery.name} {delivery.size} {delivery.modified_ns}".encode()).hexdigest()[:HASH]
        kept = self.folder / REFUSED / _kept_name(delivery.name, mark)
        said = kept.with_name(kept.name + REASON)
        if not said.is_file():
            _copy(delivery, kept)
            with written(said) as stream:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                stream.write(f"{now}\n{delivery.shown or delivery.path}\n{reason}\n".encode())
        return kept

    def clear(self, used: Collection[Path]) -> None:
        """Remove what was kept long enough and is not in use now."""
        remove_older(self.folder, self.days, used)


def archive_of(source: SourceConfig, stream: StreamConfig) -> Archive:
    """The stream's archive."""
    return Archive(_root(source) / stream.name, source.archive_days)


def refusals(source: SourceConfig) -> tuple[str, ...]:
    """What was refused in the last days, the latest first, in sentences."""
    since = time.time() - SHOWN_DAYS * 86_400
    found = sorted(_reasons(source, since), reverse=True)
    more = (f"And {len(found) - SHOWN:,} more.",) if len(found) > SHOWN else ()
    return (*(text for _, text in found[:SHOWN]), *more)


def _reasons(source: SourceConfig, since: float) -> Iterator[tuple[str, str]]:
    for path in _root(source).glob(f"*/{REFUSED}/*{REASON}"):
        if path.stat().st_mtime >= since:
            when, name, reason = path.read_text(encoding="utf-8").split("\n", 2)
            yield when, f"{Path(name).name} was refused on {when[:10]}: {reason.strip()}"


def _root(source: SourceConfig) -> Path:
    return Path(source.archive_directory or Path(settings.STATE_DIR) / "archive") / source.name


def _kept_name(name: str, mark: str) -> str:
    """The name with a mark before its ending, so that other programs still know what it is."""
    stem, ending = (name, "")
    while Path(stem).suffix.lower() in {".gz", ".zip", ".csv", ".tsv", ".txt", ".jsonl", ".json", ".xlsx"}:
        stem, ending = stem[: -len(Path(stem).suffix)], Path(stem).suffix + ending
    return f"{fitting(stem)}--{mark}{ending}"


def _copy(delivery: Delivery, to: Path) -> None:
    # A copy, not a link: what the ERP later writes into its own file must not change what is kept.
    with delivery.path.open("rb") as stream, written(to) as copy:
        shutil.copyfileobj(stream, copy, 1024 * 1024)
        if not delivery.unchanged():
            raise NothingNew(f"{delivery.name} is still arriving: it changed while it was read")
