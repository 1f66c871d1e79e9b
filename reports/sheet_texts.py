"""The cells of a sheet as the texts that a control sum is made of; needs nothing that a program by itself lacks."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

SIGNIFICANT = 15


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


def shortened(texts: Sequence[str]) -> list[str]:
    """A row without empty cells at its end, which no spreadsheet keeps."""
    kept = list(texts)
    while kept and not kept[-1]:
        kept.pop()
    return kept
