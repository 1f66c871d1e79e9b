"""Opens a delivered file, plain or packed (.gz, .zip): its unpacked bytes, from the disk as they are asked for."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

BLOCK = 1024 * 1024
# No delivery of rows shrinks so far; a file made to fill disks and memory does.
LARGEST_RATIO, SUSPECT_FROM = 200, 200 * 1024 * 1024
ENCRYPTED = 0x1


class BadFileError(Exception):
    """The content cannot be read; the text says which line and why."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of the file, unpacked when its name ends in .gz or .zip. Raises BadFileError for a damaged one."""
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path, "rb") as unpacked:
                yield cast("BinaryIO", unpacked)
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as packed, packed.open(_only_member(packed)) as member:
                yield cast("BinaryIO", member)
        else:
            with path.open("rb") as plain:
                yield plain
    except EOFError as error:
        raise BadFileError(f"The {_kind(path)} file ends too early: it was cut off while it was sent.") from error
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
        raise BadFileError(f"The {_kind(path)} file is damaged: {error}.") from error
    except NotImplementedError as error:
        raise BadFileError("The zip file is packed in a way that cannot be read; use deflate.") from error


def blocks(path: Path) -> Iterator[bytes]:
    """The unpacked bytes in blocks. Raises BadFileError for a damaged file, and for one made to swell without end."""
    packed_size, size = path.stat().st_size, 0
    with opened(path) as stream:
        for block in iter(lambda: stream.read(BLOCK), b""):
            size += len(block)
            refuse_bomb(size, packed_size)
            yield block


def refuse_bomb(size: int, packed_size: int) -> None:
    """Raise BadFileError where unpacked bytes are out of all proportion to the packed ones."""
    if size > SUSPECT_FROM and size > LARGEST_RATIO * packed_size:
        raise BadFileError(
            f"Unpacked it has more than {LARGEST_RATIO} times its size: it was made to fill the disk, or is damaged."
        )


def _kind(path: Path) -> str:
    return {".gz": "gzip"}.get(path.suffix.lower(), path.suffix.lower().removeprefix("."))


def _only_member(packed: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file in a zip. It is read in place and never written anywhere under its own name."""
    members = [each for each in packed.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        named = ", ".join(f'"{each.filename}"' for each in members[:5]) or "none"
        raise BadFileError(f"The zip file must hold exactly one file, but it holds {len(members)}: {named}.")
    name = members[0].filename
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
        raise BadFileError(f'The zip file holds "{name}", a name that leads out of its folder.')
    if name.lower().endswith((".zip", ".gz", ".xlsx")):
        raise BadFileError(f'The zip file holds "{name}", which is packed itself; deliver that file alone.')
    if members[0].flag_bits & ENCRYPTED:
        raise BadFileError("The zip file is protected with a password.")
    return members[0]
