"""What proves a file: its number of rows, the sums of its amounts, and a control sum over its cells in order."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from reports.columns import Cell, CellKind
from reports.exports import Export, csv_text, headings

CSV_RULE = (
    "SHA-256 of the lines between heading and totals as they stand in the file: UTF-8, each closed by a line feed. "
    "To compute it again: tail -n +2 FILE | head -n -1 | sha256sum."
)
SHEET_RULE = (
    "SHA-256 of all rows between heading and totals, each written as a line of CSV in UTF-8 and closed by a line feed: "
    "cells divided by commas, in double quotes where they hold a comma, a quote or a line break; numbers with a point, "
    "15 significant digits and no zeros at the end; dates as 2026-02-28; nothing for an empty cell."
)
SIGNIFICANT = 15
QUOTE, SPECIAL = '"', re.compile('[,"\r\n]').search
CONTROL_SUM, SUM_OF = "Control sum", "Sum of"


class Seal:
    """Grows with the rows; `digest` and `sums` are there once it is closed."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self.rows = 0
        self.digest = ""
        self.sums: tuple[tuple[str, str], ...] = ()

    def add(self, lines: bytes, rows: int) -> None:
        """Take in whole lines."""
        self._sum.update(lines)
        self.rows += rows

    def add_row(self, cells: Sequence[Cell]) -> None:
        """Take in one row of a sheet."""
        self.add(csv_line([sheet_text(cell) for cell in cells]), 1)

    def close(self, export: Export, totals: Sequence[Cell]) -> None:
        """No rows follow; the totals are those of the rows."""
        self.digest = self._sum.hexdigest()
        labels = headings(export.answer, export.currency)
        self.sums = tuple(
            (label, csv_text(total))
            for label, column, total in zip(labels, export.columns, totals, strict=True)
            if column.kind is CellKind.MONEY and column.total and column.total.is_sum and total is not None
        )


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


def sheet_text(cell: object) -> str:
    """A cell as a sheet keeps it: numbers have 15 digits there, and no cell knows amounts from counts."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = f"{float(str(cell)):.{SIGNIFICANT}g}"
    return format(Decimal(text), "f") if "e" in text else text.replace("-0", "0") if text == "-0" else text
