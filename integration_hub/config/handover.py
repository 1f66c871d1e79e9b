"""[handover]: how opportunities and ERP orders are matched."""

from dataclasses import dataclass

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, kw_only=True)
class HandoverConfig:
    """How opportunities and ERP orders are matched, and what is told as a difference between them."""

    __pydantic_config__ = STRICT
    # Opportunity fields (each also in opportunity_fields) that hold the number of the ERP order, the customer's own
    # order number, or the number of the ERP's quote; several numbers in one are separated by commas or semicolons.
    order_number_fields: tuple[str, ...] = ()
    po_number_fields: tuple[str, ...] = ()
    quote_number_fields: tuple[str, ...] = ()
    # Fields of Salesforce orders (each also in order_fields) with the number of the ERP order, beside Salesforce's own
    # OrderReferenceNumber; fields of quotes (each also in quote_fields) with the number of the ERP's quote or order.
    salesforce_order_number_fields: tuple[str, ...] = ()
    salesforce_quote_number_fields: tuple[str, ...] = ()
    tolerance_percent: str = "2"  # won and ordered amount agree within the larger of this share of the won amount ...
    tolerance_amount: str = "50"  # ... and this amount in the reporting currency
    late_days: int = 14  # a won opportunity without an order is late after so many days
    days_before: int = 30  # an order is proposed for an opportunity from so many days before its close date ...
    days_after: int = 60  # ... to so many days after it
    back_days: int = 730  # opportunities that closed and orders that came longer ago are in no worklist
    minimum_order: str = "0"  # orders below this amount in the reporting currency need no opportunity
    order_categories: tuple[str, ...] = ()  # nor do orders of nothing but products of these categories

    @property
    def basis(self) -> str:
        """What the matching rests on; another one matches everything anew."""
        return repr(self)
