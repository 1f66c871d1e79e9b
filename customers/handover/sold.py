"""The quotes and Salesforce orders of an opportunity, and which documents of the ERP they match."""

from collections.abc import Sequence
from dataclasses import dataclass

from customers.access import User, visible
from customers.handover.sales import pill
from customers.models import OpportunityOrder, SalesOrderPair, SalesOrderStanding
from customers.pages.identity import Pill, salesforce_url
from integration_hub.config import hub
from integration_hub.models import ErpOrder, SfOpportunity, SfOrder, SfQuote
from integration_hub.optional_objects import ObjectState, Reading, object_states

QUOTE_PILLS = {"accepted": "pill-good", "approved": "pill-good", "rejected": "", "denied": ""}


@dataclass(frozen=True)
class QuoteRow:
    """One quote; `orders` are the ERP's orders and quotes that it names, or that refer to it."""

    quote: SfQuote
    pill: Pill
    orders: tuple[ErpOrder, ...]
    url: str


@dataclass(frozen=True)
class SaleRow:
    """One Salesforce order with its pairs; `pill` says how it stands, None of one that is not followed."""

    sale: SfOrder
    pill: Pill | None
    standing: SalesOrderStanding | None
    pairs: tuple[SalesOrderPair, ...]


@dataclass(frozen=True)
class Sold:
    """What stands between the opportunity and the ERP's orders; `unread` are objects that are not read, and why."""

    quotes: tuple[QuoteRow, ...]
    sales: tuple[SaleRow, ...]
    unread: tuple[ObjectState, ...]


def build_sold(deal: SfOpportunity, user: User, pairs: Sequence[OpportunityOrder]) -> Sold:
    """The quotes, newest first with the synced one before them, and the Salesforce orders; `pairs` are the
    opportunity's. The same few queries however many there are.
    """
    quotes = visible(SfQuote.objects.live().filter(opportunity=deal.key), user)
    sales = visible(SfOrder.objects.live().filter(opportunity=deal.key), user)
    found = sales.select_related("standing").prefetch_related("handed_over__order").order_by("starts_on", "number")
    states = object_states("Quote", "Order")
    return Sold(
        quotes=tuple(_quote(each, pairs) for each in quotes.order_by("-is_syncing", "-created_on", "-number")),
        sales=tuple(_sale(each) for each in found),
        unread=tuple(each for each in states.values() if each.reading == Reading.ABSENT),
    )


def _quote(quote: SfQuote, pairs: Sequence[OpportunityOrder]) -> QuoteRow:
    number, own = quote.number.strip().upper(), _erp_numbers(quote)
    orders = tuple(
        pair.order
        for pair in pairs
        if (number and pair.order.customer_reference.strip().upper() == number)
        or pair.order.number.strip().upper() in own
    )
    label = quote.status or "No status"
    return QuoteRow(quote, Pill(label, QUOTE_PILLS.get(label.lower(), "pill-seg")), orders, salesforce_url(quote.key))


def _erp_numbers(quote: SfQuote) -> set[str]:
    """The ERP's numbers of it that somebody wrote down."""
    texts = (str(quote.custom_fields.get(name) or "") for name in hub().handover.salesforce_quote_number_fields)
    parts = (part for text in texts for part in text.replace(";", ",").replace("\n", ",").split(","))
    return {part.strip().upper() for part in parts if part.strip()}


def _sale(sale: SfOrder) -> SaleRow:
    standing = getattr(sale, "standing", None)
    pairs = tuple(sorted(sale.handed_over.all(), key=lambda pair: (pair.order.ordered_on, pair.order_id)))
    return SaleRow(sale, pill(standing) if standing else None, standing, pairs)
