"""The rows of the queue: each ERP customer with its money and the account that it most likely is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from customers.matching import to_compare
from customers.models import LinkProposal
from integration_hub.models import ErpCustomer, SfAccount


@dataclass(frozen=True)
class Proposal:
    """The likeliest account of an ERP customer, and how many others there are."""

    name: str
    score: Decimal
    others: int


@dataclass(frozen=True)
class QueueRow:
    """One ERP customer; its money is that of its account where it is linked, with all its other ERP customers.
    `waiting` says that it is still to be compared with the accounts.
    """

    url: str
    customer: int
    name: str
    note: str
    detail: str
    account: str
    revenue_12m: Decimal | None
    overdue_amount: Decimal | None
    proposal: Proposal | None
    waiting: bool


def case_url(erp_customer: str) -> str:
    """The page on which the account of an ERP customer is decided."""
    return reverse("customers:link_case", args=[erp_customer])


def queue_rows(links: Sequence[Any], part: str) -> tuple[QueueRow, ...]:
    """Links with their figures (`revenue` and `overdue`) as a part of the queue shows them."""
    keys = [link.erp_customer for link in links]
    proposals: dict[str, list[LinkProposal]] = {}
    for each in LinkProposal.objects.filter(erp_customer__in=keys).order_by("-score", "account"):
        proposals.setdefault(each.erp_customer, []).append(each)
    best = {found[0].account for found in proposals.values()}
    names = dict(SfAccount.objects.filter(key__in=best).values_list("key", "name"))
    masters = ErpCustomer.objects.in_bulk(keys)
    waiting = to_compare(keys)
    return tuple(
        _row(
            link,
            masters.get(link.erp_customer),
            proposals.get(link.erp_customer, []),
            names,
            shows_detail=part != "" or not link.detail.startswith("No account carries"),
            waiting=link.erp_customer in waiting,
        )
        for link in links
    )


def _row(
    link: Any,
    master: Any,
    proposals: Sequence[LinkProposal],
    names: Mapping[str, str],
    *,
    shows_detail: bool,
    waiting: bool,
) -> QueueRow:
    customer = link.customer
    best = proposals[0] if proposals else None
    return QueueRow(
        url=case_url(link.erp_customer),
        customer=customer.pk,
        name=(master.name or master.number if master else "") or link.erp_customer,
        note=", ".join(filter(None, (master.number, master.city, master.country))) if master else "",
        detail=link.detail if shows_detail else "",
        account=customer.name if link.account else "",
        revenue_12m=link.revenue,
        overdue_amount=link.overdue,
        proposal=Proposal(names.get(best.account, best.account), best.score, len(proposals) - 1) if best else None,
        waiting=waiting,
    )
