"""Quotes and Salesforce orders before they have ids, and the truth about them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

TAX = Decimal("1.19")


@dataclass(frozen=True, kw_only=True)
class PlannedQuote:
    """A quote of the deal with that place; `erp_number` is the ERP's number of it, where somebody wrote it down."""

    account: str
    deal: int
    number: str
    name: str
    status: str
    net: Decimal
    made_on: date
    expires_on: date
    synced: bool
    erp_number: str = ""

    def record(self, account: str, deal: str, owner: str) -> Mapping[str, Any]:
        """The fields as Salesforce calls them."""
        return {
            "AccountId": account, "OpportunityId": deal, "OwnerId": owner, "QuoteNumber": self.number,
            "Name": self.name, "Status": self.status, "Subtotal": self.net, "TotalPrice": self.net,
            "GrandTotal": (self.net * TAX).quantize(Decimal("0.01")), "ExpirationDate": self.expires_on.isoformat(),
            "IsSyncing": self.synced, "CreatedDate": f"{self.made_on.isoformat()}T10:00:00.000+0000",
            **({"ERP_Quote_Number__c": self.erp_number} if self.erp_number else {}),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PlannedSale:
    """A Salesforce order, of the deal with that place where it has one, with what it tells of the ERP's order.

    The truth, which no system tells: `became` are the ERP's orders, `standing` how the two stand, and `certain` says
    that numbers, or the opportunity, settle it.
    """

    account: str
    deal: int | None
    number: str
    name: str
    starts_on: date
    net: Decimal
    quote: str = ""
    reference: str = ""
    po: str = ""
    activated: bool = True
    became: tuple[str, ...] = ()
    standing: str = ""
    certain: bool = False

    def having(self, **values: Any) -> "PlannedSale":
        """The same with other values."""
        return replace(self, **values)

    def record(self, account: str, deal: str, quote: str, owner: str) -> Mapping[str, Any]:
        """The fields as Salesforce calls them; empty ids and texts are left out."""
        day = f"{self.starts_on.isoformat()}T10:00:00.000+0000"
        told = {
            "OpportunityId": deal, "QuoteId": quote, "PoNumber": self.po, "OrderReferenceNumber": self.reference,
            "ActivatedDate": day if self.activated else "",
        }  # fmt: skip
        return {
            "AccountId": account, "OwnerId": owner, "OrderNumber": self.number, "Name": self.name[:80],
            "Status": "Activated" if self.activated else "Draft", "EffectiveDate": self.starts_on.isoformat(),
            "TotalAmount": self.net, "CreatedDate": day, **{name: value for name, value in told.items() if value},
        }  # fmt: skip
