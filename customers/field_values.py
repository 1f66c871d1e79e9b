"""Values of mirrored Salesforce fields as people read them; what is stored is their exact text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from customers import formats
from integration_hub.config import hub
from integration_hub.field_facts import FieldFact, field_facts

NUMBERS = frozenset({"currency", "double", "percent", "int", "long"})
BOOLEANS: Mapping[str, str] = {"true": "Yes", "false": "No"}


@dataclass(frozen=True)
class FieldValue:
    """One field of a record; `as_of` is set for a formula, whose value is as old as that."""

    fact: FieldFact
    value: str

    @property
    def label(self) -> str:
        """What the field is called."""
        return self.fact.label

    @property
    def is_number(self) -> bool:
        """Whether it is an amount, a number or a day, which is never broken over lines."""
        return self.fact.type in NUMBERS | {"date", "datetime"}

    @property
    def as_of(self) -> datetime | None:
        """For when a formula's value is known."""
        return self.fact.as_of


def configured_fields(sobject: str) -> tuple[FieldFact, ...]:
    """The further fields that hub.toml mirrors of an object, as "Account" or "Quote"."""
    salesforce = hub().salesforce
    if salesforce is None:
        return ()
    names = {
        "Account": salesforce.account_fields,
        "Contact": salesforce.contact_fields,
        "Opportunity": salesforce.opportunity_fields,
        "Quote": salesforce.quote_fields,
        "Order": salesforce.order_fields,
    }
    return field_facts(sobject, names[sobject])


def values_of(
    record: Mapping[str, str | None], facts: Sequence[FieldFact], *, empty: bool = False
) -> tuple[FieldValue, ...]:
    """The fields of one record in their order; those without a value only with `empty`."""
    found = ((fact, record.get(fact.name) or "") for fact in facts)
    return tuple(
        FieldValue(fact, written(text, fact.type) if text else formats.UNKNOWN) for fact, text in found if text or empty
    )


def written(text: str, kind: str) -> str:
    """An exact text of a Salesforce type as people write it; a text that does not fit its type stays as it is."""
    try:
        if kind in NUMBERS:
            return _number(Decimal(text)) + ("%" if kind == "percent" else "")
        if kind == "date":
            return formats.day(date.fromisoformat(text))
        if kind == "datetime":
            return formats.instant(datetime.fromisoformat(text), hub().company.time_zone)
    except (ValueError, InvalidOperation):
        return text
    if kind == "multipicklist":
        return text.replace(";", ", ")
    return BOOLEANS.get(text, text) if kind == "boolean" else text


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise InvalidOperation
    return f"{value:,f}".replace("-", formats.MINUS)
