"""What the pages about reconciliation show, as dataclasses: sources, streams, differing groups, and their documents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from integration_hub.config import hub
from integration_hub.models import ErpInvoice, Reconciliation, RejectedRow
from integration_hub.models.common import Mirrored, MoneyField
from integration_hub.standing_differences import compared_streams, latest
from integration_hub.streams import MONTH_OF, full_name, target, target_of

DOCUMENT_PAGES: Mapping[str, tuple[str, str]] = {
    "erp_order": ("customers:order", "key"),
    "erp_delivery": ("customers:delivery", "key"),
    "erp_invoice": ("customers:invoice", "key"),
    "erp_payment": ("customers:payment", "key"),
    "erp_open_item": ("customers:invoice", "invoice_id"),
    "erp_allocation": ("customers:invoice", "invoice_id"),
    "erp_order_line": ("customers:order", "order_id"),
    "erp_delivery_line": ("customers:delivery", "delivery_id"),
    "erp_invoice_line": ("customers:invoice", "invoice_id"),
}
"""Mirror table -> the page of a row's document, and the attribute with that document's key."""
WHAT = {"missing": "Missing here", "extra": "Only here", "other": "Other values"}


@dataclass(frozen=True)
class StreamLine:
    """One stream with the comparison that counts; None before the first one."""

    name: str
    label: str
    found: Reconciliation | None
    pill: str
    state: str


@dataclass(frozen=True)
class SourceLines:
    """One ERP with its streams."""

    label: str
    lines: list[StreamLine]


@dataclass(frozen=True)
class Sum:
    """One money column in one currency, at the source and here; None where it holds what is no number."""

    column: str
    currency: str
    source: Decimal | None
    mirror: Decimal | None


@dataclass(frozen=True)
class GroupLine:
    """One company, month and currency that differs; `documents` as kept with the comparison."""

    number: int
    company: str
    month: str
    currency: str
    source_rows: int
    mirror_rows: int
    sums: list[Sum]
    by_hash: bool
    documents: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """The group in words."""
        parts = (f"Company {self.company}" if self.company else "", self.month, self.currency)
        return ", ".join(part for part in parts if part) or "All rows"


@dataclass(frozen=True)
class DocumentLine:
    """One row of a document; `url` is empty where there is no page. `amounts` are column, here, at the source."""

    key: str
    url: str
    what: str
    amounts: list[tuple[str, Decimal | None, Decimal | None]]


@dataclass(frozen=True)
class Quarantine:
    """Rows of one stream that one run has put into quarantine, and that have not loaded since."""

    stream: str
    run: int
    rows: int


def sources() -> list[SourceLines]:
    """Every configured ERP with its streams in the order of hub.toml."""
    known = {found.stream: found for found in latest(compared_streams())}
    return [
        SourceLines(
            source.label,
            [line(name, known.get(name)) for name in (full_name(source.name, each) for each in source.streams)],
        )
        for source in hub().sources
    ]


def line(name: str, found: Reconciliation | None) -> StreamLine:
    """One stream with its state in words."""
    pill, state = "", "Not compared yet"
    if found is not None and found.agrees and found.waiting:
        pill, state = "pill-warn", f"Agrees, except {found.waiting:,} in quarantine"
    elif found is not None and found.agrees:
        pill, state = "pill-good", "Agrees"
    elif found is not None:
        pill, state = ("pill-bad", "Differs") if found.confirmed else ("pill-warn", "Differs, not sure yet")
    return StreamLine(name, name.partition(".")[2], found, pill, state)


def label(stream: str) -> str:
    """ "Main ERP: invoices"."""
    name, _, own = stream.partition(".")
    labels = {source.name: source.label for source in hub().sources}
    return f"{labels.get(name, name)}: {own}"


def quarantine() -> list[Quarantine]:
    """What waits in quarantine, per stream and run that has kept it."""
    rows = RejectedRow.objects.filter(resolved_at=None, stream__in=compared_streams()).order_by("stream", "run_ref")
    counted = rows.values_list("stream", "run_ref").annotate(rows=Count("pk"))
    return [Quarantine(name, run, count) for name, run, count in counted]


def waiting(stream: str) -> int:
    """Rows of the stream in quarantine."""
    return RejectedRow.objects.filter(resolved_at=None, stream=stream).count()


def sums(found: Reconciliation) -> list[Sum]:
    """The sums of all rows, by column and currency."""
    pairs = [
        (column, currency)
        for column in sorted(found.source_sums.keys() | found.mirror_sums.keys())
        for currency in sorted(_of(found.source_sums, column).keys() | _of(found.mirror_sums, column).keys())
    ]
    return [
        Sum(
            column.replace("_", " "),
            currency,
            _amount(_of(found.source_sums, column).get(currency, "0")),
            _amount(_of(found.mirror_sums, column).get(currency, "0")),
        )
        for column, currency in pairs
    ]


def _of(by_column: Mapping[str, Mapping[str, str]], column: str) -> Mapping[str, str]:
    return by_column.get(column, {})


def groups(found: Reconciliation) -> list[GroupLine]:
    """The kept groups of a comparison."""
    return [
        GroupLine(
            number,
            group["company"],
            group["month"],
            group["currency"],
            group["source_rows"],
            group["mirror_rows"],
            [
                Sum(column.replace("_", " "), group["currency"], _amount(there), _amount(here))
                for column, (there, here) in group["sums"].items()
            ],
            group["by_hash"],
            group["documents"],
        )
        for number, group in enumerate(found.groups, 1)
    ]


def named(found: Reconciliation, group: GroupLine) -> list[DocumentLine]:
    """The rows that differed, as they were then; with a link where the document is here now."""
    table = target_of(found.stream)
    if table is None:
        return []
    keys = [document["key"] for document in group.documents]
    here = {row.pk: row for row in target(table).model.objects.filter(pk__in=keys)}
    return [
        DocumentLine(
            document["key"],
            _url(table, here.get(document["key"])),
            WHAT[document["what"]],
            [
                (name.replace("_", " "), _amount(document["here"].get(name)), _amount(document["source"].get(name)))
                for name in sorted(document["here"].keys() | document["source"].keys())
            ],
        )
        for document in group.documents
    ]


def _amount(text: str | None) -> Decimal | None:
    amount = None if text is None else Decimal(text)
    return amount if amount is None or amount.is_finite() else None


def mirrored(found: Reconciliation, group: GroupLine) -> "QuerySet[Mirrored]":
    """The live rows of this company, month and currency in the mirror."""
    table = target_of(found.stream)
    if table is None:
        return ErpInvoice.objects.none()
    fields, source = target(table).fields, found.stream.partition(".")[0]
    rows = target(table).model.objects.filter(source=source, deleted_at=None)
    if group.company and "company" in fields:
        rows = rows.filter(company=f"{source}:{group.company}")
    if group.currency and "currency" in fields:
        rows = rows.filter(currency=group.currency)
    month = MONTH_OF.get(table, "")
    if group.month and month:
        year, number = group.month.split("-")
        rows = rows.filter(**{f"{month}__year": int(year), f"{month}__month": int(number)})
    return rows.order_by("key")


def mirror_lines(found: Reconciliation, rows: Iterable[Mirrored]) -> list[DocumentLine]:
    """Rows of one page with their amounts."""
    table = target_of(found.stream)
    if table is None:
        return []
    money = [name for name, field in target(table).fields.items() if isinstance(field, MoneyField)]
    return [
        DocumentLine(
            row.pk, _url(table, row), "", [(name.replace("_", " "), getattr(row, name), None) for name in money]
        )
        for row in rows
    ]


def _url(table: str, row: Mirrored | None) -> str:
    """The page of the row's document."""
    if row is None or table not in DOCUMENT_PAGES:
        return ""
    name, attribute = DOCUMENT_PAGES[table]
    key = getattr(row, attribute)
    return reverse(name, args=(key,)) if key else ""
