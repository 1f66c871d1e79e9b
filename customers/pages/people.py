"""The people at a customer, from Salesforce and from the ERP."""

from collections.abc import Sequence
from dataclasses import dataclass

from customers.field_values import FieldValue, configured_fields, values_of
from integration_hub.models import ErpContact, SfContact


@dataclass(frozen=True)
class Person:
    """One contact; `source` says which system knows them, `fields` are those that hub.toml mirrors."""

    name: str
    role: str
    email: str
    phone: str
    source: str
    key: str
    fields: tuple[FieldValue, ...] = ()


def build_people(accounts: Sequence[str], keys: Sequence[str]) -> tuple[Person, ...]:
    """Contacts of the accounts first, then those that only the ERP has, told apart by e-mail."""
    facts = configured_fields("Contact") if accounts else ()
    people = [
        Person(
            name=contact.name or contact.email or "Without a name",
            role=contact.title or contact.department,
            email=contact.email,
            phone=contact.phone or contact.mobile_phone,
            source="Salesforce",
            key=contact.key,
            fields=values_of(contact.custom_fields, facts),
        )
        for contact in SfContact.objects.live().filter(account__in=accounts).order_by("name", "key")
    ]
    known = {person.email.casefold() for person in people if person.email}
    for contact in ErpContact.objects.live().filter(customer__in=keys).order_by("name", "key"):
        if contact.email and contact.email.casefold() in known:
            continue
        people.append(
            Person(
                contact.name or contact.email or "Without a name",
                contact.role,
                contact.email,
                contact.phone,
                "ERP",
                contact.key,
            )
        )
    return tuple(people)
