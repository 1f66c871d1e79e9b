"""The first page of the handover: how much stands in each worklist, how far what was won has come, what to decide."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from customers import formats
from customers.access import User, visible
from customers.handover import sales
from customers.models import Handover, HandoverNote, OpportunityOrder, OrderWithoutOpportunity

NOTHING = Decimal(0)
APART = ("cancelled", "rate_effect")
STEPS = ("won", "ordered", "delivered", "invoiced", "paid")
# standing -> report, title, what its amount is, field of the amount, words for none
LISTS = (
    ("no_order", "won-without-order", "Won, but no order", "won", "won"),
    ("", "order-without-opportunity", "Ordered, but no opportunity", "ordered", "amount"),
    ("differs", "won-amount-differs", "Won and ordered differ", "apart", ""),
    ("lost_ordered", "lost-but-ordered", "Lost, but ordered", "ordered", "ordered"),
)


@dataclass(frozen=True)
class Worklist:
    """One tile: rows that are not put aside and what they come to; `snoozed` are put aside."""

    title: str
    url: str
    count: int
    amount: Decimal
    noun: str
    words: str
    snoozed: int


@dataclass(frozen=True)
class Step:
    """One bar: `width` of 100; `words` say how its amount compares with what was won and with the step before."""

    label: str
    amount: Decimal
    width: str
    words: str
    url: str


@dataclass(frozen=True)
class Overview:
    """What the page shows. `proposals` are one page of pairs that wait for a decision."""

    worklists: tuple[Worklist, ...]
    steps: tuple[Step, ...]
    deals: int
    since: date
    proposals: QuerySet[OpportunityOrder]


def build_overview(user: User, as_of: date, currency: str) -> Overview:
    """The page at a day, of all that the user may see; the same few queries however much that is."""
    handovers = visible(Handover.objects.all(), user)
    since = as_of - relativedelta(years=1) + relativedelta(days=1)
    won = handovers.exclude(standing__in=("lost", "lost_ordered")).filter(closed_on__range=(since, as_of))
    sums: dict[str, Any] = won.order_by().aggregate(
        deals=Count("pk"), **{name: Coalesce(Sum(name), NOTHING) for name in (*STEPS, *APART)}
    )
    return Overview(
        worklists=(
            *_worklists(handovers, visible(OrderWithoutOpportunity.objects.all(), user), as_of),
            *_sales_lists(user, as_of),
        ),
        steps=_steps(sums, currency),
        deals=sums["deals"],
        since=since,
        proposals=proposals(user),
    )


def proposals(user: User) -> QuerySet[OpportunityOrder]:
    """Pairs of won or lost opportunities and orders that somebody should look at, the largest order first."""
    waiting = OpportunityOrder.objects.filter(
        state__in=(OpportunityOrder.State.PROPOSED, OpportunityOrder.State.POSSIBLE)
    )
    found = visible(waiting, user).select_related("opportunity", "order", "customer")
    return found.order_by("-order__reporting_amount", "opportunity_id", "order_id")


def _worklists(
    handovers: QuerySet[Handover], orders: QuerySet[OrderWithoutOpportunity], as_of: date
) -> tuple[Worklist, ...]:
    aside = Exists(HandoverNote.objects.filter(key=OuterRef("pk"), snoozed_until__gt=as_of))
    found = []
    by_standing: dict[str, dict[str, Any]] = {
        row["standing"]: dict(row)
        for row in handovers.filter(standing__in=[name for name, *_ in LISTS if name])
        .annotate(aside=aside)
        .order_by()
        .values("standing")
        .annotate(
            count=Count("pk", filter=Q(aside=False)),
            snoozed=Count("pk", filter=Q(aside=True)),
            sum_won=Coalesce(Sum("won", filter=Q(aside=False)), NOTHING),
            sum_ordered=Coalesce(Sum("ordered", filter=Q(aside=False)), NOTHING),
            sum_cancelled=Coalesce(Sum("cancelled", filter=Q(aside=False)), NOTHING),
        )
    }
    alone: dict[str, Any] = orders.annotate(aside=aside).aggregate(
        count=Count("pk", filter=Q(aside=False)),
        snoozed=Count("pk", filter=Q(aside=True)),
        sum_amount=Coalesce(Sum("amount", filter=Q(aside=False)), NOTHING),
    )
    for standing, report, title, words, column in LISTS:
        row: dict[str, Any] = by_standing.get(standing, {}) if standing else alone
        zero: dict[str, Any] = dict.fromkeys(("sum_won", "sum_ordered", "sum_cancelled"), NOTHING)
        zero |= {"count": 0, "snoozed": 0} | row
        remains = zero["sum_ordered"] - zero["sum_cancelled"]
        amount = zero[f"sum_{column}"] if column else remains - zero["sum_won"]
        found.append(
            Worklist(
                title=title,
                url=reverse("reports:report", args=[report]),
                count=zero["count"],
                amount=amount,
                noun="deal" if standing else "order",
                words={"apart": "ordered less won"}.get(words, words),
                snoozed=zero["snoozed"],
            )
        )
    return tuple(found)


def _sales_lists(user: User, as_of: date) -> tuple[Worklist, ...]:
    """Those of Salesforce orders; none where there are no such orders."""
    sums = sales.sales_sums(user, as_of)
    if not sums["every"]:
        return ()
    return tuple(
        Worklist(
            title=each.title,
            url=reverse("reports:report", args=[each.report]),
            count=sums[f"count_{number}"],
            amount=sums[f"amount_{number}"],
            noun="order",
            words=each.words,
            snoozed=sums[f"snoozed_{number}"],
        )
        for number, each in enumerate(sales.LISTS)
    )


def _steps(sums: dict[str, Any], currency: str) -> tuple[Step, ...]:
    largest = max((sums[name] for name in STEPS), default=NOTHING)
    labels = ("Won", "Ordered", "Delivered", "Invoiced", "Paid")
    found: list[Step] = []
    for name, label in zip(STEPS, labels, strict=True):
        amount = sums[name]
        width = formats.half_up(amount * 100 / largest, 2) if largest > 0 and amount > 0 else NOTHING
        url = f"{reverse('reports:report', args=['won-to-cash'])}?month=12m&sort={name}"
        words = _words(amount, sums["won"], found[-1], currency) + _apart(name, sums, currency) if found else ""
        found.append(Step(label, amount, str(width), words, url))
    return tuple(found)


def _words(amount: Decimal, won: Decimal, before: Step, currency: str) -> str:
    share = f"{formats.percent(amount / won)} of what was won" if won > 0 else ""
    missing = before.amount - amount
    if not missing:
        return share
    less = "less" if missing > 0 else "more"
    return ", ".join(
        filter(None, (share, f"{formats.money(abs(missing), currency, places=0)} {less} than {before.label.lower()}"))
    )


def _apart(name: str, sums: dict[str, Any], currency: str) -> str:
    """What of the way from the step before is cancelled, or made by exchange rates alone."""
    if name == "delivered" and sums["cancelled"]:
        return f"; {formats.money(sums['cancelled'], currency, places=0)} of it cancelled"
    if name == "invoiced" and sums["rate_effect"]:
        effect = sums["rate_effect"]
        gained = "gained" if effect > 0 else "lost"
        return f"; {formats.money(abs(effect), currency, places=0)} {gained} by exchange rates"
    return ""
