"""What linking an ERP customer to an account would change in both accounts' figures: exact, before anybody decides.

Only figures that are plain sums over an ERP customer's documents are told, so that what one account gains the other
loses to the cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from customers.known import known_customers
from customers.measures import get_measure
from customers.models import AccountLink, Customer, CustomerRollup

TOLD = ("revenue_12m", "revenue_ytd", "open_orders_amount", "overdue_amount")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Change:
    """One figure in the reporting currency: the ERP customer's own part, and what it makes of the account that it would
    go to and of the one that it would leave. The last two are None where it belongs to no account, or to this one.
    """

    measure: str
    label: str
    part: Decimal
    before: Decimal
    after: Decimal
    left_before: Decimal | None
    left_after: Decimal | None


def own_figures(link: AccountLink, as_of: date, names: tuple[str, ...] = TOLD) -> dict[str, Decimal]:
    """An ERP customer's own part of its customer's figures at the current day, by measure."""
    whole = link.part_to is None and link.places is None
    if whole and not AccountLink.objects.filter(customer=link.customer_id).exclude(pk=link.pk).exists():
        return _stored((link.customer_id,), as_of, names).get(link.customer_id, dict.fromkeys(names, ZERO))
    alone = known_customers((), (link.erp_customer,))
    sums = {name: get_measure(name).documents(alone, as_of).aggregate(sum=Sum("counted"))["sum"] for name in names}
    return {name: value or ZERO for name, value in sums.items()}


def changes_for(
    link: AccountLink,
    targets: Mapping[str, int],
    as_of: date,
    parts: Mapping[str, Decimal],
) -> dict[str, tuple[Change, ...]]:
    """By account what linking would change; `targets` are the accounts with the ids of their customers. Nothing is told
    of an ERP customer that several accounts share: the page of its rule does.
    """
    if link.part_to is not None or link.places is not None:
        return dict.fromkeys(targets, ())
    leaving = link.customer_id if link.account else None
    stored = _stored((*targets.values(), link.customer_id), as_of, TOLD)
    return {
        account: tuple(_change(name, parts[name], stored, customer, leaving) for name in TOLD)
        for account, customer in targets.items()
    }


def _change(
    name: str, part: Decimal, stored: Mapping[int, Mapping[str, Decimal]], target: int, leaving: int | None
) -> Change:
    label = get_measure(name).label
    before = stored.get(target, {}).get(name, ZERO)
    if leaving == target:
        return Change(name, label, part, before, before, None, None)
    left = stored.get(leaving, {}).get(name, ZERO) if leaving is not None else None
    return Change(name, label, part, before, before + part, left, None if left is None else left - part)


def _stored(customers: tuple[int, ...], as_of: date, names: tuple[str, ...]) -> dict[int, dict[str, Decimal]]:
    rows = CustomerRollup.objects.filter(customer__in=customers, as_of=as_of).values_list("customer_id", *names)
    return {customer: dict(zip(names, values, strict=True)) for customer, *values in rows}


def customers_of_accounts(accounts: tuple[str, ...]) -> dict[str, Customer]:
    """The customers of live accounts, by account."""
    found = Customer.objects.filter(account__in=accounts, gone_at=None)
    return {row.account: row for row in found if row.account}
