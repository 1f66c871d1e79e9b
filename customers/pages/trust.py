"""The bar at the end of every customer page: do ERP, mirror and Salesforce say the same about this customer, now."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum, Value
from django.utils import timezone

from customers.access import User, role
from customers.addresses import customer_address
from customers.hierarchy import figures_together
from customers.models import CustomerMonth, CustomerRollup
from customers.pages.scope import Scope
from customers.pages.trust_erp import Compared, compare_streams
from customers.pages.trust_salesforce import InSalesforce, compare_salesforce
from customers.pages.trust_states import AMBER, GREEN, RED, worst
from integration_hub.prepared import prepared

HEADLINES = {
    GREEN: "ERP, this page and Salesforce agree",
    AMBER: "Not everything could be compared",
    RED: "ERP, this page and Salesforce do not agree",
}


@dataclass(frozen=True)
class KindLine:
    """One kind of document: how many are here and their sum in the reporting currency (None: not counted), each with
    the figure it is, and what the ERP says.
    """

    label: str
    count: int | None
    count_figure: str
    count_url: str
    amount: Decimal | None
    amount_figure: str
    amount_url: str
    erp: Compared


@dataclass(frozen=True)
class Trust:
    """What is compared and how it came out. `left_out` documents are of companies that do not count. `past` says that
    the page shows another day, the bar still that of now.
    """

    state: str
    headline: str
    erp_state: str
    erp_words: str
    erp_at: datetime | None
    kinds: tuple[KindLine, ...]
    salesforce: InSalesforce
    past: bool
    left_out: int
    may_see_streams: bool
    may_see_drift: bool


def build_trust(scope: Scope, user: User, now: datetime | None = None) -> Trust | None:
    """The comparison as of now; None before the first roll-up."""
    at = now or timezone.now()
    rollup = _newest(scope)
    if rollup is None:
        return None
    erp = compare_streams(scope.keys, at) if scope.keys else {}
    kinds = _kinds(scope, rollup, erp) if erp else ()
    salesforce = compare_salesforce(scope.accounts, rollup.as_of, rollup.computed_at, at, hidden=scope.hidden)
    erp_state = worst(kind.erp.state for kind in kinds)
    his_role = role(user)
    state = worst((erp_state, salesforce.state))
    return Trust(
        state=state,
        headline=HEADLINES[state],
        erp_state=erp_state,
        erp_words=_erp_words(kinds, erp_state),
        erp_at=min((kind.erp.at for kind in kinds if kind.erp.at), default=None),
        kinds=kinds,
        salesforce=salesforce,
        past=scope.past,
        left_out=rollup.left_out_count,
        may_see_streams=his_role in {"analyst", "administrator"},
        may_see_drift=his_role == "administrator",
    )


def _newest(scope: Scope) -> CustomerRollup | None:
    if not scope.past or scope.latest is None:
        return scope.rollup
    if scope.group:
        return figures_together(scope.customer, scope.members, scope.latest)
    return CustomerRollup.objects.filter(customer=scope.customer.pk, as_of=scope.latest).first()


def _erp_words(kinds: tuple[KindLine, ...], state: str) -> str:
    if not kinds:
        return "No ERP customer is linked, so there are no documents to compare."
    if state == GREEN:
        return "Orders, deliveries, invoices and open items are those of the ERP."
    return "; ".join(f"{kind.label}: {kind.erp.words}" for kind in kinds if kind.erp.state == state) + "."


def _kinds(scope: Scope, rollup: CustomerRollup, erp: dict[str, Compared]) -> tuple[KindLine, ...]:
    revenue = next(iter(_revenue(scope.members)), None)
    until = rollup.as_of.isoformat()
    received, count = "orders_received", "orders_received_count"
    return (
        KindLine(
            "Orders",
            rollup.orders_received_count,
            count,
            _now_url(scope, "figure", count),
            rollup.orders_received,
            received,
            _now_url(scope, "figure", received),
            erp["erp_order"],
        ),
        KindLine(
            "Deliveries",
            rollup.delivery_count,
            "count",
            _now_url(scope, "deliveries"),
            None,
            "",
            "",
            erp["erp_delivery"],
        ),
        KindLine(
            "Invoices",
            rollup.invoice_count,
            "count",
            _now_url(scope, "invoices"),
            revenue or Decimal(0),
            "total",
            _now_url(scope, "invoices", until=until),
            erp["erp_invoice"],
        ),
        KindLine(
            "Open items",
            None,
            "",
            "",
            rollup.open_amount,
            "open_amount",
            _now_url(scope, "figure", "open_amount"),
            erp["erp_open_item"],
        ),
    )


def _now_url(scope: Scope, name: str, *args: str, **query: str) -> str:
    """A page of the newest day: the bar never speaks of a past one."""
    parameters = query | ({"group": "1"} if scope.group else {})
    address = customer_address(name, scope.customer.pk, *args)
    return f"{address}?{urlencode(parameters)}" if parameters else address


@prepared
def _revenue(members: tuple[int, ...]) -> "QuerySet[Any, Any]":
    """The revenue of all months, in one row."""
    months = CustomerMonth.objects.filter(customer__in=members).order_by().annotate(together=Value(1))
    return months.values("together").annotate(total=Sum("revenue")).values_list("total", flat=True)
