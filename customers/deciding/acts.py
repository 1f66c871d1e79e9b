"""Takes decisions about links and takes them back: each in one transaction with the links and figures that follow."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from customers import rollups
from customers.calendar import current_day
from customers.deciding.asking import evidence
from customers.deciding.in_force import in_force, objecting, state_of
from customers.deciding.since import hold_no_more
from customers.models import (
    AccountLink,
    LinkDecision,
    LinkProposal,
    LinkShare,
    LinkStatus,
    LinkVerdict,
    MatchRecord,
    MatchSide,
)
from customers.publishing import recompute_past, relink
from integration_hub import audit
from integration_hub.config import hub
from integration_hub.models import RunKind, SfAccount
from integration_hub.push import switch
from integration_hub.runs import request_run

log = logging.getLogger(__name__)
# A publish that takes longer has many rows: whoever decides is told to come back.
WAIT = "15s"
REPLACED = "Replaced by a later decision."
LONGEST_REASON = 1000
# So many are linked while somebody waits; more are left to a worker, as the figures of thousands take a while.
AT_ONCE = 500


class NotDecided(Exception):
    """Why nothing was decided, as a sentence for whoever wanted to."""


@dataclass(frozen=True)
class Wanted:
    """A decision as it was asked for. `seen` is in_force.state_of as the page showed it; `overrule` says that stored
    keys which name another account are known, and that one rejected; `batch` is a bulk action's.
    """

    verdict: LinkVerdict
    erp_customer: str
    account: str = ""
    reason: str = ""
    seen: str = ""
    overrule: bool = False


def decide(user: User, wanted: Wanted) -> LinkDecision:
    """Take a decision, link by it and recompute whom it touches. One that is in force already, as from a form that was
    sent twice, is given back. Raises NotDecided.
    """
    wanted = replace(wanted, reason=wanted.reason.strip()[:LONGEST_REASON])
    with alone():
        link = AccountLink.objects.filter(erp_customer=wanted.erp_customer).first()
        if link is None:
            raise NotDecided("This ERP customer is gone: the ERP has neither it nor a document of it any more.")
        same = in_force(wanted.erp_customer).filter(verdict=wanted.verdict, account=wanted.account).first()
        if same is not None and not (wanted.verdict == LinkVerdict.ACCEPT and link.status == LinkStatus.CONFLICT):
            return same
        check_seen(wanted)
        if wanted.verdict in {LinkVerdict.ACCEPT, LinkVerdict.REJECT}:
            check_account(wanted)
        made = add(user, wanted)
        relink([wanted.erp_customer])
        if wanted.verdict == LinkVerdict.ACCEPT:
            settle(user, wanted, made, [made.account])
        ask_for_push(user)
        note(user, made)
    log.info("Login %s decided %s about %s and %s", user.pk, made.verdict, made.erp_customer, made.account or "none")
    return made


def undo(user: User, decisions: Sequence[int], reason: str = "") -> list[LinkDecision]:
    """Take decisions back; what each of them had replaced is in force again. Raises NotDecided where one was taken back
    already.
    """
    now = timezone.now()
    with alone():
        rows = list(LinkDecision.objects.filter(pk__in=decisions))
        gone = next((row for row in rows if row.undone_at is not None), None)
        if gone is not None or not rows:
            by = f" by {gone.undone_by_name}" if gone and gone.undone_by_name else ""
            raise NotDecided(f"This decision was taken back already{by}.")
        LinkDecision.objects.filter(pk__in=[row.pk for row in rows]).update(
            undone_at=now, undone_by_name=name_of(user), undone_reason=reason.strip()[:LONGEST_REASON]
        )
        _bring_back(user, rows, now)
        _compare_again(rows)
        anew = hold_no_more(rows)
        follow(user, sorted({row.erp_customer for row in rows}))
        for since, until, customers in anew:
            recompute_past(since, until, sorted(customers))
        told = [f"{row.verdict} {row.erp_customer} {row.account}".strip() for row in rows]
        what = rows[0].erp_customer if len(rows) == 1 else f"{len(rows)} decisions"
        audit.record("link.undone", "link", what, before={"decided": told}, who=user.get_username())
    log.info("Login %s took back %s decisions about links", user.pk, len(rows))
    return rows


@contextmanager
def alone() -> Iterator[None]:
    """A transaction that no publish and no other decision overlaps. Raises NotDecided where one takes too long."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"set local lock_timeout = '{WAIT}'")
                rollups.begin()
                cursor.execute("set local lock_timeout to default")
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise NotDecided(
                "A sync is storing its figures right now, so nothing was decided. Try again in a minute."
            ) from error
        raise


