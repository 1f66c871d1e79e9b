"""Says which account each ERP customer belongs to, and keeps one customer row per account or unlinked ERP customer.

The key may stand on either side: the account id in the ERP's customer, or the ERP number on the account ("4711", or
"10/4711" where several companies use the same number). Where nothing is stored, an exact identifier that one account
has too links (LinkProposal.certain). What people decided (LinkDecision) links or keeps apart before both. Stored keys
that contradict each other or a decision are a conflict and link nothing. A merged account hands its links to the
winner; a deleted one parks them as unlinked, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from customers.circles import tell_of_circles
from customers.models import AccountLink, CustomerRollup, LinkEvent, LinkShare, LinkStatus
from customers.statements import fetch, run
from integration_hub.config import hub
from integration_hub.models import ErpInvoice, ErpOpenItem, ErpOrder

# A change in any of these may move a link or a name.
LINKING_TABLES = frozenset({"erp_customer", "erp_company", "sf_account"})
ANALYZE_FROM = 1000
ZERO = Decimal(0)


@dataclass(frozen=True)
class Concerned:
    """What a decision touches: the ERP customers that are linked anew, and the accounts that they leave or come to."""

    erp_customers: tuple[str, ...]
    accounts: tuple[str, ...]

    @property
    def customers(self) -> Q:
        """The condition on Customer."""
        return Q(account__in=self.accounts) | Q(erp_customer__in=self.erp_customers)


def link(as_of: date, *, full: bool) -> None:
    """Bring customers and links up to date from the mirror; fills the temporary table `relinked` with every customer
    that gained or lost an ERP customer. Needs derive_customer; `full` says that it holds every key. Links that change
    are valid from the day on.
    """
    if full:
        run("loops_off")
    run("link_wanted", full=full, keys=None, accounts=None)
    _share()
    run("link_wanted_analyze")
    written = run("customer_of_account", accounts=None) + run("customer_alone")
    if written >= ANALYZE_FROM:
        run("customer_analyze")
    if run("customer_gone", keys=None, accounts=None) + run("customer_parent") + written or full:
        tell_of_circles()
    _keep(as_of, None)
    if full:
        run("loops_on")


def concerned_by(erp_customers: Sequence[str]) -> Concerned:
    """What linking a few ERP customers anew may touch: them and those whose links follow theirs. Fills derive_customer,
    and link_wanted with where they belong; nothing is linked yet.
    """
    keys = _with_followers(erp_customers)
    run("derive_scope_some", keys=keys)
    run("derive_scope_some_analyze")
    accounts = [str(key) for (key,) in fetch("link_scope_accounts", keys=keys)]
    run("link_wanted", full=False, keys=keys, accounts=accounts)
    _share()
    touched = [str(key) for (key,) in fetch("linking_account", keys=keys)]
    return Concerned(tuple(keys), tuple(sorted(touched)))


def _with_followers(erp_customers: Sequence[str]) -> list[str]:
    """These, those with whom they have an account in common by its number, those with whom these have, and so on."""
    keys = sorted(set(erp_customers))
    while True:
        more = sorted(str(key) for (key,) in fetch("link_scope", keys=keys))
        if more == keys:
            return keys
        keys = more


def link_some(concerned: Concerned, as_of: date) -> None:
    """Link what is concerned by link_wanted: all others stay as they are linked. Fills `relinked`."""
    keys, accounts = list(concerned.erp_customers), list(concerned.accounts)
    run("link_wanted_rest", accounts=accounts)
    run("link_wanted_analyze")
    run("customer_of_account", accounts=accounts)
    run("customer_alone")
    run("customer_gone", keys=keys, accounts=accounts)
    run("link_wanted_rest_gone")
    _keep(as_of, keys)


def _share() -> None:
    """Divide the ERP customers that rules share over the accounts."""
    if LinkShare.objects.exists():
        run("link_shared")


def place_documents() -> None:
    """Bring up to date to which ship-to party the documents go, of the ERP customers in derive_customer that are shared
    by it. After linking, before rolling up.
    """
    run("document_place_gone")
    if LinkShare.objects.exclude(ship_to="").exists():
        run("document_place")


def _keep(as_of: date, keys: list[str] | None) -> None:
    """Write links, events and periods by link_wanted: of these ERP customers, or of all."""
    run("relinked_start")
    run("relinked", keys=keys)
    run("link_event", keys=keys)
    run("account_link_gone", keys=keys)
    if run("account_link") >= ANALYZE_FROM:
        run("account_link_analyze")
    for step in ("undone", "end", "again", "begin"):
        run(f"link_period_{step}", as_of=as_of, keys=keys, zone=hub().company.time_zone)


def keep_links() -> None:
    """Leave everything linked as it is."""
    run("relinked_start")


def needs_linking(changed: set[str]) -> bool:
    """Whether a publish that changed these tables can have moved a link or brought an unknown customer, or an exact
    identifier was found since the last.
    """
    return bool(changed & LINKING_TABLES) or bool(fetch("unknown_customer")) or bool(fetch("identified_since"))


def share_out_accounts() -> None:
    """Rebuild who may see whose accounts from users and role hierarchy; writes only differences."""
    run("role_scope_gone")
    run("role_scope")


def share_out_teams(*, everything: bool) -> None:
    """Bring up to date which customers are seen through account teams: all, or those of the accounts in
    derive_account. Needs customers, and who may see whose accounts; writes only differences.
    """
    which = "all" if everything else "touched"
    run(f"team_wanted_{which}")
    run("team_wanted_analyze")
    run(f"team_scope_gone_{which}")
    run("team_scope")


def link_history(account: str, most: int = 50) -> QuerySet[LinkEvent]:
    """What moved to or from an account, the latest first."""
    return LinkEvent.objects.filter(Q(from_account=account) | Q(to_account=account))[:most]


@dataclass(frozen=True)
class Unlinked:
    """ERP customers of one link status with the money that no account shows; reporting currency."""

    status: LinkStatus
    customers: int
    revenue_12m: Decimal
    open_orders: Decimal
    overdue: Decimal


@dataclass(frozen=True)
class UnlinkedSummary:
    """What stays outside the accounts at a day. `revenue_12m` is that of all customers, so that a share can be told;
    `documents_without_customer` are live orders, invoices and open items that name no customer at all.
    """

    as_of: date
    groups: tuple[Unlinked, ...]
    revenue_12m: Decimal
    documents_without_customer: int

    @property
    def revenue_share(self) -> Decimal | None:
        """Part of the last 12 months' revenue that no account shows, 0 to 1; None without revenue."""
        outside = sum((group.revenue_12m for group in self.groups), ZERO)
        return outside / self.revenue_12m if self.revenue_12m else None


def unlinked_summary(as_of: date) -> UnlinkedSummary:
    """Unlinked and conflicting ERP customers with their money, from the rollups of that day."""
    rollups = CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None)
    total = rollups.aggregate(total=Sum("revenue_12m"))["total"]
    groups = tuple(_unlinked(rollups, status) for status in (LinkStatus.UNLINKED, LinkStatus.CONFLICT))
    nameless = Q(customer=None) | Q(customer="")
    documents = sum(model.objects.live().filter(nameless).count() for model in (ErpOrder, ErpInvoice, ErpOpenItem))
    return UnlinkedSummary(as_of, groups, total or ZERO, documents)


def _unlinked(rollups: QuerySet[CustomerRollup], status: LinkStatus) -> Unlinked:
    customers = AccountLink.objects.filter(status=status).values("customer")
    sums = rollups.filter(customer__in=customers).aggregate(
        customers=Count("pk"),
        revenue=Sum("revenue_12m"),
        orders=Sum("open_orders_amount"),
        overdue=Sum("overdue_amount"),
    )
    return Unlinked(status, sums["customers"], sums["revenue"] or ZERO, sums["orders"] or ZERO, sums["overdue"] or ZERO)
