"""The numbers that an opportunity states, and whether the ERP knows them."""

from collections.abc import Collection
from dataclasses import dataclass

from integration_hub.config import hub
from integration_hub.field_facts import field_facts
from integration_hub.models import ErpOrder, SfOpportunity


@dataclass(frozen=True)
class StatedNumber:
    """One number of a field, by the field's label; `found` says that it names an order or a quote of the customer."""

    label: str
    number: str
    found: bool


def stated_numbers(deal: SfOpportunity, orders: Collection[str]) -> tuple[StatedNumber, ...]:
    """Every number that hub.toml's fields hold; `orders` are the keys of the opportunity's orders."""
    handover = hub().handover
    names = (*handover.order_number_fields, *handover.po_number_fields, *handover.quote_number_fields)
    given = [(name, number) for name in names for number in _split(str(deal.custom_fields.get(name) or ""))]
    if not given:
        return ()
    labels = {fact.name: fact.label for fact in field_facts("Opportunity", names)}
    known = _known([number for _, number in given], orders)
    return tuple(StatedNumber(labels.get(name, name), number, number.upper() in known) for name, number in given)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").replace("\n", ",").split(",") if part.strip()]


def _known(numbers: list[str], orders: Collection[str]) -> set[str]:
    wanted = {number.upper() for number in numbers}
    rows = ErpOrder.objects.filter(key__in=orders).values_list("number", "customer_reference")
    return {value.strip().upper() for row in rows for value in row} & wanted
