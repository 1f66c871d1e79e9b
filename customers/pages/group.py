"""The accounts of a group, each with its own figures; together they are the figures of the group."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from customers.hidden import rests_on
from customers.measures import Figure, get_measure
from customers.models import Customer, CustomerRollup
from customers.pages.scope import Scope

COLUMNS = ("revenue_ytd", "revenue_last_year", "overdue_amount", "open_orders_amount")
# In this narrow card two figures stay on a phone.
NARROW = frozenset({"revenue_ytd", "overdue_amount"})
SHOWN = 100


@dataclass(frozen=True)
class GroupFigure:
    """One figure of one account, or of all; None where the account has none of that day."""

    measure: str
    value: Figure
    url: str
    wide: bool


@dataclass(frozen=True)
class GroupRow:
    """One account: `below` names the one above it in Salesforce, "" for the top of the group."""

    name: str
    url: str
    below: str
    figures: tuple[GroupFigure, ...]


@dataclass(frozen=True)
class Heading:
    """A column head."""

    label: str
    wide: bool


@dataclass(frozen=True)
class Group:
    """The table: the top first, then by revenue this year. `count` accounts make the totals; the first are shown."""

    headings: tuple[Heading, ...]
    rows: tuple[GroupRow, ...]
    totals: tuple[GroupFigure, ...]
    count: int
    outside: int


@rests_on("revenue_ytd", "revenue_last_year", "overdue_amount", "open_orders_amount")
def build_group(scope: Scope) -> Group | None:
    """The members of a scope that shows a group; None for an account alone. Two queries, however many they are."""
    if not scope.group:
        return None
    members = list(Customer.objects.filter(pk__in=scope.members).select_related("parent"))
    rollups = CustomerRollup.objects.filter(customer__in=scope.members, as_of=scope.figures.as_of)
    figures = {rollup.customer_id: rollup for rollup in rollups}
    members.sort(key=lambda one: (one.pk != scope.customer.pk, -_weight(figures.get(one.pk)), one.name, one.pk))
    return Group(
        headings=tuple(Heading(get_measure(name).label, name not in NARROW) for name in COLUMNS),
        rows=tuple(_row(scope, member, figures.get(member.pk)) for member in members[:SHOWN]),
        totals=tuple(_figure(name, get_measure(name).value(scope.figures), scope.figure_url(name)) for name in COLUMNS),
        count=len(members),
        outside=scope.outside,
    )


def _weight(rollup: CustomerRollup | None) -> Decimal:
    return rollup.revenue_ytd if rollup else Decimal(0)


def _row(scope: Scope, member: Customer, rollup: CustomerRollup | None) -> GroupRow:
    is_top = member.pk == scope.customer.pk
    return GroupRow(
        name=member.name or "Without a name",
        url=_alone(scope, "detail", member.pk),
        below=member.parent.name if member.parent and member.parent.pk in scope.members and not is_top else "",
        figures=tuple(
            _figure(name, get_measure(name).value(rollup) if rollup else None, _alone(scope, "figure", member.pk, name))
            for name in COLUMNS
        ),
    )


def _figure(name: str, value: Figure, url: str) -> GroupFigure:
    return GroupFigure(name, value, url, name not in NARROW)


def _alone(scope: Scope, name: str, *args: object) -> str:
    """A page of one member alone, of the same day."""
    day = {name: value for name, value in scope.parameters.items() if name == "as_of"}
    address = reverse(f"customers:{name}", args=args)
    return f"{address}?{urlencode(day)}" if day else address
