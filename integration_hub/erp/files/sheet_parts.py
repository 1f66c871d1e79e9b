"""Looks at the parts of an XLSX file, which is a zip of XML, before it is opened: is it safe, is it whole?"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from integration_hub.erp.files.packed import BLOCK, BadFileError, refuse_bomb

OLE = b"\xd0\xcf\x11\xe0"  # old .xls, and any Office file with a password
LARGEST_TEXTS = 512 * 1024 * 1024  # bytes of the table of texts, which has to be in memory
BOOK, BOOK_LINKS, TEXTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# A cell with a formula and no stored result; a stored text may be empty, which t="str" says.
UNKNOWN_RESULT = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
PLACE_OF_CELL = re.compile(rb'\br="([A-Z]+[0-9]+)"')
LONGEST_CELL = 64 * 1024  # bytes of XML that one cell with a formula can have


def check_parts(path: Path, sheet: str) -> None:
    """Raise BadFileError for what is no XLSX, would swell without end, or has a formula whose result is not stored."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == OLE:
        raise BadFileError("The file is protected with a password, or is an old .xls file; deliver a plain .xlsx.")
    if not start.startswith(b"PK"):
        raise BadFileError("The file is no XLSX file.")
    try:
        with zipfile.ZipFile(path) as book:
            refuse_bomb(sum(each.file_size for each in book.infolist()), path.stat().st_size)
            _check_texts(book)
            sheets = _sheets(book)
            if sheet and sheet not in sheets:
                named = ", ".join(f'"{name}"' for name in sheets)
                raise BadFileError(f'The file has no sheet "{sheet}"; it has: {named}.')
            _check_formulas(book, sheets[sheet or next(iter(sheets))])
            _refuse_definitions(book)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ElementTree.ParseError) as error:
        raise BadFileError(f"The XLSX file is damaged or was cut off while it was sent: {error}.") from error


def sheet_names(path: Path) -> tuple[str, ...]:
    """The sheets in order."""
    with zipfile.ZipFile(path) as book:
        return tuple(_sheets(book))


def _sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> its part, in the order of the tabs; sheets that hold only a chart are left out."""
    links = {
        each.get("Id"): (each.get("Type", ""), each.get("Target", ""))
        for each in ElementTree.fromstring(_small(book, BOOK_LINKS))  # noqa: S314 - without definitions: see _small
    }
    found = {}
    for each in ElementTree.fromstring(_small(book, BOOK)).iter():  # noqa: S314 - the same
        if each.tag.endswith("}sheet"):
            kind, target = links[each.get(LINK)]
            if kind.endswith("/worksheet"):
                found[str(each.get("name"))] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    if not found:
        raise BadFileError("The file has no sheet with cells.")
    return found


def _small(book: zipfile.ZipFile, name: str) -> bytes:
    with book.open(name) as part:
        content = part.read(LARGEST_TEXTS)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadFileError("The file holds XML definitions, which no spreadsheet program writes: it is not opened.")
    return content


def _refuse_definitions(book: zipfile.ZipFile) -> None:
    """XML definitions can swell without end while they are read; they stand at the beginning of a part."""
    for each in book.infolist():
        if each.filename.endswith((".xml", ".rels")):
            with book.open(each) as part:
                if b"<!DOCTYPE" in part.read(LONGEST_CELL).replace(b"\0", b""):
                    raise BadFileError("The file holds XML definitions, which no spreadsheet program writes.")


def _check_texts(book: zipfile.ZipFile) -> None:
    texts = next((each for each in book.infolist() if each.filename == TEXTS), None)
    if texts is not None and texts.file_size > LARGEST_TEXTS:
        raise BadFileError(
            f"Its texts take {texts.file_size:,} bytes, more than can be held in memory; deliver CSV instead."
        )


def _check_formulas(book: zipfile.ZipFile, part: str) -> None:
    for window in _windows(book, part):
        for found in UNKNOWN_RESULT.finditer(window):
            if b't="str"' not in found.group(1):
                place = PLACE_OF_CELL.search(found.group(1))
                cell = f"Cell {place.group(1).decode()}" if place else "A cell"
                raise BadFileError(
                    f"{cell} has a formula whose result is not stored in the file. Open and save it once in a "
                    "spreadsheet program, or let the ERP write values."
                )


def _windows(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part's XML in blocks that overlap by a cell; only those with a formula. Reading all of it proves its CRC."""
    rest = b""
    with book.open(part) as stream:
        for block in iter(lambda: stream.read(BLOCK), b""):
            window = rest + block
            if b"f>" in window or b"f " in window or b"f/>" in window:
                yield window
            rest = window[-LONGEST_CELL:]
