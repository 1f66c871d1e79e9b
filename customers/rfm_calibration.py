"""Which scales are in force, what others would change, and the act of changing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from customers import rfm_membership, sent_segments
from customers.models import CustomerRollup, RfmCalibration
from customers.rfm import at_day, scored
from customers.rfm_in_force import scales_in_force
from customers.rfm_scales import Scales
from customers.rfm_segments import SEGMENTS
from integration_hub import audit, locks
from integration_hub.config import hub

LONGEST_REASON = 1000


class NotCalibrated(ValueError):
    """The scales stayed as they were; the message says why and what to do."""


@dataclass(frozen=True)
class Move:
    """Customers who go from one segment to another, with their revenue of 12 months and what they owe too late."""

    before: str
    after: str
    customers: int
    revenue: Decimal
    overdue: Decimal

    @property
    def stays(self) -> bool:
        """Whether the segment keeps its name."""
        return self.before == self.after


@dataclass(frozen=True)
class Change:
    """All customers of a day by the segment they are in and the one they would be in."""

    moves: tuple[Move, ...]

    @property
    def movers(self) -> tuple[Move, ...]:
        """Those who change, most revenue first."""
        return tuple(sorted((move for move in self.moves if not move.stays), key=lambda move: -abs(move.revenue)))

    def together(self, moves: Sequence[Move]) -> Move:
        """Several as one."""
        return Move(
            "",
            "",
            sum(move.customers for move in moves),
            sum((move.revenue for move in moves), Decimal(0)),
            sum((move.overdue for move in moves), Decimal(0)),
        )


def both(rollups: QuerySet[CustomerRollup], now: Scales, then: Scales) -> QuerySet[Any]:
    """Rollups with their scores by two scales, as `rfm_...` and `other_...`."""
    return scored(scored(rollups, now), then, prefix="other")


def change(day: date, scales: Scales) -> Change:
    """What other scales would change at a day, for all customers."""
    rows = (
        both(at_day(day), scales_in_force(), scales)
        .order_by()
        .values_list("rfm_segment", "other_segment")
        .annotate(Count("pk"), Sum("revenue_12m"), Sum("overdue_amount"))
    )
    order = list(SEGMENTS)
    moves = [Move(before, after, customers, revenue, overdue) for before, after, customers, revenue, overdue in rows]
    return Change(tuple(sorted(moves, key=lambda move: (order.index(move.before), order.index(move.after)))))


def movers(day: date, scales: Scales) -> QuerySet[Any]:
    """The rollups of those who would move, most revenue first."""
    moving = both(at_day(day), scales_in_force(), scales).exclude(rfm_segment=F("other_segment"))
    return moving.select_related("customer").order_by("-revenue_12m", "customer_id")


def calibrate(user: User, day: date, scales: Scales, *, method: str, ties: str, reason: str) -> RfmCalibration:
    """Put scales in force, and every customer into the segment it has by them. Raises NotCalibrated without a reason,
    without a change, and while figures are being computed.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if len(reason) < 3:
        raise NotCalibrated("Say in a few words why: whoever reads the log later will ask.")
    before = scales_in_force()
    if scales == before:
        raise NotCalibrated("These scales are in force already, so nothing was changed.")
    with locks.holding(locks.PUBLISH) as held:
        if not held:
            raise NotCalibrated("Figures are being computed right now. Nothing was changed; try again in a minute.")
        with transaction.atomic():
            made = RfmCalibration.objects.create(
                scales=scales.stored(),
                method=method,
                ties=ties if method == RfmCalibration.Method.QUANTILE else "",
                as_of=day,
                made_at=timezone.now(),
                user=user,
                made_by=user.get_full_name() or user.get_username(),
                reason=reason,
                currency=hub().company.reporting_currency,
                movers=[
                    {
                        "before": move.before,
                        "after": move.after,
                        "customers": move.customers,
                        "revenue": str(move.revenue),
                        "overdue": str(move.overdue),
                    }
                    for move in change(day, scales).movers
                ],
            )
            rfm_membership.keep(day, everything=True)
            sent_segments.keep(day, everything=True)
            told = {"scales": made.scales, "method": made.method, "ties": made.ties, "reason": made.reason}
            audit.record(
                "scales.calibrated",
                "scales",
                made.pk,
                before={"scales": before.stored()},
                after=told,
                who=user.get_username(),
            )
    return made
