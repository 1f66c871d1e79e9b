"""The hub that mirrors Tryton, and what stands in its mirror, in the words of inside/truth.py."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from integration_hub.models import ErpContact, ErpCustomer, ErpDelivery, ErpInvoice, ErpOrder, Run, RunKind, RunStatus
from integration_hub.runs import start_run

SOURCE = "erp"
CANCELLED_BY_ENTRY = "cancel-"
"""Begins the keys of the adapter's own documents for cancellations of which Tryton has an entry and no document."""
HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[[sources]]
name = "erp"
label = "Tryton"
kind = "tryton"
profile = "tryton"
url = "{url}"
database = "{database}"
api_key = "${{TRYTON_TEST_KEY}}"
"""


@dataclass
class Mirror:
    """A hub.toml, and runs of it in this process."""

    config: Path

    def write(self, url: str, database: str) -> None:
        """Write hub.toml for a Tryton at this address."""
        self.config.write_text(HUB.format(url=url, database=database), encoding="utf-8")

    def sync(self, **options: object) -> Run:
        """One cycle."""
        return self._run(RunKind.SYNC, options)

    def sweep(self) -> Run:
        """Compare all keys."""
        return self._run(RunKind.SWEEP, {})

    def _run(self, kind: str, options: dict[str, object]) -> Run:
        from integration_hub.jobs import finish

        run = finish(start_run(kind, SOURCE, options=options))
        assert run.status == RunStatus.SUCCEEDED, (run.status, run.problem, run.meaning)
        return run


def plain(value: Decimal | None) -> str:
    """An amount as truth writes it."""
    return format(value.normalize(), "f") if value else "0"


def own(key: str) -> str:
    """The ERP's own id in a key."""
    return key.removeprefix(f"{SOURCE}:")


def _lines(record: Any, *amounts: str) -> dict[str, list[str]]:
    return {
        own(line.key): [own(line.product_id or ""), *(plain(getattr(line, name)) for name in amounts), line.text or ""]
        for line in record.lines.filter(deleted_at=None)
        if line.kind != "text"
    }


def customers() -> dict[str, list[str]]:
    """Number, name, e-mail and phone of every customer, and whether archived."""
    return {
        own(each.key): [
            each.number or "",
            each.name or "",
            each.email or "",
            each.phone or "",
            "archived" if each.archived else "",
        ]
        for each in ErpCustomer.objects.filter(deleted_at=None)
    }


def contacts() -> dict[str, list[str]]:
    """Customer, name and e-mail of every contact."""
    return {
        own(each.key): [own(each.customer_id), each.name or "", each.email or ""]
        for each in ErpContact.objects.filter(deleted_at=None)
    }


def orders() -> dict[str, Any]:
    """Every order of the mirror that is not gone."""
    return {
        own(order.key): {
            "number": order.number or "",
            "company": own(order.company_id),
            "customer": own(order.customer_id),
            "state": order.source_status,
            "reference": order.customer_reference or "",
            "date": str(order.ordered_on or ""),
            "currency": order.currency,
            "net": plain(order.net_amount),
            "gross": plain(order.gross_amount),
            "lines": _lines(order, "quantity", "unit_price", "net_amount"),
        }
        for order in ErpOrder.objects.filter(deleted_at=None)
    }


def deliveries() -> dict[str, Any]:
    """Every delivery and return."""
    return {
        own(delivery.key): {
            "number": delivery.number or "",
            "company": own(delivery.company_id),
            "customer": own(delivery.customer_id),
            "state": delivery.source_status,
            "date": str(delivery.shipped_on or ""),
            "lines": {
                own(line.key): [own(line.product_id or ""), plain(line.quantity), own(line.order_line_id or "")]
                for line in delivery.lines.filter(deleted_at=None)
            },
        }
        for delivery in ErpDelivery.objects.filter(deleted_at=None)
    }


def invoices() -> dict[str, Any]:
    """Every invoice and credit note that Tryton has as a document."""
    return {
        own(invoice.key): {
            "number": invoice.number or "",
            "company": own(invoice.company_id),
            "customer": own(invoice.customer_id),
            "state": invoice.source_status,
            "date": str(invoice.issued_on or ""),
            "currency": invoice.currency,
            "net": plain(invoice.net_amount),
            "tax": plain(invoice.tax_amount),
            "gross": plain(invoice.gross_amount),
            "open": plain(sum((item.open_amount for item in _items(invoice)), Decimal(0))),
            "lines": _lines(invoice, "quantity", "unit_price", "net_amount"),
        }
        for invoice in ErpInvoice.objects.filter(deleted_at=None)
        if not own(invoice.key).startswith(CANCELLED_BY_ENTRY)
    }


def _items(invoice: ErpInvoice) -> list[Any]:
    return list(invoice.open_items.filter(deleted_at=None))


def revenue() -> dict[str, list[str]]:
    """Company/month/currency -> revenue by the product's rule in that currency, and in the company's currency.

    The latter is each document's revenue at the rate that Tryton booked it with, rounded once per document.
    """
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for invoice in ErpInvoice.objects.filter(deleted_at=None).exclude(revenue_amount=None):
        assert invoice.revenue_amount is not None
        if not invoice.revenue_amount:
            continue
        row = sums[f"{own(invoice.company_id)}/{invoice.revenue_on:%Y-%m}/{invoice.currency}"]
        rate = invoice.exchange_rate or Decimal(1)
        row[0] += invoice.revenue_amount
        row[1] += (invoice.revenue_amount * rate).quantize(Decimal("0.01"))
    return {key: [plain(value) for value in row] for key, row in sums.items() if any(row)}


def receivable() -> dict[str, str]:
    """Company/currency -> what is open on all items, less money that settles nothing yet."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with connection.cursor() as cursor:
        cursor.execute(
            "select company_id, currency, open_amount from erp_open_item where deleted_at is null"
            " union all select company_id, currency, -unallocated_amount from erp_payment where deleted_at is null"
        )
        for company, currency, amount in cursor.fetchall():
            sums[f"{own(company)}/{currency}"] += amount or 0
    return {key: plain(amount) for key, amount in sums.items() if amount}


def overdue(day: date) -> dict[str, str]:
    """Invoice -> what was due before the day and is open."""
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in ErpInvoice.objects.filter(deleted_at=None):
        for item in _items(invoice):
            if item.due_on < day and item.open_amount > 0:
                owed[own(invoice.key)] += item.open_amount
    return {number: plain(amount) for number, amount in owed.items()}
