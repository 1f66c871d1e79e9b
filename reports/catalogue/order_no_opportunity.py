"""Orders that no opportunity became."""

from customers.models import OrderWithoutOpportunity
from integration_hub.config import hub
from reports.columns import CellKind, Column
from reports.handover_rows import (
    ASKED,
    CUSTOMER,
    GROUP,
    MATCHED,
    OWNER,
    RESTS_ON,
    age,
    amount,
    awake,
    handover_answer,
    noted,
    order_page,
)
from reports.shape import Answer, Question, Report

NUMBER = Column(name="number", label="Order", value="order__number")
ORDERED_ON = Column(name="ordered_on", label="Ordered", kind=CellKind.DATE, value="ordered_on", wide=True)
POSSIBLE = Column(
    name="possible",
    label="Possible opportunities",
    kind=CellKind.COUNT,
    value="possible",
    wide=True,
    definition="Opportunities of the customer that fit equally well.",
)


def answer(question: Question) -> Answer:
    """One row per order."""
    rows = awake(question, question.seen(OrderWithoutOpportunity.objects.all()), "order_id")
    columns = (
        NUMBER,
        CUSTOMER,
        OWNER,
        age(question, "ordered_on"),
        amount("amount", "Net", "amount"),
        ORDERED_ON,
        POSSIBLE,
        Column(name="reference", label="Customer's reference", value="order__customer_reference", wide=True),
        *noted(question, "order_id"),
    )
    handover = hub().handover
    notes: tuple[str, ...] = (
        MATCHED,
        (
            f"Listed are orders from {handover.minimum_order} {question.currency} on, of the last {handover.back_days} "
            "days, of customers with a Salesforce account."
        ),
    )
    if handover.order_categories:
        notes += (f"Orders of nothing but {', '.join(handover.order_categories)} need no opportunity.",)
    if not rows.exists():
        notes = ("Every order that needs one has its opportunity.", *notes)
    return handover_answer(question, rows, columns, key="order_id", opens=order_page, noun="order", notes=notes)


REPORT = Report(
    name="order-without-opportunity",
    title="Ordered, but no opportunity",
    description="ERP orders that no Salesforce opportunity became.",
    group=GROUP,
    answer=answer,
    parameters=ASKED,
    sort="amount",
    rests_on=RESTS_ON,
    position=72,
    pages=(("Overview", "customers:handover"),),
)
