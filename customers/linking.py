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

from customers.models import AccountLink, CustomerRollup, LinkEvent, LinkShare, LinkStatus
from customers.statements import fetch, run
from integration_hub.models import ErpInvoice, ErpOpenItem, ErpOrder

# A change in any of these may move a link or a name.
LINKING_TABLES = frozenset({"erp_customer", "erp_company", "sf_account"})
ANALYZE_FROM = 1000
ZERO = Decimal(0)


def link(as_of: date, *, full: bool) -> None:
    """Bring customers and links up to date from the mirror; fills the temporary table `relinked` with every customer
    that gained or lost an ERP customer. Needs derive_customer; `full` says that it holds every key. Links that change
    are valid from the day on.
    """
    run("link_wanted", full=full, some=False)
    _share()
    run("link_wanted_analyze")
    run("linking_account", some=False)
    if run("customer_of_account", some=False) + run("customer_alone") >= ANALYZE_FROM:
        run("customer_analyze")
    run("customer_gone")
    run("customer_parent")
    _keep(as_of)


def link_some(erp_customers: Sequence[str], as_of: date) -> None:
    """The same for a few ERP customers, and those with the same number: all others stay as they are linked."""
    run("link_scope", keys=list(erp_customers))
    run("link_wanted", full=False, some=True)
    _share()
    run("linking_account", some=True)
    run("link_wanted_rest")
    run("link_wanted_analyze")
    run("customer_of_account", some=True)
    run("customer_alone")
    run("customer_gone")
    _keep(as_of)


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


def _keep(as_of: date) -> None:
    run("relinked_start")
    run("relinked")
    run("link_event")
    run("account_link_gone")
    if run("account_link") >= ANALYZE_FROM:
        run("account_link_analyze")
    for step in ("undone", "end", "again", "begin"):
        run(f"link_period_{step}", as_of=as_of)


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