def name_of(user: User) -> str:
    """How decisions name a person, also after the login was deleted."""
    return (user.get_full_name() or user.get_username())[:150]


def follow(user: User, erp_customers: Sequence[str]) -> bool:
    """Link some ERP customers by what was decided, with the figures of both accounts; whether a worker does it, as
    there are too many to wait for.
    """
    if len(erp_customers) <= AT_ONCE:
        relink(erp_customers)
        ask_for_push(user)
        return False
    as_of = current_day()
    if as_of is not None:
        options = {"as_of": as_of.isoformat(), "current": True}
        request_run(RunKind.ROLLUP, by=user.get_username(), options=options)
    return True


def ask_for_push(user: User) -> None:
    """Let a push follow, as after a sync that changed figures."""
    if switch.allows() and hub().push.fields and hub().salesforce is not None:
        request_run(RunKind.PUSH, "salesforce", by=user.get_username())


def check_seen(wanted: Wanted) -> None:
    """Raises NotDecided where something was decided since the page was read."""
    if not wanted.seen or wanted.seen == state_of(wanted.erp_customer):
        return
    last = LinkDecision.objects.filter(erp_customer=wanted.erp_customer).first()
    if last is None:
        raise NotDecided("The page was out of date. Look at it again, and decide then.")
    did = f"{last.undone_by_name} took a decision back" if last.undone_at else f"{last.by_name} decided meanwhile"
    raise NotDecided(f"{did}: “{LinkVerdict(last.verdict).label}”. Look at the page as it is now, and decide then.")


def check_account(wanted: Wanted) -> None:
    """Raises NotDecided where the account cannot be decided for."""
    account = SfAccount.objects.filter(key=wanted.account).first()
    if account is None:
        raise NotDecided("There is no such account. Choose one of those shown, or search for another.")
    if wanted.verdict == LinkVerdict.REJECT or account.deleted_at is None:
        return
    winner = SfAccount.objects.filter(key=account.master_record).first() if account.master_record else None
    if winner is not None:
        raise NotDecided(f"{account.name} was merged into {winner.name} in Salesforce. Decide for that one.")
    raise NotDecided(f"{account.name} was deleted in Salesforce, so nothing can be linked to it.")


def settle(user: User, wanted: Wanted, made: LinkDecision, accounts: Sequence[str]) -> None:
    """Where stored keys say otherwise than the accounts decided for: reject what they name if that was asked for, else
    take nothing of it.
    """
    link = AccountLink.objects.filter(erp_customer=wanted.erp_customer).order_by("place").first()
    if link is None or link.status != LinkStatus.CONFLICT:
        return
    others = objecting(wanted.erp_customer, *accounts)
    if not wanted.overrule:
        named = " and ".join(f"{other.name} ({other.words})" for other in others)
        raise NotDecided(
            f"A stored key names {named or 'another account'}. To link all the same, tick that this is another company."
        )
    made.batch = uuid4()
    made.save(update_fields=["batch"])
    for other in others:
        reason = f"Another account was chosen although {other.words}."
        add(user, replace(wanted, verdict=LinkVerdict.REJECT, account=other.account, reason=reason), batch=made.batch)
    relink([wanted.erp_customer])
    torn = AccountLink.objects.filter(erp_customer=wanted.erp_customer, status=LinkStatus.CONFLICT).first()
    if torn is not None:
        raise NotDecided(torn.detail)


