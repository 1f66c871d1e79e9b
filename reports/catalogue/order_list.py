"""Every order of a period."""

from django.db.models import F

from customers import counted
from customers.known import mine, with_keys
from customers.parts import in_parts
from integration_hub.models.erp_sales import OrderStatus
from reports.columns import CellKind, Column, summed
from reports.document_rows import (
    CUSTOMER,
    CUSTOMER_NUMBER,
    OF_ORDERS,
    PERIOD,
    chosen,
    document_answer,
    in_words,
    page_of,
)
from reports.shape import Answer, Question, Report
from reports.years import OF_DOCUMENTS

COLUMNS = (
    Column(name="number", label="Number", value="number"),
    Column(name="day", label="Ordered", kind=CellKind.DATE, value="ordered_on"),
    CUSTOMER,
    Column(name="status", label="Status", value=in_words("status", OrderStatus)),
    Column(name="promised", label="Promised", kind=CellKind.DATE, value="promised_on"),
    summed(
        "amount",
        "Net",
        CellKind.MONEY,
        "counted",
        definition="Net amount at the rate of the day it was ordered. Empty where there is no rate.",
    ),
    Column(name="delivered", label="Delivered whole", kind=CellKind.DATE, value="fully_delivered_on", wide=True),
    Column(name="net", label="Net in its currency", kind=CellKind.AMOUNT, value="net_amount", wide=True),
    Column(name="currency", label="Currency", value="currency", wide=True),
    CUSTOMER_NUMBER,
    Column(name="reference", label="Customer's reference", value="customer_reference", wide=True),
)


def answer(question: Question) -> Answer:
    """One row per order that was not cancelled; the sum is the order intake of the period."""
    customers, period, words = chosen(question)
    customers = with_keys(customers)
    found = counted.orders(customers, question.as_of).filter(counted.in_period("ordered_on", period))
    found = in_parts(counted.annotated(found, counted=F("reporting_amount")), mine(customers))
    return document_answer(
        question,
        found,
        COLUMNS,
        opens=page_of("order"),
        keys={"key": "key"},
        noun="order",
        words=words,
        notes=() if found.exists() else ("Nothing was ordered in this period.",),
    )


REPORT = Report(
    name="order-list",
    title="Orders",
    description="Every order of a period that was not cancelled.",
    group="Documents",
    answer=answer,
    parameters=(PERIOD, *OF_DOCUMENTS),
    sort="day",
    rests_on=OF_ORDERS,
    position=61,
)
