"""Keeps in which RFM segment each customer is and since when: part of every publish, and of every calibration."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet, Value
from django.db.models.fields import CharField
from django.db.models.functions import Coalesce

from customers.calendar import comparable_days
from customers.models import CustomerRollup, RfmMembership
from customers.rfm import at_day, expressions
from customers.rfm_in_force import calibration_in_force, scales_in_force
from customers.rfm_scales import USUAL, Scales, from_stored
from customers.statements import run

# So many stored days are read when memberships are kept for the first time; an earlier `since` is not known.
DAYS_BACK = 60


def keep(as_of: date, *, everything: bool, touched: Sequence[int] | None = None) -> int:
    """Bring memberships up to the figures of the current day; the number of those that changed.

    Without `everything` only the customers of the temporary table rollup_scope are looked at, as a publish left it;
    the very first time, and after another calibration, all are. `touched` are the only ones that can be gone.
    """
    calibration = calibration_in_force()
    scales = USUAL if calibration is None else from_stored(calibration.scales)
    kept = RfmMembership.objects.order_by().values_list("calibration_id", flat=True)[:1]
    first = not kept
    everything = everything or first or kept[0] != (calibration.pk if calibration else None)
    _keep_rows("rfm_now", _told(at_day(as_of), scales), everything=everything)
    if first:
        _keep_rows("rfm_then", _told(_earlier(as_of), scales), everything=True)
    statement = "rfm_membership_first" if first else "rfm_membership"
    changed = run(statement, as_of=as_of, calibration=calibration.pk if calibration else None)
    run("rfm_membership_gone", customers=None if touched is None else list(touched))
    return changed


def look_back(day: date) -> int:
    """Take in a day before the current one whose figures were stored only now, as `rollup --as-of` does: since when
    customers are in their segments, and from where they came; the number of customers it is another for.
    """
    later = comparable_days().filter(as_of__gt=day).order_by("as_of").values_list("as_of", flat=True).first()
    if later is None or not comparable_days().filter(as_of=day).exists():
        return 0
    _keep_rows("rfm_then", _told(at_day(day), scales_in_force()), everything=True)
    return run("rfm_membership_past", later=later)


def _told(rollups: QuerySet[CustomerRollup], scales: Scales) -> QuerySet[CustomerRollup, tuple[object, ...]]:
    """Customer, segment, score and day of each rollup."""
    found: dict[str, Expression] = {"told_segment": expressions(scales)["segment"]}
    found["told_score"] = Coalesce(expressions(scales)["digits"], Value(""), output_field=CharField())
    annotated: Any = rollups.order_by().annotate(**found)
    told: QuerySet[CustomerRollup, tuple[object, ...]] = annotated.values_list(
        "customer_id", "told_segment", "told_score", "as_of"
    )
    return told


def _earlier(as_of: date) -> QuerySet[CustomerRollup]:
    """Rollups of the stored days before, by which it is told since when each customer has been in its segment."""
    days = comparable_days().filter(as_of__lte=as_of).order_by("-as_of").values("as_of")[:DAYS_BACK]
    return CustomerRollup.objects.filter(as_of__in=days, as_of__lt=as_of, customer__gone_at=None)


def _keep_rows(table: str, told: "QuerySet[CustomerRollup, tuple[object, ...]]", *, everything: bool) -> None:
    """Put what was told into a temporary table, for the length of the transaction."""
    query, parameters = told.query.sql_with_params()
    where = "" if everything else "where customer_id in (select customer_id from rollup_scope)"
    rows = f"select * from ({query}) t(customer_id, segment, score, as_of) {where}"  # noqa: S608 - of this module
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists pg_temp.{table}")
        cursor.execute(f"create temporary table {table} on commit drop as {rows}", parameters)
        cursor.execute(f"analyze {table}")
