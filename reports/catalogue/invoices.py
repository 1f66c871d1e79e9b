"""Every invoice, credit note and debit note of a period."""

from customers import counted
from integration_hub.models.erp_billing import InvoiceKind, InvoiceStatus
from reports.columns import CellKind, Column, summed
from reports.document_rows import (
    CUSTOMER,
    CUSTOMER_NUMBER,
    OF_INVOICES,
    PERIOD,
    customers_seen,
    document_answer,
    in_words,
    page_of,
    period_of,
    period_words,
)
from reports.parameters import Parameter, ParameterKind
from reports.shape import Answer, Question, Report, label_of

KINDS = (("", "All"), ("invoice", "Invoices"), ("credit_note", "Credit notes"), ("debit_note", "Debit notes"))
KIND = Parameter(name="kind", label="Kind", kind=ParameterKind.CHOICE, choices=KINDS)


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
        "reporting_amount",
        definition="What the document adds to revenue, at the rate of its day. Empty where there is no rate.",
    ),
    Column(name="status", label="Status", value=in_words("status", InvoiceStatus), wide=True),
    Column(name="net", label="Net in its currency", kind=CellKind.AMOUNT, value="net_amount", wide=True),
    Column(name="gross", label="Gross in its currency", kind=CellKind.AMOUNT, value="gross_amount", wide=True),
    Column(name="currency", label="Currency", value="currency", wide=True),
    CUSTOMER_NUMBER,
    Column(name="reference", label="Customer's reference", value="customer_reference", wide=True),
)


def answer(question: Question) -> Answer:
    """One row per document that adds to revenue; the sum is the revenue of the period."""
    found = counted.revenue(customers_seen(question), period_of(question))
    kind = question.values.get("kind")
    if kind:
        found = found.filter(kind=kind)
    return document_answer(
        question,
        found,
        COLUMNS,
        opens=page_of("invoice"),
        keys={"key": "key"},
        noun="document",
        words=(period_words(question), *((f"Kind: {label_of(KINDS, kind)}",) if kind else ())),
        notes=() if found.exists() else ("No document of this period adds to revenue.",),
    )


REPORT = Report(
    name="invoices",
    title="Invoices",
    description="Every invoice, credit note and debit note that adds to revenue.",
    group="Documents",
    answer=answer,
    parameters=(PERIOD, KIND),
    sort="day",
    rests_on=OF_INVOICES,
    position=60,
)
