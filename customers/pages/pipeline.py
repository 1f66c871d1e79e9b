"""Open opportunities of a customer: what they are worth in the reporting currency, and which close next."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from customers.hidden import rests_on
from customers.pages.document_lists import OPPORTUNITIES, all_documents
from customers.pages.identity import salesforce_url
from customers.pages.scope import Scope

SHOWN = 4


@dataclass(frozen=True)
class OpenDeal:
    """One open opportunity; `amount` in its own currency. `overdue` says that its close date has passed."""

    name: str
    stage: str
    close_on: date | None
    amount: Decimal | None
    currency: str
    probability: Decimal | None
    url: str
    overdue: bool


@dataclass(frozen=True)
class Pipeline:
    """Count and total (reporting currency) of all open opportunities, the next ones to close, and their list.

    `known` is False for a past day: Salesforce tells only what is open today. `unconverted` have no amount or no rate
    and are in no total.
    """

    deals: tuple[OpenDeal, ...]
    count: int
    total: Decimal
    unconverted: int
    url: str
    known: bool


@rests_on()
def build_pipeline(scope: Scope) -> Pipeline:
    """The open opportunities of the accounts of a scope, the nearest close date first."""
    url = scope.url("opportunities", show="open")
    if scope.past or not scope.accounts:
        return Pipeline((), 0, Decimal(0), 0, url, known=not scope.past)
    opened = all_documents(OPPORTUNITIES, scope).filter(is_closed=False)
    sums = opened.aggregate(
        count=Count("pk"),
        total=Sum("reporting_amount", default=Decimal(0)),
        unconverted=Count("pk", filter=Q(reporting_amount=None)),
    )
    first = opened.order_by(F("close_on").asc(nulls_last=True), "key")[:SHOWN] if sums["count"] else ()
    deals = tuple(
        OpenDeal(
            name=row.name or "Without a name",
            stage=row.stage,
            close_on=row.close_on,
            amount=row.amount,
            currency=row.currency,
            probability=row.probability,
            url=salesforce_url(row.key),
            overdue=bool(row.close_on and row.close_on < scope.figures.as_of),
        )
        for row in first
    )
    return Pipeline(deals, sums["count"], sums["total"], sums["unconverted"], url, known=True)
