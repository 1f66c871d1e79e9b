"""[masters]: which system is the master of each field that both keep, and which Account field holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True)
# Where Salesforce itself keeps a field; of the others hub.toml has to say which Account field holds them.
STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "name": "Name",
        "street": "BillingStreet",
        "postal_code": "BillingPostalCode",
        "city": "BillingCity",
        "country": "BillingCountry",
        "phone": "Phone",
        "website": "Website",
        "owner": "OwnerId",
        "currency": "CurrencyIsoCode",
    }
)


@dataclass(frozen=True, kw_only=True)
class Master:
    """The master of one field. "none": each system keeps its own value, and the two are not compared."""

    __pydantic_config__ = STRICT
    master: Literal["erp", "salesforce", "none"] = "none"
    salesforce_field: str = ""  # API name of the Account field that holds it; empty = the standard one


def _none() -> Master:
    return Master()


@dataclass(frozen=True, kw_only=True)
class MastersConfig:
    """The master of every field. What stands in the other system is only compared with it, never written."""

    __pydantic_config__ = STRICT
    erp_contact: str = ""  # login of whoever corrects the ERP where Salesforce is the master
    name: Master = field(default_factory=_none)
    street: Master = field(default_factory=_none)
    postal_code: Master = field(default_factory=_none)
    city: Master = field(default_factory=_none)
    country: Master = field(default_factory=_none)
    phone: Master = field(default_factory=_none)
    website: Master = field(default_factory=_none)
    vat: Master = field(default_factory=_none)
    payment_terms: Master = field(default_factory=_none)
    credit_limit: Master = field(default_factory=_none)
    owner: Master = field(default_factory=_none)  # Salesforce's owner, the ERP's salesperson
    currency: Master = field(default_factory=_none)

    @cached_property
    def by_field(self) -> Mapping[str, Master]:
        """Every field with its master, in the order in which pages list them."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: master for name, master in found.items() if isinstance(master, Master)}

    @cached_property
    def compared(self) -> Mapping[str, Master]:
        """The fields that have a master."""
        return {name: master for name, master in self.by_field.items() if master.master != "none"}

    @property
    def further_fields(self) -> tuple[str, ...]:
        """Account fields that are read because they hold a compared value, beside those that are mirrored anyway."""
        return tuple(each.salesforce_field for each in self.compared.values() if each.salesforce_field)
