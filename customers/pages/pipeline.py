"""Open opportunities of a customer: what they are worth in the reporting currency, and which close next."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from customers.hidden import rests_on
from customers.pages.identity import salesforce_url
from customers.pages.scope import Scope
from integration_hub.models import SfOpportunity
from integration_hub.prepared import prepared

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
    sums = scope.deals
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
        for row in (_next(scope.accounts) if sums.open else ())
    )
    return Pipeline(deals, sums.open, sums.total, sums.unconverted, url, known=True)


@prepared
def _next(accounts: tuple[str, ...]) -> "QuerySet[Any, Any]":
    """The open opportunities that close next."""
    opened = SfOpportunity.objects.live().filter(account__in=accounts, is_closed=False)
    columns = ("key", "name", "stage", "close_on", "amount", "currency", "probability")
    return opened.order_by(F("close_on").asc(nulls_last=True), "key").values_list(*columns, named=True)[:SHOWN]
