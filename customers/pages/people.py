"""The people at a customer, from Salesforce and from the ERP, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from customers.field_values import FieldValue, configured_fields, values_of
from customers.pages.contacts import Contact, differences_of, merged
from customers.parts import among
from integration_hub.models import ErpContact, SfContact
from integration_hub.prepared import MOST_IDS, prepared

MANY, MOST_PEOPLE = MOST_IDS, 200
SALESFORCE, ERP = "Salesforce", "ERP"


@dataclass(frozen=True)
class Person:
    """One person; `source` says which systems know them, `differences` in what those differ, `fields` are those that
    hub.toml mirrors. What is empty in the first system comes from the next.
    """

    name: str
    role: str
    email: str
    phone: str
    source: str
    key: str
    fields: tuple[FieldValue, ...] = ()
    differences: tuple[str, ...] = ()


def build_people(accounts: Sequence[str], keys: Sequence[str]) -> tuple[Person, ...]:
    """Everybody whom the accounts or the ERP customers know: those of the accounts first. Of very many ERP customers
    only so many contacts, by name, as can be read on a page; `people_beyond` counts the others.
    """
    facts = configured_fields("Contact") if accounts else ()
    contacts = [
        Contact(
            key=contact.key,
            party=contact.account_id or "",
            system=SALESFORCE,
            name=contact.name,
            role=contact.title or contact.department,
            email=contact.email,
            phone=contact.phone or contact.mobile_phone,
            fields=values_of(contact.custom_fields, facts),
        )
        for contact in _of_accounts(tuple(accounts))
    ]
    contacts += [
        Contact(
            key=contact.key,
            party=contact.customer_id or "",
            system=ERP,
            name=contact.name,
            role=contact.role,
            email=contact.email,
            phone=contact.phone,
        )
        for contact in _of_erp(tuple(keys), None if len(keys) <= MANY else MOST_PEOPLE)
    ]
    return tuple(_person(group) for group in merged(contacts))


def people_beyond(keys: Sequence[str]) -> int:
    """How many contacts of the ERP customers are not among those of `build_people`."""
    if len(keys) <= MANY:
        return 0
    return max(ErpContact.objects.live().filter(among("customer", keys)).count() - MOST_PEOPLE, 0)


def _person(group: Sequence[Contact]) -> Person:
    def first(name: str) -> str:
        return next((value for each in group if (value := getattr(each, name))), "")

    return Person(
        name=first("name") or first("email") or "Without a name",
        role=first("role"),
        email=first("email"),
        phone=first("phone"),
        source=" and ".join(dict.fromkeys(each.system for each in group)),
        key=group[0].key,
        fields=next((each.fields for each in group if each.fields), ()),
        differences=differences_of(group),
    )


@prepared
def _of_accounts(accounts: tuple[str, ...]) -> "QuerySet[Any, Any]":
    columns = ("key", "account_id", "name", "title", "department", "email", "phone", "mobile_phone", "custom_fields")
    found = SfContact.objects.live().filter(account__in=accounts).order_by("name", "key")
    return found.values_list(*columns, named=True)


@prepared
def _of_erp(keys: tuple[str, ...], most: int | None) -> "QuerySet[Any, Any]":
    found = ErpContact.objects.live().filter(among("customer", keys)).order_by("name", "key")[:most]
    return found.values_list("key", "customer_id", "name", "role", "email", "phone", named=True)
