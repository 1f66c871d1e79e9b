"""The customer page as a whole: identity, key figures, then the evidence cards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db.models import QuerySet

from customers.access import User
from customers.field_values import FieldValue, configured_fields, values_of
from customers.hidden import hidden_fields, may_show
from customers.measures import Figure, get_measure
from customers.pages.completeness import build_completeness
from customers.pages.credit import Credit, build_credit
from customers.pages.differing import Differing, build_differing
from customers.pages.group import Group, build_group
from customers.pages.guard import Failed, found, guarded
from customers.pages.key_figures import Tile, build_tiles, has_ordered
from customers.pages.late_lines import LateLines, build_late_lines
from customers.pages.link_moves import LinkMove, build_link_moves
from customers.pages.open_orders import OpenOrders, build_open_orders
from customers.pages.overdue_banner import OverdueBanner, build_overdue_banner
from customers.pages.payment_habit import PaymentHabit, build_payment_habit
from customers.pages.people import Person
from customers.pages.pipeline import Pipeline, build_pipeline
from customers.pages.products import ProductMix, build_products
from customers.pages.receivable_trend import ReceivableTrend, build_trend
from customers.pages.receivables import Receivables, build_receivables
from customers.pages.revenue import RevenueByMonth, build_revenue
from customers.pages.rfm import RfmCard, build_rfm
from customers.pages.rhythm import Rhythm, build_rhythm
from customers.pages.scope import Scope
from customers.pages.segment import SegmentCard, build_segment
from customers.pages.sent import Sent, build_sent
from customers.pages.sent_segments import SentSegmentsCard, build_sent_segments
from customers.pages.standouts import Findings, Standout, build_standouts
from customers.pages.timeline import Event, build_latest
from integration_hub.completeness import SourceStatement
from integration_hub.models import SfAccount
from integration_hub.prepared import prepared

# Measures of the card "Behaviour", in this order.
BEHAVIOUR = ("order_intake_ytd", "order_count_12m", "average_order_value", "last_order_on", "days_to_pay", "dso")
PEOPLE_SHOWN = 3
# Cards that a prospect has not: its page says in one place why there is nothing.
OF_THE_ERP: frozenset[Callable[..., object]] = frozenset(
    {
        build_revenue,
        build_products,
        build_receivables,
        build_trend,
        build_open_orders,
        build_late_lines,
        build_rhythm,
        build_rfm,
        build_latest,
    }
)
More = ParamSpec("More")
Card = TypeVar("Card")


@dataclass(frozen=True)
class Fact:
    """One figure of the facts column: its value as the measure gives it, and the unit that says how to write it."""

    measure: str
    label: str
    value: Figure
    unit: str
    definition: str
    url: str


@dataclass(frozen=True)
class People:
    """The first contacts, and how many there are."""

    shown: tuple[Person, ...]
    count: int


@dataclass(frozen=True)
class Overview:
    """Everything below the tabs of the customer page; a card that could not be made is Failed and the others stay, one
    that shows a figure hidden from the reader is None.
    """

    as_of: date
    currency: str
    tiles: tuple[Tile, ...] | Failed
    group: Group | Failed | None
    standouts: tuple[Standout, ...] | Failed
    revenue: RevenueByMonth | Failed | None
    products: ProductMix | Failed | None
    overdue_banner: OverdueBanner | Failed | None
    receivables: Receivables | Failed | None
    payment_habit: PaymentHabit | Failed | None
    trend: ReceivableTrend | Failed | None
    open_orders: OpenOrders | Failed | None
    late_lines: LateLines | Failed | None
    rhythm: Rhythm | Failed | None
    pipeline: Pipeline | Failed | None
    segment: SegmentCard | Failed | None
    rfm: RfmCard | Failed | None
    sent_segments: SentSegmentsCard | Failed | None
    facts: tuple[Fact, ...] | Failed
    credit: Credit | None
    sent: Sent | Failed
    fields: tuple[FieldValue, ...] | Failed
    differing: Differing | Failed | None
    link_moves: tuple[LinkMove, ...] | Failed
    people: People | Failed
    latest: tuple[Event, ...] | Failed | None
    not_converted: int
    has_erp: bool
    has_orders: bool
    completeness: tuple[SourceStatement, ...] | Failed


def build_overview(scope: Scope, user: User, *, aging: str = "") -> Overview:
    """The overview of a scope that has figures, amounts in the reporting currency; `aging` as receivables read it."""
    rollup, account = scope.figures, scope.identity.account
    rhythm = _card(scope, "Order rhythm", build_rhythm)
    products = _card(scope, "Revenue by product", build_products)
    late = _card(scope, "Late lines", build_late_lines)
    receivables = _card(scope, "Receivables", build_receivables, aging)
    known = found(receivables)
    credit = _card(scope, "Credit limit", build_credit)
    findings = Findings(found(rhythm), found(products), found(credit), found(late))
    return Overview(
        as_of=rollup.as_of,
        currency=scope.currency,
        tiles=guarded("Key figures", lambda: build_tiles(scope)),
        group=_group(scope),
        standouts=guarded("What stands out", lambda: build_standouts(scope, findings)),
        revenue=_card(scope, "Revenue by month", build_revenue),
        products=products,
        overdue_banner=_overdue(scope, user),
        receivables=receivables,
        payment_habit=_card(scope, "How this customer pays", build_payment_habit, known) if known else None,
        trend=_card(scope, "Overdue and DSO", build_trend),
        open_orders=_card(scope, "Open orders", build_open_orders),
        late_lines=late,
        rhythm=rhythm,
        pipeline=_card(scope, "Opportunities", build_pipeline),
        segment=_card(scope, "Segment", build_segment),
        rfm=_card(scope, "RFM segment", build_rfm),
        sent_segments=_saved_segments(scope),
        facts=guarded(
            "Buying and paying", lambda: tuple(_fact(scope, name) for name in BEHAVIOUR if name not in scope.hidden)
        ),
        credit=found(credit),
        sent=guarded("Sent to Salesforce", lambda: build_sent(account, scope.hidden)),
        fields=guarded("From Salesforce", lambda: _fields(account, hidden_fields(scope.hidden))),
        differing=_card(scope, "Differences", build_differing),
        link_moves=guarded("Links that moved", lambda: build_link_moves(account)),
        people=guarded("Contacts", lambda: _people(scope)),
        latest=_card(scope, "Latest", build_latest),
        not_converted=rollup.not_converted_count,
        has_erp=bool(scope.keys),
        has_orders=has_ordered(scope),
        completeness=guarded("How complete this is", lambda: build_completeness(scope.keys)),
    )


def _card(
    scope: Scope, title: str, build: Callable[Concatenate[Scope, More], Card], *more: More.args, **named: More.kwargs
) -> Card | Failed | None:
    """The card under guard; None where it would show a figure that is hidden from the reader, or nothing at all because
    the ERP does not know the customer yet.
    """
    empty = build in OF_THE_ERP and scope.identity.is_prospect and not scope.keys
    if empty or not may_show(build, scope.hidden):
        return None
    return guarded(title, lambda: build(scope, *more, **named))


def _saved_segments(scope: Scope) -> SentSegmentsCard | Failed | None:
    if not may_show(build_sent_segments, scope.hidden):
        return None
    return guarded("Saved segments", lambda: build_sent_segments(scope))


def _group(scope: Scope) -> Group | Failed | None:
    return (
        guarded("Accounts of this group", lambda: build_group(scope)) if may_show(build_group, scope.hidden) else None
    )


def _overdue(scope: Scope, user: User) -> OverdueBanner | Failed | None:
    if not may_show(build_overdue_banner, scope.hidden):
        return None
    return guarded("Overdue", lambda: build_overdue_banner(scope, user))


def _people(scope: Scope) -> People:
    return People(scope.people[:PEOPLE_SHOWN], len(scope.people) + scope.more_people)


def _fields(account: str, hidden: frozenset[str]) -> tuple[FieldValue, ...]:
    """Every further field that hub.toml mirrors, also an empty one; none without an account, none that is hidden."""
    facts = tuple(fact for fact in configured_fields("Account") if fact.name not in hidden)
    record = next(iter(_custom_fields((account,))), None) if facts and account else None
    return values_of(record, facts, empty=True) if record is not None else ()


@prepared
def _custom_fields(accounts: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return SfAccount.objects.filter(key__in=accounts).values_list("custom_fields", flat=True)


def _fact(scope: Scope, name: str) -> Fact:
    measure = get_measure(name)
    return Fact(
        name, measure.label, measure.value(scope.figures), measure.unit.name, measure.definition, scope.figure_url(name)
    )
