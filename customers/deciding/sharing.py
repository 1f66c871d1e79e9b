"""Shares one ERP customer over several accounts: the rule is a decision, taken and taken back like every other."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import transaction

from customers.calendar import current_day
from customers.deciding.acts import (
    LONGEST_REASON,
    NotDecided,
    Wanted,
    add,
    alone,
    ask_for_push,
    check_account,
    check_seen,
    note,
    settle,
)
from customers.deciding.in_force import in_force
from customers.deciding.since import hold_since
from customers.models import AccountLink, LinkDecision, LinkShare, LinkVerdict
from customers.publishing import relink
from integration_hub.models import ErpCustomer

log = logging.getLogger(__name__)
ALL = Decimal(100)
# A part is kept with so many decimals of a per cent.
DECIMALS = 4
MOST_ROWS = 50
EARLIEST = date(1990, 1, 1)
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Row:
    """One row of a rule: an account with its per cent, with a ship-to party (key of an ERP customer), or with neither:
    the account that gets what goes to no party that is named.
    """

    account: str
    per_cent: Decimal | None = None
    ship_to: str = ""


def share(
    user: User,
    erp_customer: str,
    rows: Sequence[Row],
    reason: str,
    *,
    since: date | None = None,
    seen: str = "",
    overrule: bool = False,
) -> LinkDecision:
    """Share an ERP customer by a rule, and recompute every account that it adds to now or did before. It holds from
    today on, or since an earlier day: then the figures stored since that day are computed anew too. The same rule as
    the one in force is given back. `seen` and `overrule` are as in Wanted. Raises NotDecided.
    """
    with alone():
        made = _decided(user, erp_customer, rows, reason, since=since, seen=seen, overrule=overrule)
        _hold_since(made, since)
        ask_for_push(user)
        note(user, made)
    log.info("Login %s shared %s over %s accounts", user.pk, erp_customer, len({row.account for row in rows}))
    return made


def tried(user: User, erp_customer: str, rows: Sequence[Row], read: Callable[[], Seen], *, overrule: bool) -> Seen:
    """What `read` sees if the rule were in force: it is put in force, looked at, and taken out again before anybody
    else sees it. Raises NotDecided.
    """
    with transaction.atomic():
        with alone():
            _decided(user, erp_customer, rows, "", since=None, seen="", overrule=overrule)
            found = read()
        transaction.set_rollback(True)
    return found


def rule_in_force(erp_customer: str) -> tuple[Row, ...]:
    """The rows of the rule that shares an ERP customer now; none where no rule does."""
    decision = in_force(erp_customer).filter(verdict=LinkVerdict.SHARE).first()
    return rows_of(decision) if decision else ()


def first_day_in_force(erp_customer: str) -> date | None:
    """Since when the rule in force holds, where it was given a first day."""
    decision = in_force(erp_customer).filter(verdict=LinkVerdict.SHARE).first()
    return decision.valid_from if decision else None


def rows_of(decision: LinkDecision) -> tuple[Row, ...]:
    """The rows of a rule in their order."""
    return tuple(Row(row.account, row.per_cent, row.ship_to) for row in decision.shares.order_by("place"))


def _hold_since(made: LinkDecision, since: date | None) -> None:
    day = current_day()
    if made.valid_from is not None and made.valid_from == since and made.replaced is None and day is not None:
        hold_since(made, day)


def check_since(since: date | None) -> None:
    """Raises NotDecided for a first day that is none."""
    day = current_day()
    if since is None or day is None:
        return
    if since > day:
        raise NotDecided("A rule cannot begin after today: figures of a day exist once it has begun.")
    if since.year < EARLIEST.year:
        raise NotDecided(f"The first day is too long ago. Write one from {EARLIEST.year} on.")


def _decided(
    user: User,
    erp_customer: str,
    rows: Sequence[Row],
    reason: str,
    *,
    since: date | None,
    seen: str,
    overrule: bool,
) -> LinkDecision:
    wanted = Wanted(
        LinkVerdict.SHARE, erp_customer, reason=reason.strip()[:LONGEST_REASON], seen=seen, overrule=overrule
    )
    if not AccountLink.objects.filter(erp_customer=erp_customer).exists():
        raise NotDecided("This ERP customer is gone: the ERP has neither it nor a document of it any more.")
    standing = in_force(erp_customer).filter(verdict=LinkVerdict.SHARE).first()
    same = standing is not None and rows_of(standing) == tuple(rows) and since in {None, standing.valid_from}
    if standing is not None and same and not overrule:
        return standing
    check_seen(wanted)
    check_rows(rows)
    check_since(since)
    accounts = sorted({row.account for row in rows})
    for account in accounts:
        check_account(Wanted(LinkVerdict.ACCEPT, erp_customer, account))
    made = add(user, wanted, accounts, valid_from=since)
    LinkShare.objects.bulk_create(
        LinkShare(decision=made, place=place, account=row.account, per_cent=row.per_cent, ship_to=row.ship_to)
        for place, row in enumerate(rows)
    )
    relink([erp_customer])
    settle(user, wanted, made, accounts)
    return made


def check_rows(rows: Sequence[Row]) -> None:
    """Raises NotDecided for rows that make no rule: what they share must be everything, and only once."""
    if len({row.account for row in rows}) < 2:
        raise NotDecided("Name at least two accounts. For one account, link it to that.")
    if len(rows) > MOST_ROWS:
        raise NotDecided(f"A rule has at most {MOST_ROWS} rows.")
    by_per_cent = [row for row in rows if row.per_cent is not None]
    if not by_per_cent:
        _check_parties(rows)
    elif len(by_per_cent) < len(rows) or any(row.ship_to for row in rows):
        raise NotDecided("Share either by per cent or by ship-to party: every row needs the same.")
    else:
        _check_per_cents(rows)


def _check_per_cents(rows: Sequence[Row]) -> None:
    if len({row.account for row in rows}) < len(rows):
        raise NotDecided("An account stands in two rows. Give it one row with both per cents together.")
    total = Decimal(0)
    for row in rows:
        part = row.per_cent or Decimal(0)
        if not 0 < part < ALL:
            raise NotDecided("Every per cent must be more than 0 and less than 100.")
        if part != round(part, DECIMALS):
            raise NotDecided(f"A per cent has at most {DECIMALS} decimals.")
        total += part
    if total != ALL:
        told, rest = format(total.normalize(), "f"), format(abs(ALL - total).normalize(), "f")
        what = "are missing" if total < ALL else "are too many"
        raise NotDecided(
            f"The per cents add up to {told}, not to 100: {rest} {what}. Give them to one of the accounts."
        )


def _check_parties(rows: Sequence[Row]) -> None:
    parties = [row.ship_to for row in rows if row.ship_to]
    if len(parties) != len(rows) - 1:
        raise NotDecided(
            "Name exactly one account that gets the rest: what goes to no party of the rule, or nobody knows."
        )
    if len(set(parties)) < len(parties):
        raise NotDecided("A ship-to party stands in two rows. Its documents can go to one account only.")
    known = set(ErpCustomer.objects.filter(key__in=parties).values_list("key", flat=True))
    unknown = [party for party in parties if party not in known]
    if unknown:
        raise NotDecided(f"The ERP has no customer {', '.join(unknown)} that anything could be delivered to.")
