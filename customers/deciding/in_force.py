"""What was decided about an ERP customer, and which accounts its stored keys name."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Left, Trim

from customers.matching import rejected
from customers.models import LinkDecision, LinkVerdict
from integration_hub.models import ErpCustomer, SfAccount

# Ids of 15 characters name the same account as those of 18.
SHORT_ID = 15
MOST_MERGES = 20


def in_force(erp_customer: str) -> QuerySet[LinkDecision]:
    """What stands about an ERP customer, the latest first."""
    return LinkDecision.objects.filter(erp_customer=erp_customer, undone_at=None)


def rejected_accounts(erp_customer: str) -> set[str]:
    """The accounts that it was decided not to be."""
    found = in_force(erp_customer).filter(verdict=LinkVerdict.REJECT)
    return set(found.values_list("account", flat=True))


def rejections(erp_customer: str) -> dict[str, LinkDecision]:
    """The rejections in force by account, those of accounts that were merged also by the winner."""
    found = rejected([erp_customer])
    rows = LinkDecision.objects.in_bulk(set(found.values()))
    return {account: rows[pk] for (_, account), pk in found.items()}


def state_of(erp_customer: str) -> str:
    """A text that changes with every decision about an ERP customer, and with each that is taken back."""
    told = LinkDecision.objects.filter(erp_customer=erp_customer).aggregate(last=Max("pk"), undone=Count("undone_at"))
    return f"{told['last'] or 0}-{told['undone']}"


@dataclass(frozen=True)
class Stored:
    """An account that a stored key names: the key of the account itself or of the winner it was merged into, and every
    account by which it was come upon.
    """

    account: str
    name: str
    by: tuple[str, ...]
    words: str


def stored_accounts(erp_customer: str) -> tuple[Stored, ...]:
    """The live accounts that the ERP names, or that carry the ERP customer's number; customers/sql/link_wanted.sql has
    the same rule for all.
    """
    master = ErpCustomer.objects.select_related("company").filter(key=erp_customer).first()
    if master is None:
        return ()
    named, number = master.salesforce_account.strip(), master.number.strip()
    by_erp = SfAccount.objects.annotate(short=Left("key", SHORT_ID)).filter(short=named[:SHORT_ID])
    if len(named) != SHORT_ID:
        by_erp = SfAccount.objects.filter(key=named)
    forms = [number, f"{master.company.code}/{number}"] if master.company else [number]
    by_number = SfAccount.objects.annotate(stated=Trim("erp_number")).filter(stated__in=forms)
    found: dict[str, Stored] = {}
    for words, accounts in (
        ("the ERP names it", by_erp if named else ()),
        (f"it carries ERP number {number}", by_number if number else ()),
    ):
        for account, winner in _winners(accounts):
            before = found.get(winner.key)
            found[winner.key] = Stored(
                winner.key,
                winner.name,
                (*(before.by if before else ()), account.key, winner.key),
                f"{before.words} and {words}" if before and before.words != words else words,
            )
    return tuple(sorted(found.values(), key=lambda each: (each.name, each.account)))


def _winners(accounts: Iterable[SfAccount]) -> list[tuple[SfAccount, SfAccount]]:
    """Each account with the live one that it is today; deleted ones have none."""
    found = []
    for account in accounts:
        now: SfAccount | None = account
        for _ in range(MOST_MERGES):
            if now is None or now.deleted_at is None:
                break
            now = SfAccount.objects.filter(key=now.master_record).first() if now.master_record else None
        if now is not None and now.deleted_at is None:
            found.append((account, now))
    return found


def objecting(erp_customer: str, *accounts: str) -> tuple[Stored, ...]:
    """The accounts that stored keys name beside these and that nobody rejected."""
    rejected = rejected_accounts(erp_customer)
    others = (each for each in stored_accounts(erp_customer) if each.account not in accounts)
    return tuple(each for each in others if not rejected & set(each.by))
