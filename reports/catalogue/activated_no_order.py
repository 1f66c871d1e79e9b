"""Salesforce orders that were activated, and that no order of the ERP followed."""

from customers.handover.sales import ACTIVATED
from integration_hub.config import hub
from reports.columns import CellKind, Column
from reports.handover_rows import ASKED, GROUP, RESTS_ON
from reports.sales_order_rows import DEAL, SINCE, SOLD, worklist
from reports.shape import Answer, Question, Report

POSSIBLE = Column(
    name="possible",
    label="Possible orders",
    kind=CellKind.COUNT,
    value="possible",
    wide=True,
    definition="Orders of the customer that fit equally well; choose one on the Salesforce order’s page.",
)
PO = Column(name="po", label="PO number", value="sales_order__po_number", wide=True)


def answer(question: Question) -> Answer:
    """One row per Salesforce order."""
    notes = (f"Listed from {hub().handover.late_days} days after the activation on.",)
    empty = "Every activated Salesforce order has its order in the ERP, or is not late yet."
    return worklist(question, ACTIVATED, (SOLD, PO, POSSIBLE, DEAL, SINCE), empty=empty, notes=notes, order=SOLD)


REPORT = Report(
    name=ACTIVATED.report,
    title=ACTIVATED.title,
    description="Salesforce orders in force that no ERP order followed in time.",
    group=GROUP,
    answer=answer,
    parameters=ASKED,
    sort="sold",
    rests_on=RESTS_ON,
    position=75,
    pages=(("Overview", "customers:handover"),),
)
