"""The customer page as a whole: identity, key figures, then the evidence cards."""

from dataclasses import dataclass
from datetime import date

from customers.access import User
from customers.field_values import FieldValue, configured_fields, values_of
from customers.measures import get_measure
from customers.pages.completeness import build_completeness
from customers.pages.key_figures import Tile, build_tiles
from customers.pages.latest import Event, build_latest
from customers.pages.link_moves import LinkMove, build_link_moves
from customers.pages.open_orders import OpenOrders, build_open_orders
from customers.pages.overdue_banner import OverdueBanner, build_overdue_banner
from customers.pages.people import Person, build_people
from customers.pages.receivable_trend import ReceivableTrend, build_trend
from customers.pages.receivables import Receivables, build_receivables
from customers.pages.revenue import RevenueByMonth, build_revenue
from customers.pages.rhythm import Rhythm, build_rhythm
from customers.pages.scope import Scope
from customers.pages.sent import Sent, build_sent
from customers.pages.standouts import Standout, build_standouts
from integration_hub.completeness import SourceStatement
from integration_hub.models import SfAccount

# Measures of the card "Behaviour", in this order.
BEHAVIOUR = ("order_intake_ytd", "order_count_12m", "average_order_value", "last_order_on", "days_to_pay", "dso")
PEOPLE_SHOWN = 3


@dataclass(frozen=True)
class Fact:
    """One figure of the facts column: its value as the measure gives it, and the unit that says how to write it."""

    label: str
    value: object
    unit: str
    definition: str
    url: str


@dataclass(frozen=True)
class Overview:
    """Everything below the tabs of the customer page. Cards that cannot have anything for this customer are None."""

    as_of: date
    currency: str
    tiles: tuple[Tile, ...]
    standouts: tuple[Standout, ...]
    revenue: RevenueByMonth
    overdue_banner: OverdueBanner | None
    receivables: Receivables
    rhythm: Rhythm
    trend: ReceivableTrend
    open_orders: OpenOrders
    facts: tuple[Fact, ...]
    sent: Sent
    fields: tuple[FieldValue, ...]
    link_moves: tuple[LinkMove, ...]
    people: tuple[Person, ...]
    people_count: int
    latest: tuple[Event, ...]
    not_converted: int
    has_erp: bool
    completeness: tuple[SourceStatement, ...]


def build_overview(scope: Scope, user: User, *, aging: str = "") -> Overview:
    """The overview of a scope that has figures, amounts in the reporting currency; `aging` as receivables read it."""
    rollup, identity = scope.figures, scope.identity
    receivables = build_receivables(scope, aging)
    people = build_people(scope.accounts, scope.keys)
    return Overview(
        as_of=rollup.as_of,
        currency=scope.currency,
        tiles=build_tiles(scope),
        standouts=build_standouts(scope),
        revenue=build_revenue(scope),
        overdue_banner=build_overdue_banner(scope, user),
        receivables=receivables,
        rhythm=build_rhythm(scope, receivables),
        trend=build_trend(scope),
        open_orders=build_open_orders(scope),
        facts=tuple(_fact(scope, name) for name in BEHAVIOUR),
        sent=build_sent(identity.account),
        fields=_fields(identity.account),
        link_moves=build_link_moves(identity.account),
        people=people[:PEOPLE_SHOWN],
        people_count=len(people),
        latest=build_latest(scope.keys, rollup.as_of),
        not_converted=rollup.not_converted_count,
        has_erp=bool(scope.keys),
        completeness=build_completeness(scope.keys),
    )


def _fields(account: str) -> tuple[FieldValue, ...]:
    """Every further field that hub.toml mirrors, also an empty one; none without an account."""
    facts = configured_fields("Account")
    record = SfAccount.objects.filter(key=account).values_list("custom_fields", flat=True).first() if facts else None
    return values_of(record, facts, empty=True) if record is not None else ()


def _fact(scope: Scope, name: str) -> Fact:
    measure = get_measure(name)
    return Fact(
        measure.label, measure.value(scope.figures), measure.unit.name, measure.definition, scope.figure_url(name)
    )
