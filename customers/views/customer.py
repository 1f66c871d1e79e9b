"""The customer page and its tabs."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from customers.access import current_day, hidden_columns, visible
from customers.models import AccountLink, Customer, CustomerRollup
from customers.pages.document_lists import LISTINGS, build_document_list
from customers.pages.identity import Identity, account_of_opportunity, build_identity, by_account
from customers.pages.overview import build_overview
from customers.pages.people import build_people
from customers.pages.prospect import build_prospect
from customers.pages.tabs import Tab, build_tabs
from customers.pages.views import may_read_log
from integration_hub.config import hub

OPPORTUNITY = "006"  # how ids of opportunities begin


@dataclass(frozen=True)
class Head:
    """What every page of one customer shows above its content."""

    customer: Customer
    identity: Identity
    tabs: tuple[Tab, ...]
    rollup: CustomerRollup | None


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Key figures and the evidence cards, from the rollup of the current day."""
    if moved := _moved(request, pk):
        return redirect("customers:detail", pk=moved.pk)
    head = _head(request, pk, "overview")
    currency = hub().company.reporting_currency
    overview = None
    if head.rollup:
        overview = build_overview(head.customer, head.identity, head.rollup, currency, hidden_columns(request.user))
    context = {
        "head": head,
        "overview": overview,
        "currency": currency,
        "prospect": build_prospect(head.identity.account, request.user) if head.identity.is_prospect else None,
        "may_read_log": may_read_log(request.user, head.customer),
    }
    return render(request, "customers/detail.html", context)


@require_safe
def documents(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One list of documents; which one stands in the URL."""
    if moved := _moved(request, pk):
        return redirect(f"customers:{name}", pk=moved.pk)
    head = _head(request, pk, name)
    found = build_document_list(LISTINGS[name], head.identity, request.GET)
    context = {"head": head, "found": found, "as_of": current_day(), "currency": hub().company.reporting_currency}
    return render(request, f"customers/{name}.html", context)


@require_safe
def contacts(request: HttpRequest, pk: int) -> HttpResponse:
    """People at the customer, from Salesforce and the ERP."""
    if moved := _moved(request, pk):
        return redirect("customers:contacts", pk=moved.pk)
    head = _head(request, pk, "contacts")
    people = build_people(head.identity.account, head.identity.keys)
    return render(request, "customers/contacts.html", {"head": head, "people": people})


@require_safe
def by_salesforce_id(request: HttpRequest, record: str) -> HttpResponse:
    """From an account's or opportunity's id of 15 or 18 characters to its customer; a merged account leads to the
    winner, a deleted one to what was known of it. An id that Salesforce has not shown yet and one of somebody else's
    account get the same answer.
    """
    of_deal = record.startswith(OPPORTUNITY)
    account = account_of_opportunity(record) if of_deal else by_account(record)
    customers = visible(Customer.objects.filter(account=account), request.user) if account else Customer.objects.none()
    customer = customers.first()
    if customer is None:
        salesforce = hub().salesforce
        context = {"minutes": salesforce.every_minutes if salesforce else None}
        return render(request, "customers/no_record.html", context, status=404)
    return redirect("customers:opportunities" if of_deal else "customers:detail", pk=customer.pk)


def _moved(request: HttpRequest, pk: int) -> Customer | None:
    """The customer that a former one has become part of since: an unlinked ERP customer that was linked, or an account
    that was merged. Its old page leads there. Http404 when the user may not see that one.
    """
    former = Customer.objects.filter(pk=pk, gone_at__isnull=False).first()
    if former is None:
        return None
    today = _merged_into(former) if former.account else _linked_to(former)
    return get_object_or_404(visible(Customer.objects.all(), request.user), pk=today) if today else None


def _linked_to(former: Customer) -> int | None:
    links = AccountLink.objects.filter(erp_customer=former.erp_customer).exclude(customer=former)
    return links.values_list("customer_id", flat=True).first()


def _merged_into(former: Customer) -> int | None:
    others = Customer.objects.filter(account=by_account(former.account or "")).exclude(pk=former.pk)
    return others.values_list("pk", flat=True).first()


def _head(request: HttpRequest, pk: int, tab: str) -> Head:
    customer = get_object_or_404(visible(Customer.objects.select_related("parent"), request.user), pk=pk)
    identity, as_of = build_identity(customer), current_day()
    rollup = CustomerRollup.objects.filter(customer=pk, as_of=as_of).first() if as_of else None
    return Head(customer, identity, build_tabs(identity, rollup, tab), rollup)
