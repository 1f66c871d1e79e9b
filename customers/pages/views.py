"""The log of one customer: who opened or exported it, the latest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from customers.access import User, own_salesforce_user, role
from customers.books import owners_seen
from customers.models import Customer, CustomerView
from integration_hub.models import SfUser
from integration_hub.prepared import prepared

ROWS = 100
# URL name -> what was looked at, in words; other pages are called by their own name.
PAGES = {
    "detail": "Overview",
    "canvas": "Overview, inside Salesforce",
    "erp_customers": "ERP customers",
    "open_items": "Open items",
    "pre_call": "Pre-call card",
    "not_converted": "Documents without a rate",
    "handover": "From won to cash",
    "figure": "A figure with its documents",
    "export": "Exported to a file",
}


@dataclass(frozen=True)
class ViewRow:
    """Somebody looked within one hour; `place` names the absent person that a deputy stood in for."""

    hour: datetime
    who: str
    what: str
    exported: bool
    place: str


@dataclass(frozen=True)
class ViewLog:
    """One page of the log."""

    rows: tuple[ViewRow, ...]
    page: Page[Any]


def may_read_log(user: User, customer: Customer) -> bool:
    """The log is for the owner, those in roles above the owner's, and administrators; not for deputies or teams."""
    if role(user) == "administrator":
        return True
    own = own_salesforce_user(user)
    return bool(own and customer.owner and _above((own,), (customer.owner,)))


@prepared
def _above(viewers: tuple[str, ...], owners: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return owners_seen(viewers).filter(owner__in=owners).values_list("owner")[:1]


def build_view_log(customer: Customer, page_number: str | None) -> ViewLog:
    """The log of a customer that the caller may read."""
    views = CustomerView.objects.filter(customer=customer).select_related("user").order_by("-hour", "user", "page")
    page = Paginator(views, ROWS).get_page(page_number)
    absent = {view.deputy_for for view in page if view.deputy_for}
    names = dict(SfUser.objects.filter(key__in=absent).values_list("key", "name")) if absent else {}
    rows = tuple(
        ViewRow(
            hour=view.hour,
            who=view.user.get_full_name() or view.user.get_username(),
            what=PAGES.get(view.page, view.page.replace("_", " ").capitalize()),
            exported=view.page == "export",
            place=names.get(view.deputy_for, view.deputy_for),
        )
        for view in page
    )
    return ViewLog(rows, page)
