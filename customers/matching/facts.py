"""What one record says about its company, made comparable: the same shape for an ERP customer and an account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from customers.matching.contacts import domain_of, phone_of
from customers.matching.countries import country_of
from customers.matching.letters import code
from customers.matching.names import Name, name_of
from customers.matching.places import Street, city_of, postal_of, street_of
from customers.matching.tax_ids import LOOKS_LIKE_ONE, TaxId, tax_id

T = TypeVar("T")
MOST = 6
"""So many tax numbers, domains and telephone numbers of one record count."""
RULES = 3
"""Raised with every change of what is made of a record or of a pair: all records are then made anew, and matched."""


@dataclass(frozen=True)
class Record:
    """A record as the mirror has it. `vats`, `addresses` (mail and web) and `phones` in the order of their weight."""

    key: str
    name: str = ""
    vats: Sequence[str] = ()
    registration: str = ""
    numbers: Sequence[str] = ()
    phones: Sequence[str] = ()
    addresses: Sequence[str] = ()
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


class Facts(NamedTuple):
    """A record made comparable, with the texts to show beside; everything may be empty.

    `registration` is a number of a register, `numbers` what the ERP calls the customer, without leading zeros.
    """

    shown: Mapping[str, str]
    name: Name
    vats: tuple[TaxId, ...]
    registration: str
    numbers: tuple[str, ...]
    domains: tuple[str, ...]
    phones: tuple[str, ...]
    street: Street
    postal: str
    city: str
    country: str


def facts_of(record: Record) -> Facts:
    """The record made comparable."""
    country = country_of(record.country)
    vats = _each(tax_id(text, country) for text in record.vats)
    if not country and vats and vats[0].checked:
        country = vats[0].number[:2]
    shown = {
        "name": record.name,
        "vat": ", ".join(filter(None, record.vats)),
        "registration": record.registration,
        "number": ", ".join(filter(None, record.numbers)),
        "domain": ", ".join(_each(map(domain_of, record.addresses))),
        "phone": ", ".join(_each(text.strip() for text in record.phones)),
        "street": record.street,
        "postal_code": record.postal_code,
        "city": record.city,
        "country": record.country,
    }
    return Facts(
        shown={field: text for field, text in shown.items() if text},
        name=name_of(record.name),
        vats=vats,
        registration=code(record.registration).lstrip("0"),
        numbers=_each(code(text).lstrip("0") for text in record.numbers),
        domains=_each(map(domain_of, record.addresses)),
        phones=_each(phone_of(text, country) for text in record.phones),
        street=street_of(record.street),
        postal=postal_of(record.postal_code),
        city=city_of(record.city),
        country=country,
    )


def looks_like_vat(text: str) -> bool:
    """Whether a further field of an account may hold a tax number, where hub.toml names none."""
    return bool(LOOKS_LIKE_ONE.fullmatch(code(text)))


def _each(values: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:MOST]


def stored(facts: Facts) -> list[Any]:
    """The facts as JSON keeps them."""
    return [*facts]


def read(row: Sequence[Any]) -> Facts:
    """The facts from what was stored."""
    shown, name, vats, registration, numbers, domains, phones, street, postal, city, country = row
    return Facts(
        shown=shown,
        name=Name(tuple(name[0]), name[1]),
        vats=tuple(TaxId(*each) for each in vats),
        registration=registration,
        numbers=tuple(numbers),
        domains=tuple(domains),
        phones=tuple(phones),
        street=Street(*street),
        postal=postal,
        city=city,
        country=country,
    )
