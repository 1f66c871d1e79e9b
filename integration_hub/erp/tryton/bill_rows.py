"""The rows that a settled bill becomes: its own, and those of its lines, instalments and allocations."""

from collections.abc import Iterator, Mapping

from integration_hub.erp.tryton.bill import INVOICE_LINE, Bill
from integration_hub.erp.tryton.fields import Table, pointed, reference, stamp_of
from integration_hub.erp.tryton.ledger import CANCEL, may_be_payment
from integration_hub.erp.tryton.open_items import Entry
from integration_hub.erp.tryton.wire import Record, text_of

SALE_LINE = "sale.line"
LINE = (
    "key", "invoice", "customer", "position", "kind", "quantity", "net_amount", "order_line", "delivery_line",
    "source_modified_at",
)  # fmt: skip
LINE_NEEDS = (
    "invoice", "sequence", "type", "amount", "quantity", "product.type", "account.type.revenue", "origin",
    "stock_moves",
)  # fmt: skip
ITEM = (
    "key", "invoice", "customer", "company", "number", "issued_on", "due_on", "currency", "amount", "open_amount",
    "source_modified_at",
)  # fmt: skip
ALLOCATION = (
    "key", "open_item", "invoice", "payment", "credit_note", "customer", "allocated_on", "currency", "amount",
    "source_modified_at",
)  # fmt: skip
BILL = (
    "key", "source_modified_at", "number", "kind", "status", "issued_on", "posted_on", "due_on", "net_amount",
    "tax_amount", "gross_amount", "exchange_rate", "reverses", "order",
)  # fmt: skip
BILL_NEEDS = (
    "number", "invoice_date", "accounting_date", "state", "party", "company.currency", "currency.digits",
    "currency.code", "account", "move.date", "cancel_move.date", "cancel_move.number", "additional_moves",
    "payment_lines", "untaxed_amount", "tax_amount", "total_amount",
)  # fmt: skip
Row = list[str | None]


def number_of_bill(bill: Bill) -> str | None:
    """Its number; a cancellation has that of its entry."""
    return text_of(bill.record.get("number") if bill.sign > 0 else (bill.record.get("cancel_move") or {}).get("number"))


def bill_row(table: Table, bill: Bill, credited: Mapping[str, Record], sales: Mapping[str, str]) -> Row:
    """The invoice itself. `credited` are lines taken back by credit notes, `sales` the order of each order line."""
    due = [item.due for item in bill.items if item.id in bill.settled.amounts and item.due]
    return table.row(
        bill.record,
        bill.key,
        bill.stamp,
        number_of_bill(bill),
        bill.kind(),
        bill.status(),
        bill.day("issued_on"),
        bill.day("posted_on"),
        max(due, default=None),
        bill.amount("untaxed_amount"),
        bill.amount("tax_amount"),
        bill.amount("total_amount"),
        bill.rate,
        _reversed(bill, credited),
        _only({sales.get(_order_line(line, credited) or "", "") for line in bill.lines}),
    )


def _only(found: set[str]) -> str | None:
    found = found - {""}
    return next(iter(found)) if len(found) == 1 else None


def _reversed(bill: Bill, credited: Mapping[str, Record]) -> str | None:
    """The invoice that this document takes back, if it is one alone."""
    if bill.sign < 0:
        return str(bill.record["id"])
    return _only({reference(credited[line], "invoice") for line in bill.credited() if line in credited})


def _order_line(line: Record, credited: Mapping[str, Record]) -> str | None:
    """The order line that a line bills, or that the line that it credits had billed."""
    own = pointed(line.get("origin"), SALE_LINE)
    if own:
        return own
    first = credited.get(pointed(line.get("origin"), INVOICE_LINE))
    return pointed(first.get("origin"), SALE_LINE) or None if first else None


def line_rows(table: Table, bill: Bill, credited: Mapping[str, Record]) -> Iterator[Row]:
    """The lines of a bill."""
    customer, prefix = reference(bill.record, "party"), CANCEL if bill.sign < 0 else ""
    for position, (line, kind) in enumerate(zip(bill.lines, bill.kinds, strict=True), 1):
        moves = line.get("stock_moves") or []
        yield table.row(
            line,
            prefix + line["id"],
            bill.key,
            customer,
            str(position),
            kind,
            bill.quantity(line),
            bill.line_amount(line),
            _order_line(line, credited),
            moves[0] if len(moves) == 1 else None,
            stamp_of(line),
        )


def item_rows(table: Table, bill: Bill, records: Mapping[str, Record]) -> Iterator[Row]:
    """The instalments of a bill."""
    customer, code = reference(bill.record, "party"), bill.record["currency"]["code"]
    company, number = reference(bill.record, "company"), number_of_bill(bill)
    for item in bill.items:
        if item.id in bill.settled.amounts:
            yield table.row(
                records[item.id],
                item.id,
                bill.key,
                item.party or customer,
                company,
                number,
                item.on,
                item.due or item.on,
                code,
                str(bill.settled.amounts[item.id]),
                str(bill.settled.open[item.id]),
                bill.stamp,
            )


def allocation_rows(table: Table, bill: Bill, owners: Mapping[str, tuple[str, bool]]) -> Iterator[Row]:
    """What settled the instalments of a bill. `owners` are the documents of moves: key, and whether it is a credit."""
    customer, code = reference(bill.record, "party"), bill.record["currency"]["code"]
    met: dict[str, int] = {}
    for each in bill.settled.settled:
        by = each.by
        key = f"{each.item.id}-{by.id if by else 'unknown'}"
        met[key] = met.get(key, 0) + 1
        yield table.row(
            {},
            key if met[key] == 1 else f"{key}-{met[key]}",
            each.item.id,
            bill.key,
            by.id if by and by.move not in owners and may_be_payment(by) else None,
            owners[by.move][0] if by and by.move in owners and owners[by.move][1] else None,
            each.item.party or customer,
            each.on,
            code,
            str(each.amount),
            bill.stamp,
        )


def settling(bills: list[Bill]) -> list[Entry]:
    """What settled them, whose documents must be known."""
    return [each.by for bill in bills for each in bill.settled.settled if each.by is not None]
