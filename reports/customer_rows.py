"""Reports whose rows are customers: who, whose, and figures of one day that open their documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from customers.account_fields import in_words, narrowed
from customers.models import Customer, CustomerRollup
from integration_hub.models import SfUser
from reports.columns import Column, without
from reports.rows import QueryRows
from reports.shape import Answer, Question

# Over rows of CustomerRollup.
CUSTOMER = Column(name="name", label="Customer", value="customer__name")
ERP_NUMBERS = Column(name="erp_numbers", label="ERP number", value="customer__erp_numbers", wide=True)
OWNER = Column(
    name="owner",
    label="Owner",
    value=Subquery(SfUser.objects.filter(key=OuterRef("customer__owner")).values("name")[:1]),
)
WHO = (CUSTOMER, ERP_NUMBERS, OWNER)
KEYS = {"customer": "customer_id"}
TIES = ("customer__name", "customer_id")


def customer_url(keys: Mapping[str, Any]) -> str:
    """The customer's page."""
    return reverse("customers:detail", args=[keys["customer"]])


def customer_answer(
    question: Question, rollups: QuerySet[CustomerRollup], columns: Sequence[Column], **more: Any
) -> Answer:
    """An answer that lists these rollups; its account field is applied by `asked_of`."""
    shown = without(columns, question.hidden)
    by = next((column for column in shown if column.name == question.sort), None)
    descending = question.descending and by is not None
    rows = QueryRows(rollups, shown, keys=KEYS, by=by or CUSTOMER, descending=descending, ties=TIES)
    return Answer(
        columns=shown,
        rows=rows,
        row_url=customer_url,
        noun="customer",
        customers=lambda: Customer.objects.filter(pk__in=rollups.order_by().values("customer_id")),
        **more,
    )


def asked_of(question: Question) -> QuerySet[CustomerRollup]:
    """The rollups of the day that the reader may see, narrowed by the account field of the question."""
    return narrowed(question.rollups(), question.values.get("field"))


def field_words(question: Question) -> tuple[str, ...]:
    """The account field of the question in words."""
    chosen = question.values.get("field")
    return (in_words(chosen),) if chosen else ()
