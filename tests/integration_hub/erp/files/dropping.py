"""A folder with deliveries that tests fill, and a source that reads it."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.files.source import FilesSource
from integration_hub.sources import Extract


@dataclass
class Drop:
    """The ERP's folder and our archive; files are untouched for an hour unless said otherwise."""

    folder: Path
    archive: Path
    options: dict[str, object] = field(default_factory=dict)
    now: float = field(default_factory=time.time)

    def put(self, content: str | bytes, name: str = "orders_1.csv", *, minutes_ago: float = 60) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        then = self.now - minutes_ago * 60
        os.utime(path, (then, then))
        return path

    def sheet(
        self, *rows: list[object], name: str = "orders_1.xlsx", title: str = "Orders", **more: list[list[object]]
    ) -> Path:
        """An XLSX file as openpyxl writes it; further sheets by name."""
        book = openpyxl.Workbook()
        book.active.title = title
        for row in rows:
            book.active.append(row)
        for other, content in more.items():
            sheet = book.create_sheet(other)
            for row in content:
                sheet.append(row)
        book.save(self.folder / name)
        return self.put((self.folder / name).read_bytes(), name)

    def stream(self, **options) -> StreamConfig:
        return StreamConfig(**{"name": "orders", "target": "erp_order", "path": "orders_*", **options})

    def source(self, **options) -> FilesSource:
        values: dict[str, Any] = {"name": "us", "label": "Test files", "kind": "files", "directory": str(self.folder)}
        values |= {"archive_directory": str(self.archive), "streams": (), **self.options, **options}
        return FilesSource(SourceConfig(**values))

    def read(self, known: str | None = None, *, source: Mapping[str, object] | None = None, **stream) -> "Read":
        """Read the stream to its end, as a sync would."""
        with self.source(**source or {}).extract(self.stream(**stream), known) as extract:
            content = b"".join(extract.chunks).decode()
            complete, expected = extract.complete(), extract.expected_rows()
        return Read(extract, content, complete, expected)

    def listing(self) -> dict[str, tuple[int, int]]:
        """Everything in the ERP's folder with size and time."""
        return {
            str(path.relative_to(self.folder)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in self.folder.rglob("*")
        }

    def kept(self) -> list[str]:
        """Everything in the archive."""
        return sorted(str(path.relative_to(self.archive)) for path in self.archive.rglob("*") if path.is_file())


@dataclass(frozen=True)
class Read:
    """What an extract delivered."""

    extract: Extract
    content: str
    complete: bool
    expected: int | None

    @property
    def fingerprint(self) -> str:
        return self.extract.fingerprint

    @property
    def rows(self) -> list[list[str]]:
        separator = "," if self.extract.format == "csv" else "\t"
        return [line.split(separator) for line in self.content.splitlines()]
