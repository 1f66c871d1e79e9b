"""Opportunities that Salesforce calls lost although an order came."""

from reports.columns import CellKind, Column
from reports.handover_rows import ASKED, GROUP, MATCHED, RESTS_ON, amount, worklist
from reports.shape import Answer, Question, Report


def answer(question: Question) -> Answer:
    """One row per lost opportunity with an order."""
    own = (
        amount("ordered", "Ordered", "ordered"),
        amount("lost", "Lost", "won"),
        Column(name="orders", label="Orders", kind=CellKind.COUNT, value="orders", wide=True),
        Column(name="proposed", label="Only proposed", kind=CellKind.COUNT, value="proposed", wide=True),
    )
    return worklist(question, "lost_ordered", own, empty="No lost opportunity has an order.", notes=(MATCHED,))


REPORT = Report(
    name="lost-but-ordered",
    title="Lost, but ordered",
    description="Opportunities closed as lost that have an ERP order.",
    group=GROUP,
    answer=answer,
    parameters=ASKED,
    sort="ordered",
    rests_on=RESTS_ON,
    position=74,
    pages=(("Overview", "customers:handover"),),
)
