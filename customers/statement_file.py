"""A statement of account as an Excel workbook: one sheet per currency with the lines and totals of the page."""

from collections.abc import Sequence
from typing import Any

from customers.pages.statement import Account, Line, Statement
from customers.workbook import COUNT, DAY, MONEY, TEXT, Cell, Target, workbook, write_cell

OUTSTANDING = ("Document", "Date", "Due", "Days late", "Note", "Billed", "Open")
ACTIVITY = ("Document", "Date", "What", "Debit", "Credit", "Balance")
WIDTHS = {"Document": 34, "Note": 34, "What": 40}
KINDS = {"Date": DAY, "Due": DAY, "Days late": COUNT}
AMOUNTS = {"Billed", "Open", "Debit", "Credit", "Balance"}

PART = "This account’s part of the balance"


def write_statement(statement: Statement, target: Target, facts: Sequence[tuple[str, str]]) -> None:
    """Write the workbook; `facts` say on a sheet of their own whose it is and where it comes from. Text is never a
    formula. Raises DiskFull.
    """
    with workbook(target) as book:
        formats = _Formats(book)
        for account in statement.accounts:
            sheet = book.add_worksheet(account.currency or "No currency")
            if statement.ask.mode == "activity":
                _write(sheet, formats, ACTIVITY, _activity(account))
            else:
                _write(sheet, formats, OUTSTANDING, _outstanding(account))
        about = book.add_worksheet("About")
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 90)
        for place, (name, text) in enumerate(facts):
            about.write_string(place, 0, name, formats.heading)
            about.write_string(place, 1, text)


class _Formats:
    """Cell formats by number format, plain and bold for totals."""

    def __init__(self, book: Any) -> None:
        kinds = (MONEY, COUNT, DAY, TEXT)
        self.plain = {kind: book.add_format({"num_format": kind}) for kind in kinds}
        self.bold = {kind: book.add_format({"num_format": kind, "bold": True}) for kind in kinds}
        self.heading = book.add_format({"bold": True, "bottom": 1})


Row = tuple[bool, Sequence[Cell]]


def _outstanding(account: Account) -> list[Row]:
    rows: list[Row] = [
        (False, (line.label, line.day, line.due_on, _late(line), line.text, line.billed, line.balance))
        for line in account.lines
    ]
    rows.append((True, ("Balance", None, None, None, "", None, account.closing)))
    if account.part is not None:
        rows.append((True, (PART, None, None, None, "", None, account.part)))
    rows += [(False, (label, None, None, None, "", None, amount)) for label, amount in account.aging]
    rows.append((False, ("Credits and payments not allocated", None, None, None, "", None, account.credits)))
    return rows


def _activity(account: Account) -> list[Row]:
    rows: list[Row] = [(True, ("Opening balance", None, "", None, None, account.opening))]
    rows += [
        (False, (line.label, line.day, line.text, line.debit or None, line.credit or None, line.balance))
        for line in account.lines
    ]
    rows.append((True, ("Closing balance", None, "", account.debit, account.credit, account.closing)))
    if account.part is not None:
        rows.append((True, (PART, None, "", None, None, account.part)))
    return rows


def _late(line: Line) -> int | None:
    return line.days_late if line.days_late is not None and line.days_late > 0 else None


def _write(sheet: Any, formats: _Formats, headings: Sequence[str], rows: Sequence[Row]) -> None:
    for position, heading in enumerate(headings):
        sheet.set_column(position, position, WIDTHS.get(heading, 14))
        sheet.write_string(0, position, heading, formats.heading)
    sheet.freeze_panes(1, 1)
    kinds = [MONEY if heading in AMOUNTS else KINDS.get(heading, TEXT) for heading in headings]
    for place, (bold, cells) in enumerate(rows, start=1):
        for position, (kind, cell) in enumerate(zip(kinds, cells, strict=True)):
            write_cell(sheet, (place, position), cell, (formats.bold if bold else formats.plain)[kind])
