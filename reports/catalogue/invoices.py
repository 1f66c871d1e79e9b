"""Every invoice, credit note and debit note of a period."""

from typing import Any

from django.db.models import DecimalField, IntegerField, Max, OuterRef, QuerySet, Subquery, Sum

from customers import counted, counted_receivables
from customers.hidden import OWED
from customers.known import mine, with_keys
from customers.models import Customer
from customers.parts import in_parts
from integration_hub.models.erp_billing import InvoiceKind, InvoiceStatus
from reports.columns import CellKind, Column, summed
from reports.document_rows import (
    CUSTOMER,
    CUSTOMER_NUMBER,
    OF_INVOICES,
    PERIOD,
    chosen,
    document_answer,
    in_words,
    page_of,
)
from reports.parameters import Parameter, ParameterKind
from reports.shape import Answer, Question, Report, label_of
from reports.years import OF_DOCUMENTS

KINDS = (("", "All"), ("invoice", "Invoices"), ("credit_note", "Credit notes"), ("debit_note", "Debit notes"))
KIND = Parameter(name="kind", label="Kind", kind=ParameterKind.CHOICE, choices=KINDS)
SHOW = Parameter(
    name="show", label="Columns", kind=ParameterKind.CHOICE, choices=(("", "Usual"), ("open", "With what is open"))
)

COLUMNS = (
    Column(name="number", label="Number", value="number"),
    Column(name="day", label="Date", kind=CellKind.DATE, value="revenue_on"),
    CUSTOMER,
    Column(name="kind", label="Kind", value=in_words("kind", InvoiceKind)),
    Column(name="due", label="Due", kind=CellKind.DATE, value="due_on"),
    summed(
        "revenue",
        "Revenue",
        CellKind.MONEY,
        "counted",
        definition="What the document adds to revenue, at the rate of its day. Empty where there is no rate.",
    ),
    Column(name="status", label="Status", value=in_words("status", InvoiceStatus), wide=True),
    Column(name="net", label="Net in its currency", kind=CellKind.AMOUNT, value="net_amount", wide=True),
    Column(name="gross", label="Gross in its currency", kind=CellKind.AMOUNT, value="gross_amount", wide=True),
    Column(name="currency", label="Currency", value="currency", wide=True),
    CUSTOMER_NUMBER,
    Column(name="reference", label="Customer's reference", value="customer_reference", wide=True),
)
GROSS = "What is open and overdue is what is still to be paid, tax included; revenue is without tax."
OPEN = (
    summed(
        "open",
        "Open",
        CellKind.MONEY,
        "open_part",
        definition="What is open of the document's items at the day, at their rate. Empty where nothing is.",
    ),
    summed(
        "overdue", "Overdue", CellKind.MONEY, "overdue_part", definition="The part of it that was due before the day."
    ),
    Column(
        name="late",
        label="Days overdue",
        kind=CellKind.DAYS,
        value="late_days",
        definition="Days since the oldest of its overdue items was due.",
    ),
)


def answer(question: Question) -> Answer:
    """One row per document that adds to revenue; the sum is the revenue of the period."""
    customers, period, words = chosen(question)
    customers = with_keys(customers)
    found = in_parts(counted.revenue(customers, period), mine(customers))
    kind = question.values.get("kind")
    if kind:
        found = found.filter(kind=kind)
    columns: tuple[Column, ...] = COLUMNS
    notes: tuple[str, ...] = ()
    if question.values.get("show") and question.hidden & OWED:
        notes = ("What is open is not shown to your role.",)
    elif question.values.get("show"):
        notes = (GROSS,)
        found, columns = _with_open(found, customers, question), (*COLUMNS[:6], *OPEN, *COLUMNS[6:])
    return document_answer(
        question,
        found,
        columns,
        opens=page_of("invoice"),
        keys={"key": "key"},
        noun="document",
        words=(*words, *((f"Kind: {label_of(KINDS, kind)}",) if kind else ())),
        notes=notes if found.exists() else ("No document of this period adds to revenue.",),
    )


def _with_open(found: counted.Documents, customers: QuerySet[Customer], question: Question) -> counted.Documents:
    """With open_part, overdue_part and late_days of each document's items at the day; null where it has none."""

    def of_items(items: counted.Documents, told: Any, kind: Any) -> Subquery:
        own = items.filter(invoice=OuterRef("pk")).order_by().values("invoice")
        return Subquery(own.annotate(told=told).values("told"), output_field=kind)

    amount: Any = DecimalField(max_digits=40, decimal_places=20)
    whose = mine(customers)
    # Documents that add to revenue have a rate, and so have their items.
    rated = counted_receivables.open_items(customers, question.as_of)
    open_items, overdue = in_parts(rated, whose), in_parts(rated.filter(days_late__gt=0), whose)
    return counted.annotated(
        found,
        open_part=of_items(open_items, Sum("counted"), amount),
        overdue_part=of_items(overdue, Sum("counted"), amount),
        late_days=of_items(overdue, Max("days_late"), IntegerField()),
    )


REPORT = Report(
    name="invoices",
    title="Invoices",
    description="Every invoice, credit note and debit note that adds to revenue.",
    group="Documents",
    answer=answer,
    parameters=(PERIOD, KIND, SHOW, *OF_DOCUMENTS),
    sort="day",
    rests_on=OF_INVOICES,
    position=60,
)
