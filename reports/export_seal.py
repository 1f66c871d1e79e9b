"""What proves a file: its number of rows, the sums of its amounts, and a control sum over all that stands in it."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from reports.columns import Cell, CellKind
from reports.exports import Export, csv_text, headings
from reports.sheet_texts import sheet_text, shortened

CSV_RULE = "SHA-256 of the whole file with headings, rows and totals. To compute it again: sha256sum FILE."
SHEET_RULE = (
    "SHA-256 of all sheets in turn: the name of the sheet, then each of its rows with headings and totals, as a line "
    "of CSV in UTF-8 and closed by a line feed: cells divided by commas, in double quotes where they hold a "
    "comma, a quote or a line break; numbers with a point, 15 significant digits and no zeros at the end; dates as "
    "2026-02-28; nothing for an empty cell, and no empty cells at the end of a row of any sheet but the first. Only "
    "the row of this sheet that has the control sum itself is left out."
)
# Spreadsheets know by it that a CSV file is UTF-8.
MARK = "\ufeff".encode()
QUOTE, SPECIAL = '"', re.compile('[,"\r\n]').search
CONTROL_SUM, SUM_OF = "Control sum", "Sum of"


class Seal:
    """Grows with the file; `digest` is there once it is closed, `sums` once the totals are told. `frame` is what stands
    around the rows: the headings, the totals, and the further sheets by name, as texts.
    """

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self.rows = 0
        self.digest = ""
        self.sums: tuple[tuple[str, str], ...] = ()
        self.frame: dict[str, list[str]] = {}
        self.sheets: dict[str, list[list[str]]] = {}

    def mark(self) -> None:
        """A CSV file begins."""
        self._sum.update(MARK)

    def sheet(self, name: str) -> None:
        """A sheet of this name begins."""
        self.line([name])

    def line(self, texts: Sequence[str]) -> None:
        """Take in a line that is no row."""
        self._sum.update(csv_line(texts))

    def headings(self, texts: Sequence[str]) -> None:
        """The line before the rows."""
        self.frame["headings"] = list(texts)
        self.line(texts)

    def add(self, lines: bytes, rows: int) -> None:
        """Take in whole lines of rows."""
        self._sum.update(lines)
        self.rows += rows

    def add_row(self, cells: Sequence[Cell]) -> None:
        """Take in one row of a sheet."""
        self.add(csv_line([sheet_text(cell) for cell in cells]), 1)

    def totals(self, export: Export, totals: Sequence[Cell], texts: Sequence[str]) -> None:
        """The totals of the rows, and the line that shows them."""
        self.frame["totals"] = list(texts)
        self.line(texts)
        labels = headings(export.answer, export.currency)
        self.sums = tuple(
            (label, csv_text(total))
            for label, column, total in zip(labels, export.columns, totals, strict=True)
            if column.kind is CellKind.MONEY and column.total and column.total.is_sum and total is not None
        )

    def further(self, name: str, lines: Iterable[Sequence[str]]) -> None:
        """A whole sheet after that of the rows."""
        self.sheets[name] = [shortened(line) for line in lines]
        self.sheet(name)
        for line in self.sheets[name]:
            self.line(line)

    def close(self) -> None:
        """Nothing follows."""
        self.digest = self._sum.hexdigest()


def about(export: Export, seal: Seal, rule: str) -> tuple[tuple[str, str], ...]:
    """What the file says of itself, as names and texts: facts, rows, sums, control sum, and what each column means."""
    return (
        *export.facts,
        ("Rows", str(seal.rows)),
        *((f"{SUM_OF} {label}", text) for label, text in seal.sums),
        (CONTROL_SUM, seal.digest),
        ("How the control sum is made", rule),
        *((column.label, column.definition) for column in export.columns if column.definition),
    )


def csv_line(texts: Sequence[str]) -> bytes:
    """One line as PostgreSQL writes it (Python's writer forgets a lone carriage return): closed by a line feed."""
    return (
        ",".join(f'"{text.replace(QUOTE, QUOTE * 2)}"' if SPECIAL(text) else text for text in texts) + "\n"
    ).encode()
