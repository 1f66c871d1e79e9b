"""Receivables of one customer: aging buckets with counts, the items longest overdue, and credits beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from customers import formats
from customers.charts import Segment, share_bar
from customers.hidden import rests_on
from customers.measures import get_measure
from customers.models import Customer, CustomerRollup
from customers.pages.key_figures import AGING_CLASSES, figure_url
from integration_hub.models import ErpOpenItem, ErpPayment

SHOWN = 8
BAR = 1000
NEVER, ALWAYS = -(10**6), 10**6
# First and last day late of each bucket; None for items without a due date.
DAYS_LATE: Mapping[str, tuple[int, int] | None] = {
    "aging_not_due": (NEVER, 0),
    "aging_1_30": (1, 30),
    "aging_31_60": (31, 60),
    "aging_61_90": (61, 90),
    "aging_over_90": (91, ALWAYS),
    "aging_no_due_date": None,
}
# Upper bounds in days late of the buckets' classes.
LATENESS = ((30, "b1"), (60, "b2"), (90, "b3"))


@dataclass(frozen=True)
class Bucket:
    """One aging bucket: its stored amount in the reporting currency and how many items it holds."""

    label: str
    css: str
    amount: Decimal
    url: str
    count: int


@dataclass(frozen=True)
class OverdueItem:
    """One overdue item: `amount` as billed in `currency`, `counted` what is open in the reporting currency."""

    number: str
    url: str
    due_on: date | None
    days_late: int
    css: str
    note: str
    amount: Decimal | None
    currency: str
    counted: Decimal


@dataclass(frozen=True)
class Unallocated:
    """Payments that settle nothing yet, in one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Receivables:
    """The receivables card."""

    overdue: Decimal
    open_amount: Decimal
    buckets: tuple[Bucket, ...]
    bar: tuple[Segment, ...]
    bar_text: str
    items: tuple[OverdueItem, ...]
    item_count: int
    items_total: Decimal
    shown_total: Decimal
    overdue_url: str
    open_url: str
    credits: Decimal
    credits_url: str
    net: Decimal
    unallocated: tuple[Unallocated, ...]


@rests_on("overdue_amount", "overdue_count", "open_amount", "credits_amount", *AGING_CLASSES)
def build_receivables(rollup: CustomerRollup, keys: Sequence[str], currency: str) -> Receivables:
    """Stored figures of the rollup, and the items behind them at its day."""
    customer = Customer.objects.filter(pk=rollup.customer_id)
    overdue = get_measure("overdue_amount").documents(customer, rollup.as_of)
    shown = tuple(
        _item(item, rollup.as_of) for item in overdue.select_related("invoice").order_by("due_on", "key")[:SHOWN]
    )
    buckets = _buckets(rollup, _counts(rollup.as_of, customer))
    parts = [
        (bucket.css, bucket.amount, f"{bucket.label}: {formats.money(bucket.amount, currency)}") for bucket in buckets
    ]
    return Receivables(
        overdue=rollup.overdue_amount,
        open_amount=rollup.open_amount,
        buckets=buckets,
        bar=share_bar(parts, length=BAR),
        bar_text="; ".join(title for _, _, title in parts),
        items=shown,
        item_count=rollup.overdue_count,
        items_total=rollup.overdue_amount,
        shown_total=sum((item.counted for item in shown), Decimal(0)),
        overdue_url=figure_url(rollup, "overdue_amount"),
        open_url=figure_url(rollup, "open_amount"),
        credits=rollup.credits_amount,
        credits_url=figure_url(rollup, "credits_amount"),
        net=rollup.open_amount + rollup.credits_amount,
        unallocated=_unallocated(keys),
    )


def lateness_class(days_late: int) -> str:
    """The colour class of an item that is so many days late."""
    return next((css for bound, css in LATENESS if days_late <= bound), "b4") if days_late > 0 else ""


def item_note(item: ErpOpenItem) -> str:
    """What a reader should know about an open item: disputed, promised, the source's own note, paid in part."""
    notes = []
    if item.disputed:
        notes.append("Disputed")
    if item.promised_on:
        notes.append(f"Promised for {formats.day(item.promised_on)}")
    if item.note:
        notes.append(item.note)
    if item.amount and item.open_amount and abs(item.open_amount) < abs(item.amount):
        notes.append("Paid in part")
    return ", ".join(notes)


def _buckets(rollup: CustomerRollup, counts: Mapping[str, int]) -> tuple[Bucket, ...]:
    buckets = []
    for name, css in AGING_CLASSES.items():
        amount: Decimal = getattr(rollup, name)
        if name == "aging_no_due_date" and not amount and not counts[name]:
            continue
        buckets.append(Bucket(get_measure(name).label, css, amount, figure_url(rollup, name), counts[name]))
    return tuple(buckets)


def _counts(as_of: date, customer: QuerySet[Customer]) -> dict[str, int]:
    """How many open items each bucket holds, in one query."""
    counts = {
        f"n_{name}": Count("pk", filter=Q(due_on=None) if bounds is None else Q(days_late__range=bounds))
        for name, bounds in DAYS_LATE.items()
    }
    found = get_measure("open_amount").documents(customer, as_of).aggregate(**counts)
    return {name: found[f"n_{name}"] for name in DAYS_LATE}


def _item(item: ErpOpenItem, as_of: date) -> OverdueItem:
    counted: Decimal = item.counted  # type: ignore[attr-defined]  # annotated by the measure
    late = (as_of - item.due_on).days if item.due_on else 0
    invoice = item.invoice
    return OverdueItem(
        number=(invoice.number if invoice else "") or item.number or item.key,
        url=reverse("customers:invoice", args=(invoice.key,)) if invoice else "",
        due_on=item.due_on,
        days_late=late,
        css=lateness_class(late),
        note=item_note(item),
        amount=item.amount,
        currency=item.currency,
        counted=counted,
    )


def _unallocated(keys: Sequence[str]) -> tuple[Unallocated, ...]:
    sums = (
        ErpPayment.objects.live()
        .filter(Q(customer__in=keys), unallocated_amount__gt=0)
        .values("currency")
        .order_by("currency")
        .annotate(total=Sum("unallocated_amount"))
    )
    return tuple(Unallocated(row["currency"], row["total"]) for row in sums)
