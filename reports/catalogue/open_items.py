"""Every open item of the day."""

from customers import counted_receivables
from customers.hidden import OWED
from customers.known import mine, with_keys
from customers.parts import in_parts
from reports.columns import CellKind, Column, summed
from reports.document_rows import CUSTOMER, CUSTOMER_NUMBER, customers_seen, document_answer, page_of
from reports.parameters import Parameter, ParameterKind
from reports.shape import Answer, Question, Report, label_of

CHOICES = (("", "All"), ("overdue", "Overdue only"))
SHOW = Parameter(name="show", label="Items", kind=ParameterKind.CHOICE, choices=CHOICES)
COLUMNS = (
    Column(name="number", label="Number", value="number"),
    Column(name="due", label="Due", kind=CellKind.DATE, value="due_on"),
    CUSTOMER,
    Column(
        name="late",
        label="Days overdue",
        kind=CellKind.DAYS,
        value="days_late",
        definition="Days since the item was due; negative while it is not due yet.",
    ),
    summed(
        "open",
        "Open",
        CellKind.MONEY,
        "counted",
        definition="What is open of the item at the day, at its rate; empty without one. Credits are not among open "
        "items.",
    ),
    Column(name="issued", label="Issued", kind=CellKind.DATE, value="issued_on", wide=True),
    Column(name="amount", label="Amount in its currency", kind=CellKind.AMOUNT, value="amount", wide=True),
    Column(name="open_now", label="Open in its currency", kind=CellKind.AMOUNT, value="open_now", wide=True),
    Column(name="currency", label="Currency", value="currency", wide=True),
    CUSTOMER_NUMBER,
)


def answer(question: Question) -> Answer:
    """One row per open item; the sum is the open amount, or the overdue amount."""
    chosen = counted_receivables.overdue if question.values.get("show") else counted_receivables.owed
    customers = with_keys(customers_seen(question))
    found = in_parts(chosen(customers, question.as_of), mine(customers))
    words = (label_of(CHOICES, question.values["show"]),) if question.values.get("show") else ()
    return document_answer(
        question,
        found,
        COLUMNS,
        opens=page_of("invoice"),
        keys={"key": "invoice_id"},
        noun="open item",
        words=words,
        notes=() if found.exists() else ("Nothing is open.",),
    )


REPORT = Report(
    name="open-items",
    title="Open items",
    description="Every invoice that is not paid, with what is open of it.",
    group="Documents",
    answer=answer,
    parameters=(SHOW,),
    sort="late",
    rests_on=OWED - {"credits_amount"},
    position=62,
)
