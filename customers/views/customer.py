"""The customer page and its tabs."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from customers.access import prepared_visible, visible
from customers.calendar import current_day
from customers.hidden import may_show
from customers.history import bring
from customers.links_then import there
from customers.models import Customer, CustomerRollup
from customers.opened import remember_customer
from customers.pages.activity import build_activity
from customers.pages.document_lists import LISTINGS, build_document_list
from customers.pages.erp_customers import build_erp_customers
from customers.pages.former import now_part_of
from customers.pages.identity import Identity
from customers.pages.overview import build_overview
from customers.pages.products import build_category, build_products
from customers.pages.prospect import build_prospect
from customers.pages.record import customer_of_record, page_of_record
from customers.pages.scope import Scope, read_scope
from customers.pages.tabs import Tab, build_tabs
from customers.pages.timeline import build_timeline
from customers.pages.trust import Trust, build_trust
from customers.pages.views import may_read_log
from integration_hub.config import hub, longest_minutes
from integration_hub.one_request import once
from integration_hub.prepared import prepared

# Beyond it an offset is no page of a list any more.
MOST_PAGES = 100_000


@dataclass(frozen=True)
class Head:
    """What every page of one customer shows above its content."""

    scope: Scope
    tabs: tuple[Tab, ...]

    @property
    def identity(self) -> Identity:
        """Who the customer is; of a group, who stands at its top."""
        return self.scope.identity


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Key figures and the evidence cards, from the rollup of the current day."""
    if moved := _moved(request, pk):
        return redirect("customers:detail", pk=moved.pk)
    head = customer_head(request, pk, "overview")
    remember_customer(request.session, pk)
    aging = request.GET.get("aging", "")
    overview = build_overview(head.scope, request.user, aging=aging) if head.scope.rollup else None
    prospect = build_prospect(head.scope, request.user) if head.identity.is_prospect and not head.scope.keys else None
    context = {
        "head": head,
        "overview": overview,
        "currency": head.scope.currency,
        "trust": _trust(request, head),
        "prospect": prospect,
        "may_read_log": may_read_log(request.user, head.scope.customer),
    }
    return render(request, "customers/detail.html", context)


