"""The fields that rules may use: every measure, and whatever else registers here.

Another module adds its fields by `register`, with a function that is asked whenever rules are read: what hub.toml
mirrors may change while the program runs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from django.db.models import IntegerField

from customers.measures import MEASURES, Measure, Unit
from customers.measures_paying import PAYING
from customers.measures_receivables import AGING, OPEN, PARTS
from customers.measures_sales import DEALS, DELIVERIES, ORDERS, REVENUE
from customers.models import CustomerRollup
from customers.rules.operators import BY_KIND, CHANGES, FieldKind, Operator
from customers.rules.sources import Column, Source

Fields = Mapping[str, "RuleField"]
Provider = Callable[[], Iterable["RuleField"]]

KINDS: Mapping[Unit, FieldKind] = MappingProxyType(
    {
        Unit.MONEY: FieldKind.MONEY,
        Unit.COUNT: FieldKind.COUNT,
        Unit.PARTS: FieldKind.NUMBER,
        Unit.DAYS: FieldKind.DAYS,
        Unit.PERCENT: FieldKind.PERCENT,
        Unit.DATE: FieldKind.DATE,
        Unit.MONEY_DAYS: FieldKind.NUMBER,
    }
)
# What stands beside a measure as its own value of the time before.
PRIORS: Mapping[str, str] = MappingProxyType(
    {
        "revenue_ytd": "revenue_ytd_prior",
        "revenue_last_year": "revenue_year_before_last",
        "revenue_12m": "revenue_prior_12m",
        "delivered_orders_12m": "delivered_orders_prior_12m",
        "otif_count_12m": "otif_count_prior_12m",
        "otif": "otif_prior",
    }
)
HEADINGS: Mapping[str, tuple[Measure, ...]] = MappingProxyType(
    {
        "Revenue": REVENUE,
        "Orders": ORDERS,
        "Deliveries": DELIVERIES,
        "Receivables": (*OPEN, *AGING, *PARTS),
        "Payments": PAYING,
        "Deals": DEALS,
    }
)


@dataclass(frozen=True, kw_only=True)
class RuleField:
    """One field. `stored` ones are columns of the rollup of every day, so they can be compared with their own past;
    `prior` names the field that holds the time before. `choices` are values with labels, where they can be listed.
    `measure` opens its documents; `rests_on` is what must not be hidden from who uses it.
    """

    name: str
    label: str
    kind: FieldKind
    source: Source
    heading: str = "Customer"
    definition: str = ""
    measure: str = ""
    prior: str = ""
    stored: bool = False
    whole: bool = False
    exact: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    rests_on: frozenset[str] = frozenset()

    @property
    def operators(self) -> tuple[Operator, ...]:
        """What may be asked of it."""
        return (
            (*BY_KIND[self.kind], *CHANGES) if self.stored and self.kind is not FieldKind.DATE else BY_KIND[self.kind]
        )


_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Add the fields that a function gives. May be used as a decorator."""
    _PROVIDERS.append(provider)
    return provider


def all_fields() -> Fields:
    """Every field by name; of two with the same name the one registered first."""
    found: dict[str, RuleField] = {}
    for provider in _PROVIDERS:
        for each in provider():
            found.setdefault(each.name, each)
    return MappingProxyType(found)


def fields_without(hidden: frozenset[str]) -> Fields:
    """The fields for somebody from whom these measures and attributes are hidden."""
    if not hidden:
        return all_fields()
    kept = {name: each for name, each in all_fields().items() if not each.rests_on & hidden}
    return MappingProxyType(
        {name: replace(each, prior=each.prior if each.prior in kept else "") for name, each in kept.items()}
    )


@register
def measure_fields() -> Iterable[RuleField]:
    """Every measure, under the heading of its list."""
    headings = {measure.name: heading for heading, measures in HEADINGS.items() for measure in measures}
    return (_of(measure, headings.get(measure.name, "Further figures")) for measure in MEASURES.values())


def _of(measure: Measure, heading: str) -> RuleField:
    return RuleField(
        name=measure.name,
        label=measure.label,
        kind=KINDS[measure.unit],
        source=Column(measure.column),
        heading=heading,
        definition=measure.definition,
        measure=measure.name,
        prior=PRIORS.get(measure.name, ""),
        stored=True,
        whole=isinstance(CustomerRollup._meta.get_field(measure.column), IntegerField),
        rests_on=frozenset({measure.name}),
    )
