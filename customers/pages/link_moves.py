"""Which ERP customers came to this account or left it, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from customers.linking import link_history
from customers.models import LinkEvent
from integration_hub.models import ErpCustomer
from integration_hub.prepared import prepared

SHOWN = 5
# why -> words for an ERP customer that came, and for one that left
CAME: Mapping[str, str] = {
    "merged": "came with an account that was merged into this one",
    "moved": "came from another account",
    "linked": "is linked to this account again",
    "decided": "was linked to this account by a decision",
    "identifier": "is linked to this account by an exact identifier",
    "shared": "is shared with this account by a rule",
}
LEFT: Mapping[str, str] = {
    "merged": "went to the account that this one was merged into",
    "moved": "went to another account",
    "decided": "went to another account by a decision",
    "identifier": "went to another account by an exact identifier",
    "shared": "went to other accounts by a rule",
    "deleted": "stands alone since this account was deleted",
    "unlinked": "is linked to no account any more",
    "ground_gone": "is linked to no account any more, as no exact identifier tells it now",
    "gone": "left the ERP",
}


@dataclass(frozen=True)
class LinkMove:
    """One line of the audit. `other` is the id of the other account, whose page checks who may see it; may be empty."""

    number: str
    words: str
    other: str
    at: datetime


def words_of(event: LinkEvent, accounts: Collection[str]) -> str:
    """What the move was for these accounts."""
    if event.to_account in accounts:
        return CAME.get(event.why, "moved")
    return LEFT.get(event.why, "moved")


def build_link_moves(account: str) -> tuple[LinkMove, ...]:
    """The latest moves to or from an account that the caller has already checked access to; none without one."""
    events = _history((account,)) if account else []
    numbers = dict(_numbers(tuple({event.erp_customer for event in events})))
    moves = []
    for event in events:
        came = event.to_account == account
        number = numbers.get(event.erp_customer) or event.erp_customer
        moves.append(
            LinkMove(number, words_of(event, (account,)), event.from_account if came else event.to_account, event.at)
        )
    return tuple(moves)


@prepared
def _history(accounts: tuple[str, ...]) -> QuerySet[LinkEvent]:
    return link_history(accounts[0], SHOWN)


@prepared
def _numbers(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return ErpCustomer.objects.filter(key__in=keys).values_list("key", "number")
