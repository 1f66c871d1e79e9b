"""The customer list: search, filter, sort and page over the current rollups, all of it in the URL."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet, Sum
from django.http import QueryDict

from customers.access import User, hidden_columns, visible
from customers.account_fields import FieldChoices, FieldFilter, UnknownField, field_choices, narrowed, read_filter
from customers.hidden import hidden_fields
from customers.models import Customer, CustomerRollup
from customers.pages.saved_views import CHIPS, View, count_views, get_view
from customers.search import matching
from integration_hub.models import SfUser

ROWS = 50


@dataclass(frozen=True)
class Sort:
    """A column that the list sorts by; `descending` is its natural direction."""

    name: str
    label: str
    column: str
    descending: bool
    money: bool = False
    wide: bool = False


SORTS = (
    Sort("name", "Customer", "customer__name", descending=False),
    Sort("last-year", "Revenue last year", "revenue_last_year", descending=True, money=True, wide=True),
    Sort("this-year", "Revenue this year", "revenue_ytd", descending=True, money=True),
    Sort("overdue", "Overdue", "overdue_amount", descending=True, money=True),
    Sort("open-orders", "Open orders", "open_orders_amount", descending=True, money=True, wide=True),
    Sort("last-order", "Last order", "last_order_on", descending=True, wide=True),
)
DEFAULT_SORT = SORTS[2]


@dataclass(frozen=True)
class Heading:
    """A column head: its link sorts by it, or turns the direction; `order` is the value of aria-sort."""

    sort: Sort
    query: str
    order: str


@dataclass(frozen=True)
class Chip:
    """A filter with the number of customers it holds."""

    view: View
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True)
class Row:
    """One customer of the list."""

    pk: int
    name: str
    erp_numbers: str
    city: str
    owner: str
    status: str
    rollup: CustomerRollup


@dataclass(frozen=True)
class Totals:
    """Sums over all customers found, not only those on this page; reporting currency."""

    customers: int
    revenue_last_year: Decimal
    revenue_ytd: Decimal
    overdue_amount: Decimal
    open_orders_amount: Decimal


@dataclass(frozen=True)
class Choice:
    """An option of a select."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class CustomerList:
    """Everything the list page shows; `hidden` are the columns that the reader does not see."""

    hidden: frozenset[str]
    rows: tuple[Row, ...]
    page: Page[CustomerRollup]
    totals: Totals
    headings: tuple[Heading, ...]
    chips: tuple[Chip, ...]
    owners: tuple[Choice, ...]
    fields: tuple[FieldChoices, ...]
    search: str
    sort: str
    view: View | None
    query: str
    as_of: date


def build_customer_list(user: User, as_of: date, query: QueryDict) -> CustomerList:
    """The list for one user and one query string: `q`, `view`, `owner`, `field`, `sort`, `page`; unknown values fall
    back.
    """
    hidden = hidden_columns(user)
    view, chosen = get_view(query.get("view", ""), hidden), _field(query.get("field", ""), hidden)
    found = narrowed(_found(user, as_of, query, view), chosen)
    sorts = tuple(sort for sort in SORTS if sort.column not in hidden)
    sort, descending = _sort(query.get("sort", ""), sorts)
    order = F(sort.column).desc(nulls_last=True) if descending else F(sort.column).asc(nulls_last=True)
    page = Paginator(found.select_related("customer").order_by(order, "customer"), ROWS).get_page(query.get("page"))
    return CustomerList(
        hidden=hidden,
        rows=_rows(page),
        page=page,
        totals=_totals(found),
        headings=tuple(_heading(heading, sort, query, descending=descending) for heading in sorts),
        chips=_chips(user, as_of, query, view),
        owners=_owners(user, query.get("owner", "")),
        fields=field_choices(user, chosen),
        search=query.get("q", "").strip(),
        sort=query.get("sort", ""),
        view=view,
        query=_with(query, page=""),
        as_of=as_of,
    )


def _found(user: User, as_of: date, query: QueryDict, view: View | None) -> QuerySet[CustomerRollup]:
    found = visible(CustomerRollup.objects.filter(as_of=as_of, customer__gone_at=None), user)
    found = found.filter(matching(query.get("q", ""), "customer__search_text"))
    if view is not None:
        found = found.filter(view.condition(as_of))
    if query.get("owner"):
        found = found.filter(customer__owner=query["owner"])
    return found


def _field(text: str, hidden: frozenset[str]) -> FieldFilter | None:
    with suppress(UnknownField):
        chosen = read_filter(text)
        return None if chosen and chosen.name in hidden_fields(hidden) else chosen
    return None


def _sort(text: str, sorts: tuple[Sort, ...]) -> tuple[Sort, bool]:
    turned = text.startswith("-")
    sort = next((sort for sort in sorts if sort.name == text.removeprefix("-")), None)
    if sort is None:
        usual = DEFAULT_SORT if DEFAULT_SORT in sorts else sorts[0]
        return usual, usual.descending
    return sort, sort.descending != turned


def _heading(heading: Sort, current: Sort, query: QueryDict, *, descending: bool) -> Heading:
    if heading is not current:
        return Heading(heading, _with(query, sort=heading.name), "")
    turn = "-" if descending == heading.descending else ""
    return Heading(heading, _with(query, sort=turn + heading.name), "descending" if descending else "ascending")


def _chips(user: User, as_of: date, query: QueryDict, chosen: View | None) -> tuple[Chip, ...]:
    counts = count_views(user, as_of, CHIPS)
    return tuple(
        Chip(view, counts[view.name], _with(query, view="" if view is chosen else view.name), view is chosen)
        for view in CHIPS
        if view.name in counts and (counts[view.name] or view is chosen)
    )


def _owners(user: User, chosen: str) -> tuple[Choice, ...]:
    """Owners among the visible customers; none where there is only one, as a choice of one is no choice."""
    keys = visible(Customer.objects.filter(gone_at=None), user).exclude(owner="").values("owner").distinct().order_by()
    owners = SfUser.objects.filter(Q(key__in=keys)).order_by("name").values_list("key", "name")
    choices = tuple(Choice(key, name, key == chosen) for key, name in owners)
    return choices if len(choices) > 1 else ()


def _rows(page: Page[CustomerRollup]) -> tuple[Row, ...]:
    owners = {rollup.customer.owner for rollup in page}
    names = dict(SfUser.objects.filter(key__in=owners).values_list("key", "name"))
    return tuple(
        Row(
            pk=rollup.customer.pk,
            name=rollup.customer.name or "Without a name",
            erp_numbers=rollup.customer.erp_numbers,
            city=", ".join(filter(None, (rollup.customer.city, rollup.customer.country))),
            owner=names.get(rollup.customer.owner, ""),
            status=_status(rollup.customer),
            rollup=rollup,
        )
        for rollup in page
    )


def _status(customer: Customer) -> str:
    if customer.account is None:
        return "Not linked"
    return "Prospect" if customer.is_prospect else ""


def _totals(found: QuerySet[CustomerRollup]) -> Totals:
    names = ("revenue_last_year", "revenue_ytd", "overdue_amount", "open_orders_amount")
    sums = found.aggregate(**{name: Sum(name, default=Decimal(0)) for name in names})
    return Totals(customers=found.count(), **sums)


def _with(query: QueryDict, **changes: str) -> str:
    """The query string with some parameters set, or removed where empty; always back on the first page."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return changed.urlencode()
