"""The card on a customer's page that says in which fields ERP and Salesforce differ."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from customers.books import company_date
from customers.differences.fields import label_of
from customers.differences.shown import in_state
from customers.hidden import rests_on
from customers.models import Difference
from customers.pages.scope import Scope
from integration_hub.prepared import prepared

SHOWN = 5


@dataclass(frozen=True)
class Differing:
    """How many fields differ, the first of them by id and name, and the customer whose inbox lists them."""

    count: int
    shown: tuple[tuple[int, str], ...]
    customer: int


@rests_on()
def build_differing(scope: Scope) -> Differing:
    """The open differences of the customer, as of now. Those of a group's other members are
    on their own pages.
    """
    customer = scope.identity.pk
    rows = [(pk, name) for pk, name in _open((customer,), company_date()) if name not in scope.hidden]
    shown = tuple((pk, label_of(name)) for pk, name in rows[:SHOWN])
    return Differing(len(rows), shown, customer)


@prepared
def _open(customers: tuple[int, ...], today: Any) -> "QuerySet[Any, Any]":
    found = Difference.objects.filter(in_state("open", today), customer__in=customers)
    return found.order_by("field", "pk").values_list("pk", "field")
