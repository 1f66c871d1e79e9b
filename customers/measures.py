"""Every figure, declared once. Pages, reports, exports and the push read these declarations.

customers/sql computes the stored figures by the same rules; tests hold each stored figure against its documents.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q

from customers import counted, counted_payments, counted_receivables
from customers.calendar import periods
from customers.companies import counting
from customers.counted import Documents
from customers.known import mine, with_keys
from customers.measures_paying import PAYING
from customers.measures_receivables import AGING, OPEN, PARTS
from customers.measures_sales import DEALS, DELIVERIES, ORDERS, REVENUE
from customers.measures_shape import Customers, Figure, Measure, Unit
from integration_hub.models import ErpInvoice, ErpOrder

__all__ = ["MEASURES", "Figure", "Measure", "Unit", "get_measure", "not_converted"]

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {measure.name: measure for measure in (*REVENUE, *ORDERS, *DELIVERIES, *OPEN, *AGING, *PARTS, *PAYING, *DEALS)}
)


def get_measure(name: str) -> Measure:
    """The measure of that name; KeyError names the ones there are."""
    if name not in MEASURES:
        raise KeyError(f"There is no measure {name!r}; there are: {', '.join(MEASURES)}.")
    return MEASURES[name]


def not_converted(customers: Customers, as_of: date) -> Mapping[str, Documents]:
    """By kind of document: what should count but has no rate to the reporting currency, no amount or no day.

    Their number is `not_converted_count`; they are in no total.
    """
    customers = with_keys(customers)
    whose = mine(customers)
    posted = Q(revenue_on=None) | Q(revenue_on__lte=as_of)
    invoices = counting(ErpInvoice).filter(posted, whose.held("invoice"), reporting_amount=None)
    ordered = Q(ordered_on=None) | Q(ordered_on__lte=as_of)
    orders = counting(ErpOrder).filter(ordered, whose.held("order"), reporting_amount=None)
    listed = counting(ErpInvoice).filter(
        posted, pk=OuterRef("invoice"), customer=OuterRef("customer"), reporting_amount=None
    )
    items = counted_receivables.items_at(customers, as_of).filter(counted=None)
    # The instalments of an invoice that is listed itself are no documents beside it.
    items = items.filter(Q(open_now=None) | ~Q(open_now=0), ~Exists(listed.exclude(counted.NO_REVENUE)))
    received = counted_payments.payments_at(customers, as_of).filter(counted=None)
    last_12_months = periods(as_of)["last_12_months"]
    return MappingProxyType(
        {
            "invoice": invoices.exclude(counted.NO_REVENUE),
            "order": orders.exclude(status__in=("quote", "cancelled")),
            "open_item": items,
            "payment": received.exclude(open_now=0),
            "opportunity": counted.won_deals(customers, last_12_months).filter(reporting_amount=None),
        }
    )
