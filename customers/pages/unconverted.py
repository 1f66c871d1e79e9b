"""Documents that should count but are in no total: no exchange rate, no amount or no day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import DecimalField, QuerySet, Value

from customers.measures import not_converted
from customers.models import Customer
from customers.pages.evidence_rows import KINDS, EvidenceRow

MOST = 200
LABELS = {
    "invoice": "Invoices",
    "order": "Orders",
    "open_item": "Open items",
    "payment": "Payments",
    "opportunity": "Won deals",
}
UNKNOWN = Value(None, output_field=DecimalField())


@dataclass(frozen=True)
class Unconverted:
    """One kind of document: the newest 200 of `count`, and what each lacks."""

    label: str
    count: int
    rows: tuple[EvidenceRow, ...]


def build_unconverted(customers: QuerySet[Customer], as_of: date) -> tuple[Unconverted, ...]:
    """Every kind that has such documents at a day."""
    groups = []
    for kind, documents in not_converted(customers, as_of).items():
        describe, order, related = KINDS[documents.model]
        marked = documents if "counted" in documents.query.annotations else documents.annotate(counted=UNKNOWN)
        rows = tuple(describe(row) for row in marked.select_related(*related).order_by(f"-{order}", "key")[:MOST])
        if rows:
            groups.append(Unconverted(LABELS[kind], documents.count(), rows))
    return tuple(groups)
