"""What people say about opportunities and orders: that a pair belongs together or not, and notes on worklists."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from customers.access import current_day, visible
from customers.differences.acting import colleagues
from customers.differences.inbox import Choice
from customers.differences.shown import name_of
from customers.handover import matching
from customers.models import (
    Customer,
    Handover,
    HandoverDecision,
    HandoverNote,
    HandoverVerdict,
    OpportunityOrder,
    OrderWithoutOpportunity,
    SalesOrderStanding,
)
from customers.statements import run
from integration_hub import audit, locks
from integration_hub.models import ErpOrder, SfOpportunity

LONGEST = 2000
# Whose rows people note something about.
NOTED: tuple[Any, ...] = (Handover, OrderWithoutOpportunity, SalesOrderStanding)


class NotDecided(ValueError):
    """What was asked cannot be decided; the message says why and what to do."""


@dataclass(frozen=True)
class Pair:
    """An opportunity and an order of one customer, both seen by the user."""

    opportunity: SfOpportunity
    order: ErpOrder
    customer: Customer


def pair_of(user: User, opportunity: str, order: str) -> Pair | None:
    """The pair, or None where the user does not see one of them, or they are of different customers."""
    deal = visible(SfOpportunity.objects.live(), user).filter(pk=opportunity).first()
    found = beside(user, deal.account_id or "", order) if deal is not None else None
    return Pair(deal, *found) if deal is not None and found is not None else None


def beside(user: User, account: str, order: str) -> tuple[ErpOrder, Customer] | None:
    """An ERP order that the user sees and the customer of the account that it is linked to; None where it is not."""
    found = visible(ErpOrder.objects.live(), user).filter(pk=order).first()
    if found is None:
        return None
    customer = Customer.objects.filter(account=account, links__erp_customer=found.customer_id).first()
    return (found, customer) if customer is not None else None


def decide(user: User, pair: Pair, verdict: str, reason: str) -> bool:
    """Write the decision down and match the customer anew; False where that waits for the next publish, as one is
    under way. Raises NotDecided.
    """
    if verdict not in HandoverVerdict.values:
        raise NotDecided("Choose whether the order belongs to the opportunity.")
    if verdict == HandoverVerdict.REFUSE and not reason.strip():
        raise NotDecided("Say why the order does not belong to the opportunity: others will read it.")
    known = OpportunityOrder.objects.filter(opportunity=pair.opportunity.key, order=pair.order.key).first()
    if known is not None and known.state == OpportunityOrder.State.STATED:
        raise NotDecided("A number in the opportunity names this order. Correct the number in Salesforce instead.")
    if pair.order.status in {"quote", "cancelled"} and verdict == HandoverVerdict.CONFIRM:
        raise NotDecided("A quote or a cancelled order counts nowhere, so no opportunity becomes it.")
    write_decision(user, "opportunity", pair.opportunity.key, pair.order.key, verdict, reason)
    return rematch(pair.customer)


@transaction.atomic
def write_decision(user: User, kind: str, sold: str, order: str, verdict: str, reason: str) -> None:
    """Keep what was decided about an order and what was sold, by their keys; `kind` says in the audit what that is."""
    before = in_force(sold).get(order)
    made = HandoverDecision.objects.create(
        opportunity=sold,
        order=order,
        verdict=verdict,
        reason=reason.strip()[:LONGEST],
        at=timezone.now(),
        by=user,
        by_name=user.get_full_name() or user.get_username(),
    )
    stood = {"order": before.order, "verdict": before.verdict, "reason": before.reason} if before else None
    told = {"order": made.order, "verdict": made.verdict, "reason": made.reason}
    audit.record("handover.decided", kind, sold, before=stood, after=told, who=user.get_username())


def rematch(customer: Customer) -> bool:
    """Match one customer anew, as a publish that touched it would; False while a publish is under way."""
    day = current_day()
    with transaction.atomic():
        if day is None or not locks.try_in_transaction(locks.PUBLISH):
            return False
        run("scope_drop")
        with connection.cursor() as cursor:
            cursor.execute("create temporary table rollup_scope as select %s::bigint as customer_id", [customer.pk])
        matching.keep(day, everything=False, touched=[customer.pk])
        run("scope_drop")
        run("handover_drop")
    return True


def in_force(opportunity: str) -> dict[str, HandoverDecision]:
    """The newest decision about each order of an opportunity; those taken back are left out."""
    newest: dict[str, HandoverDecision] = {}
    for decision in HandoverDecision.objects.filter(opportunity=opportunity).order_by("id"):
        newest[decision.order] = decision
    return {key: each for key, each in newest.items() if each.verdict != HandoverVerdict.WITHDRAWN}


def row_of(user: User, key: str) -> Any:
    """The row of a worklist by the key of its opportunity or order; None where the user sees none."""
    rows = (visible(model.objects.filter(pk=key), user).first() for model in NOTED)
    return next((row for row in rows if row is not None), None)


def people(note: HandoverNote | None) -> tuple[Choice, ...]:
    """Whom a row can be given to; whoever has it is chosen."""
    of = note.assignee_id if note is not None else None
    return tuple(Choice(each.get_username(), name_of(each), each.pk == of) for each in colleagues())


@transaction.atomic
def write_note(user: User, row: Any, comment: str, until: date | None, username: str) -> None:
    """Keep comment, snooze and whom a row is given to; without any of them the note is removed. Raises NotDecided for a
    login that is unknown or does not see the row.
    """
    comment = comment.strip()[:LONGEST]
    to = colleagues().filter(username=username).first() if username else None
    if username and (to is None or not visible(type(row).objects.filter(pk=row.pk), to).exists()):
        raise NotDecided("The note was not kept: choose a colleague who sees this customer.")
    before = HandoverNote.objects.filter(pk=row.pk).select_related("assignee").first()
    stood = _told(before.comment, before.snoozed_until, before.assignee) if before else None
    if not comment and until is None and to is None:
        HandoverNote.objects.filter(pk=row.pk).delete()
        if stood is not None:
            audit.record("handover.note_removed", "handover", row.pk, before=stood, who=user.get_username())
        return
    HandoverNote.objects.update_or_create(
        pk=row.pk,
        defaults={
            "customer_id": row.customer_id,
            "comment": comment,
            "snoozed_until": until,
            "assignee": to,
            "at": timezone.now(),
            "by": user,
            "by_name": user.get_full_name() or user.get_username(),
        },
    )
    audit.record(
        "handover.noted", "handover", row.pk, before=stood, after=_told(comment, until, to), who=user.get_username()
    )


def _told(comment: str, until: date | None, to: User | None) -> dict[str, object]:
    return {"comment": comment, "until": until, "to": to.get_username() if to else None}
