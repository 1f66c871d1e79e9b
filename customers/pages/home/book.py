"""The book: the customers that a page is about, all that the user may see or those of one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404

from customers.access import User, hidden_columns, own_salesforce_user, owns_alone, people, sees_all, visible
from customers.companies import counting
from customers.known import MOST_KEYS, all_customers, known_customers, not_gone
from customers.models import AccountLink, Customer, CustomerRollup, OpenOrder
from customers.parts import Mine, held_by, parts_among, read_parts
from customers.totals import owner_totals, visible_owners, visible_totals
from integration_hub.models import SfUser
from integration_hub.models.common import Mirrored


@dataclass(frozen=True)
class Person:
    """One choice of the switch; an empty key stands for everybody."""

    key: str
    label: str
    chosen: bool

    @property
    def value(self) -> str:
        """As an option of the switch."""
        return self.key


@dataclass(frozen=True)
class Book:
    """Whose customers, for whom, at which day. `person` is a Salesforce user id, empty for all that the user sees."""

    user: User
    as_of: date
    person: str = ""
    choices: tuple[Person, ...] = ()

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The columns that the user does not see."""
        return hidden_columns(self.user)

    @property
    def owner(self) -> str:
        """The name of the person chosen; empty for all."""
        return next((choice.label for choice in self.choices if choice.chosen and choice.key), "")

    def query(self, **parameters: str) -> str:
        """The query string that keeps the person, with further parameters; empty ones are left out."""
        given = {"person": self.person, **parameters}
        text = urlencode({name: value for name, value in given.items() if value})
        return f"?{text}" if text else ""

    def customers(self) -> QuerySet[Customer]:
        """The customers of the book that are still there."""
        found = visible(Customer.objects.filter(gone_at=None), self.user)
        return found.filter(owner=self.person) if self.person else found

    def rollups(self) -> QuerySet[CustomerRollup]:
        """Their stored figures at the day."""
        found = visible(CustomerRollup.objects.filter(not_gone(), as_of=self.as_of), self.user)
        return found.filter(customer__owner=self.person) if self.person else found

    def open_orders(self) -> QuerySet[OpenOrder]:
        """Their orders with something to deliver."""
        found = visible(OpenOrder.objects.filter(not_gone()), self.user)
        return found.filter(customer__owner=self.person) if self.person else found

    @cached_property
    def everything(self) -> bool:
        """Whether no condition narrows the book: those who see all look at everybody."""
        return not self.person and sees_all(self.user)

    @cached_property
    def totals(self) -> tuple[Mapping[str, int], Mapping[str, Decimal]] | None:
        """The stored counts and sums of all its customers; None where they must be added: of one person's book only a
        part may be seen by an account team.
        """
        if not self.person:
            return visible_totals(self.user, self.as_of)
        return owner_totals(self.person, self.as_of) if owns_alone(self.user) else None

    def documents(self, model: type[Mirrored]) -> QuerySet[Any]:
        """Their documents of one kind that count. For those who see all of everybody no condition on customers is left,
        so that a day's documents are found by their day alone.
        """
        found = counting(model)
        if self.everything:
            return visible(found, self.user)
        keys = self.erp_customers
        return found.filter(customer__in=keys) if isinstance(keys, QuerySet) else found.filter(held_by(model, keys))

    @property
    def whose(self) -> Mine:
        """What of the ERP customers is theirs; who sees all of everybody divides nothing."""
        keys = () if self.everything else self.erp_customers
        return Mine(keys, () if isinstance(keys, QuerySet) else parts_among(keys))

    @cached_property
    def erp_customers(self) -> list[str] | QuerySet[Any]:
        """The keys of the ERP customers of the book, which the user may see therefore, of shared ones with their part.
        Up to MOST_KEYS are read once and stand in every query: the planner would look up the owner of each document of
        all customers otherwise.
        """
        links = AccountLink.objects.filter(customer__in=self.customers().order_by())
        few = read_parts(links[: MOST_KEYS + 1])
        return few if len(few) <= MOST_KEYS else links.values_list("erp_customer", flat=True)

    def with_documents(self) -> QuerySet[Customer]:
        """The customers, with the keys of their ERP customers where these were read."""
        if self.everything:
            return all_customers()
        keys = self.erp_customers
        return self.customers() if isinstance(keys, QuerySet) else known_customers(self.customers(), tuple(keys))


def read_book(user: User, as_of: date, person: str) -> Book:
    """The book that the URL names: a Salesforce user id, "me", or nothing for all. Raises Http404 for a person whose
    book the user may not open, as if there were none.
    """
    own = own_salesforce_user(user)
    found = _people(user, as_of, own)
    key = own if person == "me" else person
    if person and key not in {key for key, _name in found}:
        raise Http404
    choices = [Person("", "Whole team" if own else "Everybody", not key)]
    found.sort(key=lambda each: each[0] != own)
    choices += [Person(each, f"{name} (me)" if each == own else name, each == key) for each, name in found]
    return Book(user, as_of, key, tuple(choices) if len(found) > 1 else ())


def _people(user: User, as_of: date, own: str) -> list[tuple[str, str]]:
    """Key and name of those whose books the user may open: who owns customers is stored, else asked."""
    stored = SfUser.objects.filter(Q(key__in=visible_owners(user, as_of)) | Q(key=own))
    found = list(stored.order_by("name", "key").values_list("key", "name"))
    return found if len(found) > 1 else list(people(user).order_by("name", "key").values_list("key", "name"))
