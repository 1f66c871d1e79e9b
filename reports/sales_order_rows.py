"""Reports on Salesforce orders against the orders of the ERP: their columns, and what stands above an empty one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse

from customers import formats
from customers.handover.sales import APART, SalesList
from customers.models import SalesOrderStanding
from integration_hub.config import hub
from integration_hub.optional_objects import Reading, object_states
from reports.columns import CellKind, Column
from reports.handover_rows import CUSTOMER, OWNER, age, amount, awake, handover_answer, noted
from reports.shape import Answer, Question

Standing = SalesOrderStanding.Standing
NUMBER = Column(
    name="number",
    label="Salesforce order",
    value=Coalesce(NullIf("sales_order__number", Value("")), "pk", output_field=CharField()),
)
DEAL = Column(
    name="deal",
    label="Opportunity",
    value=Coalesce(F("sales_order__opportunity__name"), Value(""), output_field=CharField()),
    wide=True,
)
STATE = Column(
    name="state",
    label="State",
    value=Case(
        *(When(standing=each.value, then=Value(str(each.label))) for each in Standing),
        default=Value(""),
        output_field=CharField(),
    ),
)
SINCE = Column(name="since", label="Activated", kind=CellKind.DATE, value="since", wide=True)
SOLD = amount("sold", "In Salesforce", "amount")
ORDERED = amount("ordered", "Ordered", "ordered")
CANCELLED = amount("cancelled", "Cancelled", "cancelled", wide=True)
DIFFERENCE = amount(
    "difference",
    "Ordered less Salesforce",
    APART,
    definition="Net, without what is cancelled of the order. Empty where numbers name different orders.",
)
MATCHED = (
    "An ERP order belongs to a Salesforce order by the ERP’s number stored in it, by its PO number, by the number of "
    "its quote, by its own number in the ERP, or as the only order of its opportunity; else the one of the same "
    "customer that fits best by amount and day is proposed. Where numbers name different orders, none is chosen."
)


def sale_page(keys: Mapping[str, Any]) -> str:
    """What became of a Salesforce order."""
    return reverse("customers:handover_sale", args=[keys["key"]])


def sales_answer(
    question: Question, rows: QuerySet[SalesOrderStanding], own: Sequence[Column], notes: Sequence[str], **more: Any
) -> Answer:
    """One row per Salesforce order, with `own` columns behind whose it is."""
    shown = awake(question, question.seen(rows), "sales_order_id")
    columns = (NUMBER, CUSTOMER, OWNER, age(question, "since"), *own, *noted(question, "sales_order_id"))
    return handover_answer(
        question,
        shown,
        columns,
        key="sales_order_id",
        opens=sale_page,
        noun="order",
        notes=(*_unread(), *_unknown(shown), *notes, MATCHED),
        **more,
    )


def worklist(
    question: Question, chosen: SalesList, own: Sequence[Column], *, empty: str, notes: Sequence[str], **more: Any
) -> Answer:
    """The rows of a worklist; `empty` is what its being empty means."""
    rows = chosen.rows(SalesOrderStanding.objects.all())
    there = awake(question, question.seen(rows), "sales_order_id").exists()
    return sales_answer(question, rows, own, (*(() if there else (empty,)), *notes), **more)


def _unread() -> tuple[str, ...]:
    """Why there are no Salesforce orders at all, where they are not read."""
    if hub().salesforce is None:
        return ()
    state = object_states("Order")["Order"]
    return (state.words,) if state.reading == Reading.ABSENT else ()


def _unknown(rows: QuerySet[SalesOrderStanding]) -> tuple[str, ...]:
    count = rows.filter(amount=None).count()
    if not count:
        return ()
    have = "has no amount" if count == 1 else "have no amount"
    return (f"{formats.plural(count, 'order')} {have}, or no exchange rate for it: they are in no total.",)
