"""Salesforce orders against the ERP's: which worklist each stands in, and what its amounts are apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from customers.access import User, visible
from customers.models import HandoverNote, SalesOrderStanding
from customers.pages.identity import Pill
from integration_hub.models.common import MoneyField

Standing = SalesOrderStanding.Standing
NOTHING = Decimal(0)
WITHOUT_ORDER = (Standing.NO_ORDER,)
DIFFERING = (Standing.DIFFERS, Standing.CANCELLED, Standing.DRAFT_ORDERED, Standing.CONFLICT)
PILLS: Mapping[str, str] = {
    Standing.NO_ORDER: "pill-bad",
    Standing.CONFLICT: "pill-bad",
    Standing.CANCELLED: "pill-bad",
    Standing.DIFFERS: "pill-warn",
    Standing.DRAFT_ORDERED: "pill-warn",
    Standing.UNKNOWN: "pill-warn",
    Standing.AGREES: "pill-good",
    Standing.WAITING: "pill-seg",
}
# Ordered without the cancelled rest less the Salesforce order; unknown where it is not settled which order it is.
APART = Case(
    When(standing=Standing.CONFLICT, then=None),
    default=F("ordered") - F("cancelled") - F("amount"),
    output_field=MoneyField(null=True),
)


@dataclass(frozen=True)
class SalesList:
    """One worklist: which standings it holds, and of what its amount is the sum."""

    standings: tuple[str, ...]
    report: str
    title: str
    words: str
    amount: Any

    def rows(self, queryset: QuerySet[SalesOrderStanding]) -> QuerySet[SalesOrderStanding]:
        """Of these rows those that stand in it."""
        return queryset.filter(standing__in=self.standings)


ACTIVATED = SalesList(
    WITHOUT_ORDER, "activated-without-order", "Activated in Salesforce, no ERP order", "activated", F("amount")
)
DIFFERENT = SalesList(
    DIFFERING, "sales-order-differs", "Salesforce order and ERP order differ", "ordered less Salesforce", APART
)
LISTS = (ACTIVATED, DIFFERENT)


def pill(standing: SalesOrderStanding) -> Pill:
    """How it stands, in words and colour."""
    return Pill(standing.get_standing_display(), PILLS.get(standing.standing, ""))


def sales_sums(user: User, as_of: date) -> dict[str, Any]:
    """Of each worklist, by report: count, amount and how many are put aside; `every` counts all orders. One query."""
    rows = visible(SalesOrderStanding.objects.all(), user)
    aside = Exists(HandoverNote.objects.filter(key=OuterRef("pk"), snoozed_until__gt=as_of))
    asked: dict[str, Any] = {"every": Count("pk")}
    for number, each in enumerate(LISTS):
        awake = Q(standing__in=each.standings, aside=False)
        asked |= {
            f"count_{number}": Count("pk", filter=awake),
            f"snoozed_{number}": Count("pk", filter=Q(standing__in=each.standings, aside=True)),
            f"amount_{number}": Coalesce(Sum("apart" if each is DIFFERENT else "amount", filter=awake), NOTHING),
        }
    sums: dict[str, Any] = rows.annotate(aside=aside, apart=APART).order_by().aggregate(**asked)
    return sums
