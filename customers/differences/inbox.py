"""The inbox: differences with filters from the URL, counted, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from customers.access import own_salesforce_user
from customers.books import company_date
from customers.differences.acting import colleagues
from customers.differences.fields import FIELDS, label_of
from customers.differences.rows import DifferenceRow, build_rows
from customers.differences.shown import STATES, differences_for, falling_to, in_state, name_of
from customers.keyset import Order, page_of
from customers.models import Customer, Difference, DifferenceCheck
from integration_hub.config import hub
from integration_hub.models import SfUser

ROWS = 50
NEWEST = Order("opened_at", "id", descending=True, nullable=False, read=datetime.fromisoformat)
DIRECTIONS = (("salesforce", "To correct in Salesforce"), ("erp", "To correct in the ERP"))
# What stands before the key of a Salesforce user to whom differences fall by default; no login begins with it.
BY_DEFAULT = "owner:"
ANYBODY = (("me", "Mine to correct"), ("nobody", "Assigned to nobody in person"))


@dataclass(frozen=True)
class Choice:
    """An option of a select, or a chip with its count; `query` is the URL that chooses it."""

    value: str
    label: str
    chosen: bool
    count: int | None = None
    query: str = ""


@dataclass(frozen=True)
class Filters:
    """What the URL asks for; what it cannot mean is left out."""

    state: str
    field: str
    direction: str
    who: str
    own_accounts: bool
    customer: int | None

    @property
    def empty(self) -> bool:
        """Whether nothing but a state is chosen."""
        return not (self.field or self.direction or self.who or self.own_accounts or self.customer)

    @property
    def only_mine(self) -> bool:
        """Whether just those that fall to the reader are asked for, as the link at the side does."""
        return self.who == "me" and not (self.field or self.direction or self.own_accounts or self.customer)


@dataclass(frozen=True)
class Inbox:
    """One page of the inbox. `declared` says whether any field has a master at all."""

    filters: Filters
    rows: tuple[DifferenceRow, ...]
    count: int
    states: tuple[Choice, ...]
    fields: tuple[Choice, ...]
    directions: tuple[Choice, ...]
    people: tuple[Choice, ...]
    colleagues: tuple[Choice, ...]
    may_ask_own: bool
    customer: Customer | None
    before: str
    after: str
    query: str
    declared: bool
    compared_at: datetime | None
    today: date

    @property
    def export_query(self) -> str:
        """The same differences as a report, which takes these filters."""
        chosen = {"state": "" if self.filters.state == "open" else self.filters.state, "what": self.filters.field}
        chosen |= {"direction": self.filters.direction, "who": self.filters.who}
        return urlencode({name: value for name, value in chosen.items() if value})

    @property
    def may_be_report(self) -> bool:
        """Whether there is a report of just these differences."""
        return bool(self.count) and not self.filters.own_accounts and self.filters.customer is None


def build_inbox(user: User, given: QueryDict) -> Inbox:
    """The page that a URL asks for."""
    today, filters = company_date(), read_filters(given)
    seen = differences_for(user)
    found = filtered(seen, filters, user)
    states = found.order_by().aggregate(**{name: Count("pk", filter=_counting(name, today)) for name in STATES})
    chosen = found.filter(in_state(filters.state, today)).select_related("customer", "assignee")
    page = page_of(chosen, NEWEST, ROWS, after=given.get("after", ""), before=given.get("before", ""))
    others = _people()
    falls = _by_default(seen, filters, user, today)
    check = DifferenceCheck.objects.first()
    kept = given.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    return Inbox(
        filters=filters,
        rows=build_rows(page.rows, today),
        count=states[filters.state],
        states=tuple(
            Choice(name, label, name == filters.state, states[name], _with(kept, state=name))
            for name, label in STATES.items()
            if name != "all"
        ),
        fields=_fields(seen, filters, user, today),
        directions=tuple(Choice(name, label, name == filters.direction) for name, label in DIRECTIONS),
        people=(*(Choice(name, label, name == filters.who) for name, label in (*ANYBODY, *others)), *falls),
        colleagues=tuple(Choice(name, label, chosen=False) for name, label in others),
        may_ask_own=bool(own_salesforce_user(user)),
        customer=_customer(seen, filters.customer),
        before=page.before,
        after=page.after,
        query=kept.urlencode(),
        declared=bool(hub().masters.compared),
        compared_at=check.compared_at if check else None,
        today=today,
    )


def read_filters(given: Mapping[str, str]) -> Filters:
    """The filters of a URL."""
    customer = given.get("customer", "")
    return Filters(
        state=given.get("state", "") if given.get("state", "") in STATES else "open",
        field=given.get("field", "") if given.get("field", "") in FIELDS else "",
        direction=given.get("direction", "") if given.get("direction", "") in dict(DIRECTIONS) else "",
        who=given.get("who", "")[:150],
        own_accounts=given.get("accounts", "") == "own",
        customer=int(customer) if customer.isascii() and customer.isdigit() and len(customer) < 18 else None,
    )


def filtered(differences: QuerySet[Difference], filters: Filters, user: User) -> QuerySet[Difference]:
    """The differences that the filters ask for, in whichever state."""
    if filters.field:
        differences = differences.filter(field=filters.field)
    return _filtered_but_field(differences, filters, user)


def _filtered_but_field(differences: QuerySet[Difference], filters: Filters, user: User) -> QuerySet[Difference]:
    if filters.direction:
        differences = differences.filter(master="erp" if filters.direction == "salesforce" else "salesforce")
    if filters.who == "me":
        differences = differences.filter(falling_to(user))
    elif filters.who == "nobody":
        differences = differences.filter(assignee=None)
    elif filters.who.startswith(BY_DEFAULT):
        differences = differences.filter(assignee=None, falls_to=filters.who.removeprefix(BY_DEFAULT))
    elif filters.who:
        differences = differences.filter(assignee__username=filters.who)
    if filters.own_accounts:
        differences = differences.filter(customer__owner=own_salesforce_user(user) or None)
    if filters.customer is not None:
        differences = differences.filter(customer=filters.customer)
    return differences


def _counting(state: str, today: date) -> Q:
    return in_state(state, today) & Q(pk__isnull=False)


def _fields(seen: QuerySet[Difference], filters: Filters, user: User, today: date) -> tuple[Choice, ...]:
    """The fields in which something differs, with how often in the chosen state."""
    found = _filtered_but_field(seen, filters, user).filter(in_state(filters.state, today))
    counts = dict(found.order_by().values_list("field").annotate(rows=Count("pk")))
    names = [name for name in FIELDS if name in counts or name == filters.field]
    return tuple(Choice(name, label_of(name), name == filters.field, counts.get(name, 0)) for name in names)


def _by_default(seen: QuerySet[Difference], filters: Filters, user: User, today: date) -> tuple[Choice, ...]:
    """The owners to whom differences fall that nobody was assigned, also those without a login, with how many fit the
    other filters.
    """
    anybody = replace(filters, who="")
    found = filtered(seen, anybody, user).filter(in_state(filters.state, today), assignee=None).exclude(falls_to="")
    counts = dict(found.order_by().values_list("falls_to").annotate(rows=Count("pk")))
    chosen = filters.who.removeprefix(BY_DEFAULT) if filters.who.startswith(BY_DEFAULT) else ""
    owners = SfUser.objects.filter(key__in={*counts, chosen}).order_by("name", "key")
    return tuple(
        Choice(f"{BY_DEFAULT}{key}", f"{name}, by default", key == chosen, counts.get(key, 0))
        for key, name in owners.values_list("key", "name")
    )


def _people() -> list[tuple[str, str]]:
    return [(one.get_username(), name_of(one)) for one in colleagues()]


def _customer(seen: QuerySet[Difference], customer: int | None) -> Customer | None:
    """The customer of the filter, where the user sees any difference of it."""
    if customer is None:
        return None
    return Customer.objects.filter(pk__in=seen.filter(customer=customer).values("customer")).first()


def _with(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed[name] = value
    return changed.urlencode()
