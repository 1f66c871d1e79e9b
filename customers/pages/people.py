"""The people at a customer, from Salesforce and from the ERP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from customers.field_values import FieldValue, configured_fields, values_of
from integration_hub.models import ErpContact, SfContact
from integration_hub.prepared import prepared


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
        for contact in _of_accounts(tuple(accounts))
    ]
    known = {person.email.casefold() for person in people if person.email}
    for contact in _of_erp(tuple(keys)):
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


@prepared
def _of_accounts(accounts: tuple[str, ...]) -> "QuerySet[Any, Any]":
    columns = ("key", "name", "title", "department", "email", "phone", "mobile_phone", "custom_fields")
    found = SfContact.objects.live().filter(account__in=accounts).order_by("name", "key")
    return found.values_list(*columns, named=True)


@prepared
def _of_erp(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    found = ErpContact.objects.live().filter(customer__in=keys).order_by("name", "key")
    return found.values_list("key", "name", "role", "email", "phone", named=True)