@require_safe
def documents(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One list of documents; which one stands in the URL."""
    if moved := _moved(request, pk):
        return redirect(f"customers:{name}", pk=moved.pk)
    head = customer_head(request, pk, name)
    found = build_document_list(LISTINGS[name], head.scope, request.GET)
    context = {
        "head": head,
        "found": found,
        "as_of": head.scope.as_of,
        "currency": head.scope.currency,
        "trust": _trust(request, head),
    }
    return render(request, f"customers/{name}.html", context)


@require_safe
def contacts(request: HttpRequest, pk: int) -> HttpResponse:
    """People at the customer, from Salesforce and the ERP."""
    if moved := _moved(request, pk):
        return redirect("customers:contacts", pk=moved.pk)
    head = customer_head(request, pk, "contacts")
    return render(
        request,
        "customers/contacts.html",
        {"head": head, "people": head.scope.people, "currency": head.scope.currency, "trust": _trust(request, head)},
    )


@require_safe
def erp_customers(request: HttpRequest, pk: int) -> HttpResponse:
    """The ERP customers behind it, by number; `after` is the key of the last one of the page before."""
    if moved := _moved(request, pk):
        return redirect("customers:erp_customers", pk=moved.pk)
    head = customer_head(request, pk, "")
    found = build_erp_customers(head.scope, request.GET.get("after", ""))
    context = {
        "head": head,
        "found": found,
        "next_url": head.scope.url("erp_customers", after=found.after),
        "trust": _trust(request, head),
    }
    return render(request, "customers/erp_customers.html", context)


@require_safe
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened, newest first; `kind` and `after` stand in the URL."""
    if moved := _moved(request, pk):
        return redirect("customers:timeline", pk=moved.pk)
    head = customer_head(request, pk, "timeline")
    known = head.scope.rollup is not None
    context = {
        "head": head,
        "timeline": build_timeline(head.scope, request.GET) if known else None,
        "activity": build_activity(head.scope) if known else None,
        "as_of": head.scope.as_of,
    }
    return render(request, "customers/timeline.html", context)


@require_safe
def products(request: HttpRequest, pk: int) -> HttpResponse:
    """Every product category with its revenue of 12 months and of the 12 before."""
    if moved := _moved(request, pk):
        return redirect("customers:products", pk=moved.pk)
    head = customer_head(request, pk, "products")
    if not may_show(build_products, head.scope.hidden):
        raise Http404
    card = build_products(head.scope) if head.scope.rollup else None
    context = {"head": head, "card": card, "as_of": head.scope.as_of, "currency": head.scope.currency}
    return render(request, "customers/products.html", context)


@require_safe
def product(request: HttpRequest, pk: int, category: str) -> HttpResponse:
    """The invoice lines of one category; `period` before shows the 12 months before, `page` turns pages."""
    if moved := _moved(request, pk):
        return redirect("customers:products", pk=moved.pk)
    head = customer_head(request, pk, "products")
    if head.scope.rollup is None or not may_show(build_products, head.scope.hidden):
        raise Http404
    text = request.GET.get("page", "")
    page = int(text) if text.isascii() and text.isdigit() and 0 < int(text) < MOST_PAGES else 1
    found = build_category(head.scope, category, before=request.GET.get("period") == "before", page=page)
    context = {"head": head, "found": found, "as_of": head.scope.as_of, "currency": head.scope.currency}
    return render(request, "customers/product.html", context)


@require_safe
def by_salesforce_id(request: HttpRequest, record: str) -> HttpResponse:
    """From an account's or opportunity's id of 15 or 18 characters to its customer; a merged account leads to the
    winner, a deleted one to what was known of it. An id that Salesforce has not shown yet and one of somebody else's
    account get the same answer.
    """
    customer = customer_of_record(record, request.user)
    if customer is None:
        salesforce = hub().salesforce
        context = {"minutes": longest_minutes(salesforce) if salesforce else None}
        return render(request, "customers/no_record.html", context, status=404)
    return redirect(f"customers:{page_of_record(record)}", pk=customer.pk)


def _moved(request: HttpRequest, pk: int) -> Customer | None:
    """The customer that a former one has become part of since: an unlinked ERP customer that was linked, or an account
    that was merged. Its old page leads there. Http404 when the user may not see that one.
    """
    seen = _customer(request, pk)
    if seen is not None and seen.gone_at is None:
        return None
    former = next(iter(_gone((pk,))), None)
    if former is None or (seen is not None and _had_figures(former, request.GET.get("as_of", ""))):
        return None
    today = now_part_of((former,)).get(former.pk)
    if not today:
        return None
    seen_today = visible(Customer.objects.filter(pk__in=today), request.user).order_by("pk").first()
    if seen_today is None:
        raise Http404
    return seen_today


def _had_figures(former: Customer, day: str) -> bool:
    """Whether a past day is asked for that was kept while the customer was still there: its page shows that day."""
    try:
        as_of = date.fromisoformat(day)
    except ValueError:
        return False
    if as_of == current_day():
        return False
    bring(as_of)
    return CustomerRollup.objects.filter(there(as_of), customer=former, as_of=as_of).exists()


def _customer(request: HttpRequest, pk: int) -> Customer | None:
    """The customer, where the user may see it; read once per request."""
    return once(f"customer {pk}", lambda: next(iter(_seen(request.user, (pk,))), None))


@prepared
def _gone(pks: tuple[int, ...]) -> "QuerySet[Customer]":
    return Customer.objects.filter(pk__in=pks, gone_at__isnull=False)


@prepared_visible
def _seen(pks: tuple[int, ...]) -> "QuerySet[Customer]":
    return Customer.objects.filter(pk__in=pks).select_related("parent")


def _trust(request: HttpRequest, head: Head) -> Trust | None:
    return build_trust(head.scope, request.user)


def customer_head(request: HttpRequest, pk: int, tab: str) -> Head:
    """The head of a page of one customer; Http404 for one that the user may not see."""
    customer = _customer(request, pk)
    if customer is None:
        raise Http404
    scope = read_scope(customer, request.user, request.GET)
    return Head(scope, build_tabs(scope, tab))