def add(user: User, wanted: Wanted, accounts: Sequence[str] = (), **more: Any) -> LinkDecision:
    """Write a decision down and take back what cannot stand beside it; `accounts` are those of a rule."""
    now = timezone.now()
    _replace(user, wanted, now, accounts)
    score, shown = _evidence(wanted)
    return LinkDecision.objects.create(
        at=now,
        by=user,
        by_name=name_of(user),
        verdict=wanted.verdict,
        erp_customer=wanted.erp_customer,
        account=wanted.account,
        reason=wanted.reason,
        score=score,
        evidence=shown,
        **more,
    )


def _replace(user: User, wanted: Wanted, now: datetime, accounts: Sequence[str]) -> None:
    """Take back what cannot stand beside a decision."""
    standing = in_force(wanted.erp_customer)
    if wanted.verdict == LinkVerdict.REJECT:
        standing = standing.filter(verdict=LinkVerdict.ACCEPT, account=wanted.account)
    else:
        standing = standing.exclude(verdict=LinkVerdict.REJECT) | standing.filter(
            verdict=LinkVerdict.REJECT, account__in=[account for account in (wanted.account, *accounts) if account]
        )
    standing.update(undone_at=now, undone_by_name=name_of(user), undone_reason=REPLACED)


def _evidence(wanted: Wanted) -> tuple[Decimal | None, list[Any] | None]:
    """What is known for and against the pair at this moment."""
    if not wanted.account:
        return None, None
    proposal = LinkProposal.objects.filter(erp_customer=wanted.erp_customer, account=wanted.account).first()
    if proposal is not None:
        return proposal.score, proposal.evidence
    match = evidence(wanted.erp_customer, wanted.account)
    return match.score, match.evidence


def _compare_again(rows: Iterable[LinkDecision]) -> None:
    """ERP customers whose rejection was taken back are due, as the account may be proposed again."""
    keys = {row.erp_customer for row in rows if row.verdict == LinkVerdict.REJECT}
    if keys:
        MatchRecord.objects.filter(side=MatchSide.ERP, key__in=keys).update(due=True)


def _bring_back(user: User, rows: Iterable[LinkDecision], now: datetime) -> None:
    """Decide again what the decisions taken back had replaced: rows are only added."""
    taken = {(row.erp_customer, row.at) for row in rows}
    customers, moments = {customer for customer, _ in taken}, {at for _, at in taken}
    found = LinkDecision.objects.filter(erp_customer__in=customers, undone_at__in=moments, undone_reason=REPLACED)
    replaced = [row for row in found.order_by("pk") if (row.erp_customer, row.undone_at) in taken]
    again = [
        LinkDecision(
            at=now,
            by=user,
            by_name=name_of(user),
            verdict=before.verdict,
            erp_customer=before.erp_customer,
            account=before.account,
            reason=f"In force again: the decision that replaced it was taken back. {before.reason}".strip(),
            score=before.score,
            evidence=before.evidence,
            valid_from=before.valid_from,
            replaced=before.replaced,
        )
        for before in replaced
    ]
    made = dict(zip((before.pk for before in replaced), LinkDecision.objects.bulk_create(again, 500), strict=True))
    shares = list(LinkShare.objects.filter(decision__in=list(made)))
    for one in shares:
        one.pk, one.decision = None, made[one.decision_id]
    LinkShare.objects.bulk_create(shares, batch_size=500)


def note(user: User, made: LinkDecision) -> None:
    """Put a decision into the audit, as the last act of its transaction."""
    after = {"verdict": made.verdict, "account": made.account, "reason": made.reason, "decision": made.pk}
    audit.record("link.decided", "link", made.erp_customer, after=after, who=user.get_username())
