"""Whose figures a page shows and of which day: one customer or its whole hierarchy, today or a past day."""

from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from customers import formats
from customers.access import User, current_day, hidden_columns, visible
from customers.addresses import customer_address
from customers.behind import require_figures
from customers.calendar import comparable_days
from customers.hierarchy import below, figures_together
from customers.history import bring
from customers.known import known_customers
from customers.links_then import keys_then
from customers.measures_text import STAGE
from customers.models import AccountLink, Customer, CustomerRollup
from customers.pages.days import StoredDays, stored_days
from customers.pages.deals import Deals, count_deals
from customers.pages.identity import Identity, Past, build_identity
from customers.pages.people import Person, build_people, people_beyond
from customers.pages.sharing import part_words
from customers.parts import read_parts
from customers.stages import stage_of
from integration_hub.config import hub
from integration_hub.prepared import prepared


@dataclass(frozen=True)
class Scope:
    """What every page of one customer is about; every link that stays with the customer is made by it.

    `members` are the keys of the customers whose figures add up: itself alone, or with `group` also all below it that
    the user may see; `outside` counts those below it that the user may not see. `in_circle` says that its own parents
    lead back to it. `keys` and `accounts` are the ERP customers and accounts of all members; of a shared ERP customer
    the key means their part (PartKey). `latest` is the newest day with figures, `as_of` the day that is shown, and
    `unknown_day` what was asked for when there are no figures of that day. `rollup` is None before the first roll-up.
    """

    customer: Customer
    identity: Identity
    members: tuple[int, ...]
    outside: int
    has_group: bool
    in_circle: bool
    group: bool
    keys: tuple[str, ...]
    accounts: tuple[str, ...]
    as_of: date | None
    latest: date | None
    unknown_day: str
    rollup: CustomerRollup | None
    currency: str
    hidden: frozenset[str]

    @property
    def past(self) -> bool:
        """Whether another day than the newest is shown."""
        return self.as_of != self.latest

    @property
    def title_mark(self) -> str:
        """What the title of a page of a past day ends with."""
        return f" · as of {formats.day(self.as_of)}" if self.past else ""

    @property
    def unknown_words(self) -> str:
        """The day that was asked for and is not stored, or what was written instead of one."""
        try:
            return formats.day(date.fromisoformat(self.unknown_day))
        except ValueError:
            return f"“{self.unknown_day[:40]}”"

    @property
    def figures(self) -> CustomerRollup:
        """The stored figures; raises LookupError where there are none, which a page asks of `rollup` first."""
        if self.rollup is None:
            raise LookupError(f"Customer {self.customer.pk} has no figures of {self.as_of}.")
        return self.rollup

    @property
    def left_out(self) -> int:
        """How many documents are of companies that do not count."""
        return self.rollup.left_out_count if self.rollup else 0

    @property
    def customers(self) -> "QuerySet[Customer]":
        """The customers whose documents make the figures."""
        return known_customers(self.members, self.keys)

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """Which part of shared ERP customers is theirs, in words."""
        return part_words(self.keys)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """The contacts of all members; tab and card both show them."""
        return build_people(self.accounts, self.keys)

    @cached_property
    def more_people(self) -> int:
        """How many contacts there are beside, where they are too many for a page."""
        return people_beyond(self.keys)

    @cached_property
    def deals(self) -> Deals:
        """The opportunities of all members, as Salesforce has them today."""
        return count_deals(self.accounts)

    @cached_property
    def days(self) -> StoredDays:
        """The days that this page can be shown at."""
        return stored_days(self.customer.pk, self.as_of)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The part of the URL that says which scope this is; empty for the customer alone today."""
        day = {"as_of": self.as_of.isoformat()} if self.past and self.as_of else {}
        return day | ({"group": "1"} if self.group else {})

    def url(self, name: str, *args: object, **query: str) -> str:
        """A page of this customer in the same scope, with further parameters."""
        address = customer_address(name, self.customer.pk, *args)
        parameters = self.parameters | query
        return f"{address}?{urlencode(parameters)}" if parameters else address

    def figure_url(self, measure: str) -> str:
        """The page with the documents whose sum is this figure."""
        return self.url("figure", measure)

    def changed(self, *, group: bool | None = None, as_of: date | None = None) -> str:
        """The overview of the customer in another scope; `as_of` None keeps the day."""
        day = as_of or self.as_of
        parameters = {"as_of": day.isoformat()} if day and day != self.latest else {}
        parameters |= {"group": "1"} if (self.group if group is None else group) else {}
        address = customer_address("detail", self.customer.pk)
        return f"{address}?{urlencode(parameters)}" if parameters else address


def read_scope(customer: Customer, user: User, query: QueryDict) -> Scope:
    """The scope that a URL asks for: `as_of` YYYY-MM-DD and `group` 1. The caller has checked access to the customer.

    A day without figures, or no day at all, falls back to the latest one and says so in `unknown_day`. Raises
    FiguresBehindError while all figures are being recomputed.
    """
    latest = current_day()
    if latest is None:
        require_figures()
    as_of, unknown = _day(query.get("as_of", ""), latest)
    everybody = below(customer)
    has_group = len(everybody) > 1
    group = has_group and query.get("group") == "1"
    members = _seen(customer, everybody, user) if group else (customer.pk,)
    hidden, own = hidden_columns(user), _own(customer, as_of)
    past = Past(as_of, keys_then((customer.pk,), as_of)) if as_of and as_of != latest else None
    stage = _stage(own, past) if own and STAGE.name not in hidden else ""
    identity = build_identity(customer, user, stage, past)
    keys = identity.keys
    if group:
        # A past day's figures are made of the documents of whom was linked then.
        keys = keys_then(members, as_of) if past and as_of else _keys(members)
    return Scope(
        customer=customer,
        identity=identity,
        members=members,
        outside=len(everybody) - len(members) if group else 0,
        has_group=has_group,
        in_circle=customer.parent_id in everybody,
        group=group,
        keys=keys,
        accounts=_accounts(members) if group else tuple(filter(None, (identity.account,))),
        as_of=as_of,
        latest=latest,
        unknown_day=unknown,
        rollup=figures_together(customer, members, as_of) if as_of and len(members) > 1 else own,
        currency=hub().company.reporting_currency,
        hidden=hidden,
    )


def _stage(rollup: CustomerRollup, past: Past | None) -> str:
    """The stage by the links of the day."""
    if past is None or rollup.customer.account is None:
        return stage_of(rollup)
    then, customer = copy(rollup), copy(rollup.customer)
    customer.is_prospect, then.customer = not past.keys, customer
    return stage_of(then)


def _day(text: str, latest: date | None) -> tuple[date | None, str]:
    if not text:
        return latest, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return latest, text
    if day == latest:
        return day, ""
    stored = comparable_days().filter(as_of=day).values_list("stored", flat=True).first()
    if stored is None:
        return latest, text
    if not stored:
        bring(day)
    return day, ""


def _seen(customer: Customer, everybody: tuple[int, ...], user: User) -> tuple[int, ...]:
    seen = visible(Customer.objects.filter(pk__in=everybody, gone_at=None), user).values_list("pk", flat=True)
    return (customer.pk, *sorted(set(seen) - {customer.pk}))


def _keys(members: tuple[int, ...]) -> tuple[str, ...]:
    links = AccountLink.objects.filter(customer__in=members).order_by("erp_customer")
    return tuple(read_parts(links))


def _accounts(members: tuple[int, ...]) -> tuple[str, ...]:
    found = Customer.objects.filter(pk__in=members, account__isnull=False).order_by("account")
    return tuple(account for account in found.values_list("account", flat=True) if account)


def _own(customer: Customer, as_of: date | None) -> CustomerRollup | None:
    """The figures of the customer alone."""
    rollup: CustomerRollup | None = next(iter(_stored((customer.pk,), as_of)), None) if as_of else None
    if rollup is not None:
        rollup.customer = customer
    return rollup


@prepared
def _stored(customers: tuple[int, ...], as_of: date) -> QuerySet[Any]:
    return CustomerRollup.objects.filter(customer__in=customers, as_of=as_of)
