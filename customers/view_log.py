"""Who opened or exported which customer: written after each page, kept as long as hub.toml says.

A middleware writes it, so that no page can be forgotten: every page of the URLs below "customers" that names a customer
(`pk`, `erp_customer`) or a document (`key`) counts. Reports are exported by many customers at once and say so
themselves.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from customers.access import lent_books, own_salesforce_user
from customers.books import is_in_book
from customers.models import AccountLink, Customer, CustomerView
from customers.statements import run_alone
from integration_hub.config import hub
from integration_hub.models import ErpDelivery, ErpInvoice, ErpOrder, ErpPayment
from integration_hub.prepared import prepared

log = logging.getLogger(__name__)
# Pages of one document by URL name -> what their key names.
DOCUMENTS: Mapping[str, Any] = {
    "order": ErpOrder,
    "delivery": ErpDelivery,
    "invoice": ErpInvoice,
    "payment": ErpPayment,
}
EXPORT = "export"
# Reading the log is no visit to the customer.
NOT_LOGGED = frozenset({"views"})
LONGEST_NAME = 20
BATCH = 5_000


class ViewLogMiddleware:
    """Writes down each customer page that was answered, after its answer was made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, unchanged: a log that cannot be written never keeps a page from being shown."""
        response = self.get_response(request)
        match = request.resolver_match
        if request.method == "GET" and response.status_code == 200 and match and match.namespace == "customers":
            page = match.url_name or ""
            if page not in NOT_LOGGED:
                _note(request.user, page, match.kwargs)
        return response


def note_export(user: Any, customers: QuerySet[Any]) -> None:
    """Write down that the figures of these customers left as a file."""
    try:
        with transaction.atomic():
            hour, batch = _hour(timezone.now()), []
            for (pk,) in customers.order_by().values_list("pk").iterator(chunk_size=BATCH):
                batch.append(CustomerView(customer_id=pk, user=user, page=EXPORT, hour=hour))
                if len(batch) == BATCH:
                    CustomerView.objects.bulk_create(batch, ignore_conflicts=True)
                    batch = []
            CustomerView.objects.bulk_create(batch, ignore_conflicts=True)
    except DatabaseError as error:
        _not_written(EXPORT, error)


def note_page(user: Any, page: str, pk: int) -> None:
    """Write down that a customer was shown to somebody who is not signed in here, as inside Salesforce."""
    _note(user, page, {"pk": pk})


def forget_old(now: datetime) -> int:
    """Remove what is older than hub.toml wants it kept; the number of rows."""
    days = hub().access.view_log_days
    if not days:
        return 0
    return CustomerView.objects.filter(hour__lt=now - timedelta(days=days)).delete()[0]


def _note(user: Any, page: str, named: Mapping[str, Any]) -> None:
    try:
        customer = _customer(page, named) if user.is_authenticated else None
        if customer is not None:
            run_alone(
                "note_view",
                customer=customer,
                user=user.pk,
                page=page[:LONGEST_NAME],
                hour=_hour(timezone.now()),
                deputy_for=_in_whose_place(user, customer),
            )
    except DatabaseError as error:
        _not_written(page, error)


def _customer(page: str, named: Mapping[str, Any]) -> int | None:
    """The key of the customer that a page is about; None for a page about none."""
    if "pk" in named:
        pk: int = named["pk"]
        return pk
    if "erp_customer" in named:
        return next(iter(_of_erp_customer((named["erp_customer"],))), None)
    model = DOCUMENTS.get(page)
    if model is None or "key" not in named:
        return None
    return next(iter(_of_document((named["key"],), model)), None)


@prepared
def _of_erp_customer(keys: tuple[str, ...]) -> "QuerySet[Any, Any]":
    return AccountLink.objects.filter(erp_customer__in=keys).values_list("customer", flat=True)


@prepared
def _of_document(documents: tuple[str, ...], model: Any) -> "QuerySet[Any, Any]":
    erp_customers = model.objects.filter(pk__in=documents).values("customer_id")
    return AccountLink.objects.filter(erp_customer__in=erp_customers).values_list("customer", flat=True)[:1]


def _in_whose_place(user: User, pk: int) -> str:
    """The absent person through whose book a deputy sees the customer; empty where it is in the deputy's own."""
    lent = lent_books(user)
    customer = Customer.objects.filter(pk=pk).first() if lent else None
    if customer is None:
        return ""
    own = own_salesforce_user(user)
    if own and is_in_book(customer, own):
        return ""
    return next((each.absent for each in lent if is_in_book(customer, each.absent)), "")


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _not_written(page: str, error: DatabaseError) -> None:
    """A database that takes no writes, such as a standby, still shows pages; that they were seen is known from here."""
    log.warning("A view of the page %s was not written down, because the database refused it: %s", page, error)
