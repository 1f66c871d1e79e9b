"""Matches opportunities and Salesforce orders with ERP orders at every publish, in SQL: stated numbers first, then what
fits by amount and day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection, models

from customers.models import (
    Handover,
    HandoverBasis,
    HandoverDecision,
    OpportunityOrder,
    OrderWithoutOpportunity,
    SalesOrderPair,
    SalesOrderStanding,
)
from customers.statements import Parameter, run
from integration_hub.config import hub

WON_FIRST = (0, 1)
# An order may be older than the opportunity that names it, as with a frame order: so many days are read beyond.
OLDER_ORDERS = timedelta(days=366)
# Statement -> the table that is brought to what it says, and by which columns a row is found again.
KEPT: Mapping[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "handover_new": (OpportunityOrder, ("opportunity_id", "order_id")),
    "handover_row": (Handover, ("opportunity_id",)),
    "handover_alone": (OrderWithoutOpportunity, ("order_id",)),
    "sale_new": (SalesOrderPair, ("sales_order_id", "order_id")),
    "sale_row": (SalesOrderStanding, ("sales_order_id",)),
}
ANALYSED = ("handover_scope", "handover_order", "handover_deal", "handover_sale")


@dataclass(frozen=True)
class _Kept:
    """A table of the product and the temporary one that it follows."""

    source: str
    table: str
    columns: tuple[str, ...]
    found_by: tuple[str, ...]

    @property
    def same(self) -> str:
        """The condition that a row of both says the same. Only what is equal can be hashed: else each row would be
        compared with every other.
        """
        mine, new = (", ".join(f'{alias}."{name}"' for name in self.columns) for alias in ("t", "n"))
        equal = " and ".join(f't."{name}" = n."{name}"' for name in self.found_by)
        return f"{equal} and ({mine}) is not distinct from ({new})"


def keep(as_of: date, *, everything: bool, touched: Sequence[int] | None = None) -> None:
    """Match the customers of the temporary table rollup_scope, or all, at the current day, and store what came of it.

    Customers about whom somebody decided meanwhile are matched too. Other settings in hub.toml, and the first time,
    match all. `touched` are the only ones that can be gone.
    """
    basis = hub().handover.basis
    everything = everything or not HandoverBasis.objects.filter(basis=basis).exists()
    run("handover_drop")
    run("handover_scope", everything=everything)
    if everything:
        run("loops_off")
    _match(_parameters(as_of))
    for source, (model, found_by) in KEPT.items():
        columns = tuple(field.column for field in model._meta.concrete_fields if field.column and field.column != "id")
        _store(_Kept(source, model._meta.db_table, columns, found_by), touched)
    HandoverDecision.objects.filter(applied=False).update(applied=True)
    if everything:
        run("loops_on")
        HandoverBasis.objects.update_or_create(pk=1, defaults={"basis": basis})


def _match(parameters: Mapping[str, Parameter]) -> None:
    run("handover_order", **parameters)
    run("handover_deal", **parameters)
    run("sale", **parameters)
    with connection.cursor() as cursor:
        cursor.execute(f"analyze {', '.join(ANALYSED)}")
    run("handover_stated", **parameters)
    _match_sales(parameters)
    run("handover_candidate", **parameters)
    for rank in WON_FIRST:
        while run("handover_round", rank=rank):
            run("handover_round_taken")
    run("handover_share")
    run("handover_flow", **parameters)
    run("handover_bill", **parameters)
    for name in ("handover_money", "handover_new", "handover_row", "handover_alone", "sale_new", "sale_row"):
        run(name, **parameters)


def _match_sales(parameters: Mapping[str, Parameter]) -> None:
    """Salesforce orders by what they and their quotes name; what they name is the opportunity's too, and the other way
    round; then what fits.
    """
    for name in ("sale_quote", "sale_named", "sale_claim"):
        run(name, **parameters)
    for quotes in (False, True):
        run("sale_sold", quotes=quotes)
    run("sale_of_deal")
    run("sale_candidate", **parameters)
    while run("sale_round"):
        run("sale_round_taken")


def _store(kept: _Kept, touched: Sequence[int] | None) -> None:
    """Remove rows of the customers in scope, and of customers that are gone, that are no more or differ; add the new
    ones.
    """
    names = ", ".join(f'"{name}"' for name in kept.columns)
    gone = "select id from customer where (gone_at is not null or account is null)"
    if touched is not None:
        gone += " and id = any(%(touched)s)"
    # Names of this module and of models only.
    with connection.cursor() as cursor:
        for customers in ("select customer_id from handover_scope", gone):
            cursor.execute(
                f"delete from {kept.table} t where t.customer_id in ({customers}) "  # noqa: S608
                f"and not exists (select from {kept.source} n where {kept.same})",
                {"touched": None if touched is None else list(touched)},
            )
        cursor.execute(
            f"insert into {kept.table} ({names}) select {names} from {kept.source} n "  # noqa: S608
            f"where not exists (select from {kept.table} t where {kept.same}) order by 1"
        )


def _parameters(as_of: date) -> dict[str, Parameter]:
    """What hub.toml says, as the statements take it."""
    handover = hub().handover
    since = as_of - timedelta(days=handover.back_days)
    return {
        "as_of": as_of,
        "since": since,
        "orders_since": since - OLDER_ORDERS,
        "late_days": handover.late_days,
        "order_fields": list(handover.order_number_fields),
        "po_fields": list(handover.po_number_fields),
        "quote_fields": list(handover.quote_number_fields),
        "sale_order_fields": list(handover.salesforce_order_number_fields),
        "sale_quote_fields": list(handover.salesforce_quote_number_fields),
        "time_zone": hub().company.time_zone,
        "tolerance_share": str(Decimal(handover.tolerance_percent) / 100),
        "tolerance_amount": handover.tolerance_amount,
        "days_before": handover.days_before,
        "days_after": handover.days_after,
        "minimum_order": handover.minimum_order,
        "categories": list(handover.order_categories),
    }
