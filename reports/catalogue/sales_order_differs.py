"""Salesforce orders that say something else than the orders of the ERP."""

from django.db.models.functions import Abs

from customers.handover.sales import APART, DIFFERENT
from reports.columns import CellKind, Column
from reports.handover_rows import ASKED, GROUP, RESTS_ON, tolerance_words
from reports.sales_order_rows import CANCELLED, DIFFERENCE, ORDERED, SOLD, STATE, worklist
from reports.shape import Answer, Question, Report

LARGEST = Column(name="apart", label="Apart", kind=CellKind.MONEY, value=Abs(APART))


def answer(question: Question) -> Answer:
    """One row per Salesforce order that differs."""
    notes = (
        (
            "They differ where amounts do beyond the tolerance, where the ERP’s order is cancelled, where a draft is "
            "ordered already, and where numbers name different orders."
        ),
        tolerance_words().replace("won amount", "Salesforce order’s amount"),
    )
    own = (DIFFERENCE, STATE, SOLD, ORDERED, CANCELLED)
    empty = "All Salesforce orders agree with the orders of the ERP."
    return worklist(question, DIFFERENT, own, empty=empty, notes=notes, order=LARGEST)


REPORT = Report(
    name=DIFFERENT.report,
    title=DIFFERENT.title,
    description="Salesforce orders whose ERP order has another amount, is cancelled, or is not certain.",
    group=GROUP,
    answer=answer,
    parameters=ASKED,
    sort="apart",
    rests_on=RESTS_ON,
    position=76,
    pages=(("Overview", "customers:handover"),),
)
