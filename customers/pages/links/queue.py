"""The queue of ERP customers whose account is to be decided, the most money at stake first."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Sum
from django.urls import reverse

from customers.access import User, hidden_columns, visible
from customers.keyset import finite
from customers.matching.quality import in_band, undecided_proposals
from customers.models import AccountLink, LinkProposal, LinkStatus
from customers.pages.links.queue_rows import QueueRow, queue_rows
from customers.totals import visible_sums

ROWS = 50
ZERO = Decimal(0)
LONGEST_MARK = 600
MONEY = ("revenue_12m", "overdue_amount")
SCORES = ("0.95", "0.9", "0.8", "0.7", "0.5")
UNLINKED = Q(status__in=(LinkStatus.UNLINKED, LinkStatus.CONFLICT))


@dataclass(frozen=True)
class Status:
    """One part of the queue: its name in the URL, its words, and which links are in it; with `linked`, to accounts."""

    name: str
    label: str
    condition: Q
    empty: str
    linked: bool = False


STATUSES = (
    Status(
        "",
        "To decide",
        Q(status=LinkStatus.UNLINKED, method=""),
        "Every ERP customer belongs to an account, or it was decided that it needs none.",
    ),
    Status(
        "conflict",
        "In conflict",
        Q(status=LinkStatus.CONFLICT),
        "No stored keys contradict each other or a decision.",
    ),
    Status(
        "doubt",
        "In doubt",
        Q(
            Exists(
                LinkProposal.objects.filter(
                    shared=True, erp_customer=OuterRef("erp_customer"), account=OuterRef("account")
                )
            ),
            status=LinkStatus.LINKED,
            method="identifier",
        ),
        "Of every exact identifier that links, no other record has come to have it too.",
        linked=True,
    ),
    Status(
        "later",
        "Account to be created",
        Q(status=LinkStatus.UNLINKED, method="later"),
        "No ERP customer waits for an account to be created in Salesforce.",
    ),
    Status(
        "ignored",
        "Ignored",
        Q(status=LinkStatus.UNLINKED, method="ignored"),
        "Of no ERP customer it was decided that it needs no account.",
    ),
    Status("all", "All without account", UNLINKED, "Every ERP customer belongs to an account."),
    Status(
        "decided",
        "Linked here",
        Q(status=LinkStatus.LINKED, method__in=("decided", "identifier", "shared")),
        "No link rests on a decision or an exact identifier: all come from stored keys.",
        linked=True,
    ),
)
BY_NAME = {status.name: status for status in STATUSES}


@dataclass(frozen=True)
class Chip:
    """A part of the queue to choose, with how many are in it."""

    label: str
    url: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Queue:
    """A page of the queue. `share` is the part of the last 12 months' revenue that no account shows, 0 to 1, None
    without revenue or where the reader does not see revenue.
    """

    status: Status
    chips: tuple[Chip, ...]
    rows: tuple[QueueRow, ...]
    count: int
    revenue_12m: Decimal
    overdue_amount: Decimal
    after: str
    first: bool
    query: str
    countries: tuple[str, ...]
    country: str
    score: str
    band: str
    unlinked_revenue: Decimal
    unlinked_overdue: Decimal
    share: Decimal | None
    hidden: frozenset[str]


def build_queue(user: User, as_of: date, asked: Mapping[str, str]) -> Queue:
    """The part of the queue that a URL asks for: status, country, score (least, 0 to 1), band (of scores, with an
    undecided proposal in it) and after (a row's mark).
    """
    status = BY_NAME.get(asked.get("status", ""), STATUSES[0])
    everything = visible(AccountLink.objects.all(), user)
    priced = _priced(everything, as_of)
    country, score = asked.get("country", ""), asked.get("score", "")
    score = score if score in SCORES else ""
    scored = in_band(asked.get("band", ""))
    band = asked["band"] if scored is not None else ""
    found = _narrowed(priced.filter(status.condition), country, score)
    if scored is not None:
        found = found.filter(Exists(undecided_proposals().filter(scored, erp_customer=OuterRef("erp_customer"))))
    mark = _read_mark(asked.get("after", ""))
    links = list(_after(found, mark)[: ROWS + 1])
    sums = found.aggregate(count=Count("pk"), **{name: Sum(f"figures__{name}") for name in MONEY})
    outside = priced.filter(UNLINKED).aggregate(**{name: Sum(f"figures__{name}") for name in MONEY})
    hidden = hidden_columns(user)
    whole = visible_sums(user, as_of).get("revenue_12m", ZERO)
    counts = _counts(everything)
    doubts = everything.filter(BY_NAME["doubt"].condition).count()
    filters = (("status", status.name), ("country", country), ("score", score), ("band", band))
    kept = {name: value for name, value in filters if value}
    shown = links[:ROWS]
    return Queue(
        status=status,
        chips=tuple(_chip(each, status, counts, doubts) for each in STATUSES),
        rows=queue_rows(shown, status.name),
        count=sums["count"],
        revenue_12m=sums["revenue_12m"] or ZERO,
        overdue_amount=sums["overdue_amount"] or ZERO,
        after=_mark_of(shown[-1]) if len(links) > ROWS else "",
        first=mark is None,
        query=urlencode(kept),
        countries=_countries(everything.filter(status.condition)),
        country=country,
        score=score,
        band=band,
        unlinked_revenue=outside["revenue_12m"] or ZERO,
        unlinked_overdue=outside["overdue_amount"] or ZERO,
        share=(outside["revenue_12m"] or ZERO) / whole if whole and "revenue_12m" not in hidden else None,
        hidden=hidden,
    )


def _priced(links: QuerySet[AccountLink], as_of: date) -> QuerySet[Any]:
    """Links with the figures of their customers at a day as `figures`."""
    at_day = FilteredRelation("customer__rollups", condition=Q(customer__rollups__as_of=as_of))
    found: QuerySet[Any] = links.annotate(figures=at_day).annotate(
        revenue=F("figures__revenue_12m"), overdue=F("figures__overdue_amount")
    )
    return found


def _narrowed(links: QuerySet[Any], country: str, score: str) -> QuerySet[Any]:
    if country:
        links = links.filter(customer__country=country)
    if score:
        likely = LinkProposal.objects.filter(erp_customer=OuterRef("erp_customer"), score__gte=Decimal(score))
        links = links.filter(Exists(likely))
    return links


def _after(links: QuerySet[Any], mark: tuple[Decimal, Decimal, str] | None) -> QuerySet[Any]:
    """In order of the money, after a row; rows without figures stand last."""
    ordered = links.select_related("customer").order_by(
        F("revenue").desc(nulls_last=True), F("overdue").desc(nulls_last=True), "erp_customer"
    )
    if mark is None:
        return ordered
    revenue, overdue, key = mark
    return ordered.filter(
        Q(revenue__lt=revenue)
        | Q(revenue=revenue) & (Q(overdue__lt=overdue) | Q(overdue=overdue, erp_customer__gt=key))
        | Q(revenue=None)
    )


def _mark_of(link: Any) -> str:
    text = json.dumps([str(link.revenue or ZERO), str(link.overdue or ZERO), link.erp_customer])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_mark(text: str) -> tuple[Decimal, Decimal, str] | None:
    """A row's place; None for none or a damaged one, which shows the first page."""
    if not text or len(text) > LONGEST_MARK:
        return None
    try:
        revenue, overdue, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return finite(revenue), finite(overdue), str(key).replace("\0", "")
    except (ValueError, TypeError, InvalidOperation, binascii.Error, RecursionError):
        return None


def _counts(links: QuerySet[AccountLink]) -> dict[tuple[str, str], int]:
    grouped = links.order_by().values_list("status", "method").annotate(count=Count("pk"))
    return {(status, method): count for status, method, count in grouped}


def _is_in(part: str, status: str, method: str) -> bool:
    """Whether links of a status and method are in a part of the queue: the same as its condition."""
    if part == "decided":
        return status == LinkStatus.LINKED and method in {"decided", "identifier", "shared"}
    if part == "conflict":
        return status == LinkStatus.CONFLICT
    if part == "all":
        return status != LinkStatus.LINKED
    return status == LinkStatus.UNLINKED and method == part


def _chip(each: Status, chosen: Status, counts: Mapping[tuple[str, str], int], doubts: int) -> Chip:
    own = sum(number for key, number in counts.items() if _is_in(each.name, *key))
    count = doubts if each.name == "doubt" else own
    url = reverse("customers:links")
    return Chip(each.label, f"{url}?status={each.name}" if each.name else url, count, each is chosen)


def _countries(links: QuerySet[AccountLink]) -> tuple[str, ...]:
    found = links.order_by().exclude(customer__country="").values_list("customer__country", flat=True).distinct()
    return tuple(sorted(found))
