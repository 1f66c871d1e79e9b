"""The numbers that an opportunity states, and whether the ERP knows them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from customers.access import User, visible
from customers.models import AccountLink, LinkStatus
from integration_hub.config import hub
from integration_hub.field_facts import field_facts
from integration_hub.models import ErpOrder, SfOpportunity

# So many numbers are asked for at once.
PORTION = 5_000
WORDS = {LinkStatus.CONFLICT: "whose account is in conflict", LinkStatus.UNLINKED: "without an account"}


@dataclass(frozen=True)
class StatedNumber:
    """One number of a field, by the field's label; `found` says that it names an order or a quote of the customer.

    Where none does, `elsewhere` says in words of what kind of ERP customer without an account it names one, and `case`
    is that one's key where the reader may see it.
    """

    label: str
    number: str
    found: bool
    elsewhere: str = ""
    case: str = ""


def stated_numbers(deal: SfOpportunity, orders: Collection[str], user: User) -> tuple[StatedNumber, ...]:
    """Every number that hub.toml's fields hold; `orders` are the keys of the opportunity's orders."""
    given = _given(deal.custom_fields)
    if not given:
        return ()
    names = list(dict.fromkeys(name for name, _ in given))
    labels = {fact.name: fact.label for fact in field_facts("Opportunity", names)}
    known = _known([number for _, number in given], orders)
    others = _elsewhere((name, number) for name, number in given if number.upper() not in known)
    keys = {key for key, _ in others.values()}
    seen = set(
        visible(AccountLink.objects.filter(erp_customer__in=keys), user).values_list("erp_customer", flat=True)
        if keys
        else ()
    )
    rows = []
    for name, number in given:
        key, status = others.get((name in hub().handover.po_number_fields, number.upper()), ("", None))
        words = WORDS[status] if status else ""
        case = key if key in seen else ""
        rows.append(StatedNumber(labels.get(name, name), number, number.upper() in known, words, case))
    return tuple(rows)


def named_elsewhere(deals: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Of opportunities without an order (key -> further fields) those that name an order or a quote of an ERP customer
    without an account: it may be theirs once that one is linked.
    """
    given = {key: _given(fields) for key, fields in deals.items()}
    others = _elsewhere(pair for pairs in given.values() for pair in pairs)
    of_customer = hub().handover.po_number_fields
    return {
        key
        for key, pairs in given.items()
        if any((name in of_customer, text.upper()) in others for name, text in pairs)
    }


def _given(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    handover = hub().handover
    names = (*handover.order_number_fields, *handover.po_number_fields, *handover.quote_number_fields)
    return [(name, number) for name in names for number in _split(str(fields.get(name) or ""))]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").replace("\n", ",").split(",") if part.strip()]


def _known(numbers: list[str], orders: Collection[str]) -> set[str]:
    wanted = {number.upper() for number in numbers}
    rows = ErpOrder.objects.filter(key__in=orders).values_list("number", "customer_reference")
    return {value.strip().upper() for row in rows for value in row} & wanted


def _elsewhere(given: Iterable[tuple[str, str]]) -> dict[tuple[bool, str], tuple[str, LinkStatus]]:
    """Of numbers by their fields those of orders whose ERP customer has no account: that one's key and its status, by
    whether it is the customer's own number, and the number in capitals.
    """
    fields = hub().handover.po_number_fields
    wanted: dict[bool, set[str]] = {False: set(), True: set()}
    for name, number in given:
        wanted[name in fields] |= {number, number.upper(), number.lower()}
    found: dict[tuple[bool, str], tuple[str, LinkStatus]] = {}
    for is_own, column in ((False, "number"), (True, "customer_reference")):
        numbers = sorted(wanted[is_own])
        for start in range(0, len(numbers), PORTION):
            portion = {f"{column}__in": numbers[start : start + PORTION]}
            orders = ErpOrder.objects.live().filter(**portion).exclude(customer=None).order_by("-ordered_on", "key")
            rows = list(orders.values_list(column, "customer"))
            loose = AccountLink.objects.filter(erp_customer__in={key for _, key in rows}, account=None)
            status = {key: LinkStatus(each) for key, each in loose.values_list("erp_customer", "status")}
            for number, key in rows:
                if key in status:
                    found.setdefault((is_own, number.strip().upper()), (key, status[key]))
    return found
