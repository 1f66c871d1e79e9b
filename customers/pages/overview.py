"""The customer page as a whole: identity, key figures, then the evidence cards."""

from dataclasses import dataclass
from datetime import date

from customers.field_values import FieldValue, configured_fields, values_of
from customers.hidden import hidden_fields, may_show
from customers.measures import get_measure
from customers.models import Customer, CustomerRollup
from customers.pages.completeness import build_completeness
from customers.pages.identity import Identity
from customers.pages.key_figures import Tile, build_tiles, figure_url
from customers.pages.latest import Event, build_latest
from customers.pages.link_moves import LinkMove, build_link_moves
from customers.pages.open_orders import OpenOrders, build_open_orders
from customers.pages.people import Person, build_people
from customers.pages.receivables import Receivables, build_receivables
from customers.pages.revenue import RevenueByMonth, build_revenue
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
    """Everything below the tabs of the customer page. Cards that cannot have anything for this customer, or that
    show a figure hidden from the reader, are None.
    """

    as_of: date
    currency: str
    tiles: tuple[Tile, ...]
    standouts: tuple[Standout, ...]
    revenue: RevenueByMonth | None
    receivables: Receivables | None
    open_orders: OpenOrders | None
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


def build_overview(
    customer: Customer, identity: Identity, rollup: CustomerRollup, currency: str, hidden: frozenset[str] = frozenset()
) -> Overview:
    """The overview at the rollup's day, amounts in the reporting currency; `hidden` columns are left out."""
    keys = identity.keys
    people = build_people(identity.account, identity.keys)
    return Overview(
        as_of=rollup.as_of,
        currency=currency,
        tiles=build_tiles(rollup, currency, hidden),
        standouts=build_standouts(rollup, identity, currency, hidden),
        revenue=build_revenue(rollup, currency) if may_show(build_revenue, hidden) else None,
        receivables=build_receivables(rollup, keys, currency) if may_show(build_receivables, hidden) else None,
        open_orders=build_open_orders(rollup) if may_show(build_open_orders, hidden) else None,
        facts=tuple(_fact(rollup, name) for name in BEHAVIOUR if name not in hidden),
        sent=build_sent(customer.account or "", hidden),
        fields=_fields(identity.account, hidden_fields(hidden)),
        link_moves=build_link_moves(identity.account),
        people=people[:PEOPLE_SHOWN],
        people_count=len(people),
        latest=build_latest(identity.keys, rollup.as_of),
        not_converted=rollup.not_converted_count,
        has_erp=bool(identity.keys),
        completeness=build_completeness(identity.keys),
    )


def _fields(account: str, hidden: frozenset[str]) -> tuple[FieldValue, ...]:
    """Every further field that hub.toml mirrors, also an empty one; none without an account, none that is hidden."""
    facts = tuple(fact for fact in configured_fields("Account") if fact.name not in hidden)
    record = SfAccount.objects.filter(key=account).values_list("custom_fields", flat=True).first() if facts else None
    return values_of(record, facts, empty=True) if record is not None else ()


def _fact(rollup: CustomerRollup, name: str) -> Fact:
    measure = get_measure(name)
    return Fact(measure.label, measure.value(rollup), measure.unit.name, measure.definition, figure_url(rollup, name))
