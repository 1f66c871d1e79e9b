"""What a rule that shares an ERP customer would make of everybody's figures, tried before it is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from customers.access import hidden_columns
from customers.deciding.effects import TOLD
from customers.deciding.sharing import Row, tried
from customers.measures import get_measure
from customers.models import AccountLink, Customer, CustomerRollup, DocumentPlace

ZERO = Decimal(0)


@dataclass(frozen=True)
class Cell:
    """One figure of a customer before and after."""

    measure: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Effect:
    """What the rule makes of one customer's figures; `customer` is 0 for the sum of all."""

    name: str
    customer: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Preview:
    """The figures of everybody concerned before and after, and their sum, which stays; `unknown` tells how many
    documents of a rule by ship-to party name none, and go with the rest.
    """

    labels: tuple[str, ...]
    rows: tuple[Effect, ...]
    total: Effect
    unknown: int
    documents: int


def build_preview(user: User, erp_customer: str, rows: Sequence[Row], as_of: date, *, overrule: bool) -> Preview:
    """Before and after of the customers that the ERP customer adds to now, or would. Raises NotDecided."""
    names = tuple(name for name in TOLD if name not in hidden_columns(user))
    before_links = set(AccountLink.objects.filter(erp_customer=erp_customer).values_list("customer", flat=True))

    def read() -> tuple[set[int], dict[int, dict[str, Decimal]], list[str]]:
        links = set(AccountLink.objects.filter(erp_customer=erp_customer).values_list("customer", flat=True))
        found = DocumentPlace.objects.filter(erp_customer=erp_customer).values_list("found", flat=True)
        return links, _stored(links | before_links, as_of, names), list(found)

    after_links, after, places = tried(user, erp_customer, rows, read, overrule=overrule)
    concerned = before_links | after_links
    before = _stored(concerned, as_of, names)
    customers = sorted(
        Customer.objects.filter(pk__in=concerned), key=lambda row: (row.account is None, row.name, row.pk)
    )
    effects = tuple(
        Effect(
            customer.name or "Without a name",
            customer.pk,
            tuple(
                Cell(name, before.get(customer.pk, {}).get(name, ZERO), after.get(customer.pk, {}).get(name, ZERO))
                for name in names
            ),
        )
        for customer in customers
    )
    total = tuple(
        Cell(
            name,
            sum((row.cells[at].before for row in effects), ZERO),
            sum((row.cells[at].after for row in effects), ZERO),
        )
        for at, name in enumerate(names)
    )
    unknown = sum(found in {"none", "several"} for found in places)
    labels = tuple(get_measure(name).label for name in names)
    return Preview(labels, effects, Effect("All together", 0, total), unknown, len(places))


def _stored(customers: set[int], as_of: date, names: tuple[str, ...]) -> dict[int, dict[str, Decimal]]:
    rows = CustomerRollup.objects.filter(customer__in=customers, as_of=as_of).values_list("customer_id", *names)
    return {customer: dict(zip(names, values, strict=True)) for customer, *values in rows}
