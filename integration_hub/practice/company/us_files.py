"""The file deliveries of the United States company: its own column names, US dates and amounts, Windows encoding."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from integration_hub.practice.company import ledger
from integration_hub.practice.company.generation import COMPANIES, DemoCompany

COMPANY = "20"
ENCODING = "cp1252"
# file, table of the books, row type; a .gz name is packed
FILES: tuple[tuple[str, str, type[Any]], ...] = (
    ("customers", "debtor", ledger.Debtor),
    ("contacts", "debtor_contact", ledger.DebtorContact),
    ("orders", "sales_order", ledger.SalesOrder),
    ("order_lines", "sales_order_item", ledger.SalesOrderItem),
    ("shipments", "shipment", ledger.Shipment),
    ("shipment_lines", "shipment_item", ledger.ShipmentItem),
    ("invoices", "bill", ledger.Bill),
    ("invoice_lines", "bill_item", ledger.BillItem),
    ("receivables", "receivable", ledger.Receivable),
    ("payments", "receipt", ledger.Receipt),
    ("applications", "settlement", ledger.Settlement),
)
PACKED = {"order_lines", "invoice_lines"}
WORDS = {
    "debtor": "Customer", "bill": "Invoice", "receipt": "Payment", "settlement": "Application", "qty": "Quantity",
    "settled": "Applied", "crm": "Salesforce", "po": "PO", "vat": "VAT",
}  # fmt: skip
CODES = {
    "SalesOrder.state": {"05": "QUOTE", "10": "OPEN", "20": "PARTIAL", "30": "SHIPPED", "35": "CLOSED", "70": "HOLD",
                         "90": "VOID"},
    "Shipment.state": {"P": "PLANNED", "K": "PACKED", "S": "SHIPPED"},
    "Bill.doc_type": {"RE": "INV", "GU": "CRM", "ST": "REV", "AZ": "DEP"},
    "Bill.state": {"EN": "DRAFT", "VO": "VOID", "ST": "REVERSED", "BZ": "PAID", "TZ": "PARTIAL", "OP": "OPEN"},
    "BillItem.line_type": {"W": "GOODS", "F": "FREIGHT", "A": "DEPOSIT"},
}  # fmt: skip
# Written with leading zeros, as that ERP stores them.
PADDED = {"debtor_no", "group_no"}


def deliver(company: DemoCompany, directory: Path) -> int:
    """Write all files of the day, each followed by its .done mark; returns the number of records."""
    directory.mkdir(parents=True, exist_ok=True)
    stamp = f"{company.today:%Y%m%d}"
    count = 0
    name, currency = COMPANIES[COMPANY]
    small = (
        ("company", ("Company No", "Name", "Currency", "Time Zone"), [(COMPANY, name, currency, "America/New_York")]),
        ("price_list", ("Article No", "Description", "Group", "Unit"),
         [(each.number, each.name, each.group, each.unit) for each in company.articles]),
    )  # fmt: skip
    for stem, header, rows in small:
        count += _write(directory, f"{stem}_{stamp}.csv", header, rows)
    for stem, table, row_type in FILES:
        ending = "csv.gz" if stem in PACKED else "csv"
        rows_of = getattr(company.books[COMPANY], table)
        count += _write(directory, f"{stem}_{stamp}.{ending}", _header(row_type), _records(row_type, rows_of))
    return count


def _header(row_type: type[Any]) -> tuple[str, ...]:
    """ "debtor_no" is called "Customer No" over there."""
    return tuple(" ".join(WORDS.get(word, word.title()) for word in name.split("_")) for name in row_type._fields)


def _records(row_type: type[Any], rows: Iterable[Any]) -> Iterator[Sequence[str]]:
    codes = [CODES.get(f"{row_type.__name__}.{name}", {}) for name in row_type._fields]
    padded = [name in PADDED for name in row_type._fields]
    for row in rows:
        yield [
            code[value] if code else _text(value, padded=pad)
            for value, code, pad in zip(row, codes, padded, strict=True)
        ]


def _text(value: Any, *, padded: bool) -> str:
    """A value as that ERP writes it: 12/31/2026, 1,234.50, 0000200107, Y."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}+00"
    if isinstance(value, date):
        return f"{value:%m/%d/%Y}"
    if isinstance(value, Decimal):
        return f"{value:,}"
    if padded and value:
        return str(value).zfill(10)
    return "Y" if value == "X" else str(value)


def _write(directory: Path, name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """One file, complete before its mark appears."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    content = text.getvalue().encode(ENCODING)
    path = directory / name
    path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    path.with_name(f"{name}.done").touch()
    return count
